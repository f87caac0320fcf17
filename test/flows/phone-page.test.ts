import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import type { Browser, Locator } from 'playwright-core'
import { Body } from '../support/body.ts'
import { embody, openBrowser } from '../support/browser.ts'
import { signedRest } from '../support/rest.ts'
import { setStage } from '../support/stage.ts'
import { soonMs, within } from '../support/until.ts'

describe('the phone page', () => {
  const stage = setStage()
  let browser: Browser
  const faults: string[] = []
  beforeAll(async () => {
    browser = await openBrowser()
  })
  afterEach(async () => {
    await Promise.all(browser.contexts().map((context) => context.close()))
    expect(faults.splice(0)).toEqual([])
  })
  afterAll(() => browser.close())

  it('lets two people find, call and hear each other, mute, show themselves, and read why the call ended', async () => {
    const ann = await open('Ann', 440)
    const bob = await open('Bob', 660)
    await button(ann, 'Call Bob').click()
    await bob.page.getByRole('alert').filter({ hasText: 'Ann' }).waitFor()
    await button(bob, 'Answer').click()
    await Promise.all([ann.hears(bob), bob.hears(ann)])

    await button(ann, 'Mute').click()
    await button(ann, 'Unmute').waitFor()
    await bob.hearsNot(ann)
    await button(ann, 'Unmute').click()
    await bob.hears(ann)

    await button(ann, 'Turn camera on').click()
    await button(ann, 'Turn camera off').waitFor()
    await seesMovement(bob)

    await button(bob, 'Hang up').click()
    await Promise.all([reads(ann, 'The call with Bob has ended.'), reads(bob, 'The call with Ann has ended.')])
  })

  it('says when somebody declined', async () => {
    const ann = await open('Ann', 440)
    const bob = await open('Bob', 660)
    await button(ann, 'Call Bob').click()
    await button(bob, 'Decline').click()
    await reads(ann, 'Bob declined the call.')
  })

  it('says when the caller gave up before one answered', async () => {
    const ann = await open('Ann', 440)
    const bob = await open('Bob', 660)
    await button(ann, 'Call Bob').click()
    await button(bob, 'Answer').waitFor()
    await button(ann, 'Hang up').click()
    await reads(bob, 'Ann hung up before you answered.')
  })

  it('takes somebody off the list whose page was closed', async () => {
    const ann = await open('Ann', 440)
    const bob = await open('Bob', 660)
    await button(ann, 'Call Bob').waitFor()
    await bob.page.close()
    await button(ann, 'Call Bob').waitFor({ state: 'detached', timeout: soonMs })
  })

  it('lets three windows meet in a group by its link, and says how many stay when one leaves', async () => {
    const ann = await open('Ann', 440)
    await button(ann, 'Start a group').click()
    await reads(ann, 'You are the only one here.')
    const link = await ann.page.getByRole('textbox', { name: 'Link to hand on' }).inputValue()
    expect(link).toBe(ann.page.url())

    const [bob, cleo] = await Promise.all([open('Bob', 660, { at: link }), open('Cleo', 970, { at: link })])
    const all = [ann, bob, cleo]
    await Promise.all(all.map((one) => reads(one, 'You and 2 others are here.')))
    await Promise.all(all.flatMap((one) => all.filter((other) => other !== one).map((other) => one.hears(other))))

    await button(bob, 'Raise your hand').click()
    await button(cleo, 'Mute').click()
    await Promise.all([
      tile(ann, 'Bob').getByText('Hand raised').waitFor(),
      tile(ann, 'Cleo').getByText('Muted').waitFor(),
      ann.hearsNot(cleo),
    ])

    await button(bob, 'Leave').click()
    await Promise.all([reads(bob, 'You have left the group.'), reads(ann, 'You and one other person are here.')])
    await tile(ann, 'Bob').waitFor({ state: 'detached' })
    await ann.hearsNot(bob)
    await cleo.hears(ann)

    await button(bob, 'Join the group').click()
    await Promise.all([ann.hears(bob), bob.hears(ann)])
    await button(ann, 'More').click()
    await button(ann, 'End the call for everybody').click()
    await Promise.all(all.map((one) => reads(one, 'The call was ended for everybody.')))
  })

  it('shows to all in a call the screen that one of them shares, and rings a third one to come in', async () => {
    const ann = await open('Ann', 440)
    const bob = await open('Bob', 660)
    const cleo = await open('Cleo', 970)
    await button(ann, 'Call Bob').click()
    await button(bob, 'Answer').click()
    await ann.hears(bob)
    await button(ann, 'More').click()
    await button(ann, 'Add Cleo').click()
    await button(cleo, 'Answer').click()
    await Promise.all([cleo.hears(ann), cleo.hears(bob)])

    await button(bob, 'Share your screen').click()
    for (const one of [ann, cleo]) {
      await one.page.getByRole('figure').filter({ hasText: 'Bob shares a screen' }).waitFor()
      await seesMovement(one)
    }
    await button(bob, 'Stop sharing your screen').click()
    await ann.page.getByRole('figure').waitFor({ state: 'detached' })
  })

  it('puts a call on hold and resumes it', async () => {
    const ann = await open('Ann', 440)
    const bob = await open('Bob', 660)
    await button(ann, 'Call Bob').click()
    await button(bob, 'Answer').click()
    await ann.hears(bob)
    await button(ann, 'More').click()
    await button(ann, 'Put the call on hold').click()
    await Promise.all([reads(ann, 'The call is on hold.'), reads(bob, 'Ann has put you on hold.')])
    await Promise.all([ann.hearsNot(bob), bob.hearsNot(ann)])
    await button(ann, 'Resume').click()
    await Promise.all([ann.hears(bob), bob.hears(ann)])
  })

  it('opens the door of a room to who waits, and tells who is not invited what to do', async () => {
    const ann = await open('Ann', 440)
    const bob = await open('Bob', 660)
    const cleo = await open('Cleo', 970)
    const { id: roomId } = await stage.platform.rooms.createRoom({
      participants: [
        { id: { communicationUserId: await userOf(ann) }, role: 'Presenter' },
        { id: { communicationUserId: await userOf(bob) }, role: 'Attendee' },
      ],
    })
    const target = `/rooms/${roomId}?api-version=2025-03-13`
    await signedRest(stage.platform, 'PATCH', target, JSON.stringify({ lobbyEnabled: true }))
    await join(ann, roomId)
    await reads(ann, 'You are the only one here.')
    await join(bob, roomId)
    await reads(bob, 'Waiting to be let in …')
    await button(ann, 'Reject Bob').click()
    await reads(bob, 'Nobody let you in.')
    await button(bob, 'Join the room').click()
    await button(ann, 'Admit Bob').click()
    await Promise.all([ann.hears(bob), bob.hears(ann)])

    await join(cleo, roomId)
    await reads(cleo, 'You are not invited to this room.')
    const address = cleo.page.getByRole('textbox', { name: 'Your address, for the list of the room' })
    expect(await address.inputValue()).toBe(await userOf(cleo))
    await button(cleo, 'Not now').click()
    await join(cleo, 'no room')
    await reads(cleo, 'This leads to no group and no room.')
  })

  it('tests devices and network, and lets one hear oneself', async () => {
    const ann = await open('Ann', 440)
    await button(ann, 'Check my devices').click()
    await ann.page.getByRole('heading', { name: 'What the test has found' }).waitFor()
    await ann.page.getByText('Everything is ready for calls.').waitFor()
    await button(ann, 'Call the echo').click()
    await reads(ann, 'The echo is listening.')
    await ann.hearsSound()
    await button(ann, 'Hang up').click()
    await reads(ann, 'The call with Echo has ended.')
  })

  it("fits a phone's width, and can be used from the keyboard alone", async () => {
    const phone = { width: 360, height: 740 }
    const ann = await open('Ann', 440, { viewport: phone })
    const bob = await open('Bob', 660, { viewport: phone })
    expect(await ann.page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360)
    await button(ann, 'Call Bob').focus()
    await ann.page.keyboard.press('Enter')
    await button(bob, 'Answer').focus()
    await bob.page.keyboard.press('Enter')
    await ann.hears(bob)
    expect(await ann.page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360)
    for (const name of ['Mute', 'Turn camera on', 'Share your screen', 'More', 'Hang up']) {
      const box = await button(ann, name).boundingBox()
      // WCAG 2.2, 2.5.8 asks for 24; a thumb wants more.
      expect(Math.min(box?.width ?? 0, box?.height ?? 0)).toBeGreaterThanOrEqual(40)
    }
  })

  async function open(
    name: string,
    toneHz: number,
    { viewport = { width: 1100, height: 800 }, at = '/' } = {},
  ): Promise<Body> {
    const context = await browser.newContext({ viewport })
    context.setDefaultTimeout(soonMs)
    await embody(context, { toneHz, picture: { width: 640, height: 360 } })
    const page = await context.newPage()
    page.on('pageerror', (error) => faults.push(`${name}: ${error.message}`))
    await page.goto(new URL(at, stage.platform.url).href)
    await page.getByRole('textbox', { name: 'Your name' }).fill(name)
    await page.getByRole('button', { name: 'Continue', exact: true }).click()
    return new Body({ name, page, toneHz })
  }
})

/** Types where somebody wants to go, and goes. */
async function join({ page }: Body, linkOrId: string): Promise<void> {
  await page.getByRole('textbox', { name: 'Join a group or a room' }).fill(linkOrId)
  await page.getByRole('button', { name: 'Join', exact: true }).click()
}

/** The id of who has this page: of use for the list of a room, which a server app makes. */
function userOf({ page }: Body): Promise<string> {
  return page.evaluate(() => JSON.parse(sessionStorage.getItem('parley.identity') ?? '{}').user)
}

/** Somebody's place among those in the call. */
function tile({ page }: Body, name: string): Locator {
  return page.getByRole('list', { name: 'People in the call' }).getByRole('listitem').filter({ hasText: name })
}

function button({ page }: Body, name: string): Locator {
  return page.getByRole('button', { name, exact: true })
}

async function reads({ page }: Body, sentence: string): Promise<void> {
  await page.getByRole('status').filter({ hasText: sentence }).waitFor()
}

/** The picture on the page moves: there is no other than that of who shows himself, or his screen. */
async function seesMovement({ page }: Body): Promise<void> {
  await page.waitForFunction(() => document.querySelector('video')?.videoWidth)
  const seen = page.evaluate(async () => {
    const video = document.querySelector('video')
    return video === null ? undefined : eyes.watch(video)
  })
  expect(await within(soonMs, 'moving picture', seen)).toBeDefined()
}

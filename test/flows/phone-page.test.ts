import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import type { Browser, Locator } from 'playwright-core'
import { Body } from '../support/body.ts'
import { embody, openBrowser } from '../support/browser.ts'
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

  it("fits a phone's width, and can be used from the keyboard alone", async () => {
    const ann = await open('Ann', 440, { width: 360, height: 740 })
    const bob = await open('Bob', 660, { width: 360, height: 740 })
    expect(await ann.page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360)
    await button(ann, 'Call Bob').focus()
    await ann.page.keyboard.press('Enter')
    await button(bob, 'Answer').focus()
    await bob.page.keyboard.press('Enter')
    await ann.hears(bob)
    expect(await ann.page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360)
    for (const name of ['Mute', 'Turn camera on', 'Hang up']) {
      const box = await button(ann, name).boundingBox()
      // WCAG 2.2, 2.5.8 asks for 24; a thumb wants more.
      expect(Math.min(box?.width ?? 0, box?.height ?? 0)).toBeGreaterThanOrEqual(40)
    }
  })

  async function open(name: string, toneHz: number, viewport = { width: 1100, height: 800 }): Promise<Body> {
    const context = await browser.newContext({ viewport })
    context.setDefaultTimeout(soonMs)
    await embody(context, { toneHz, picture: { width: 640, height: 360 } })
    const page = await context.newPage()
    page.on('pageerror', (error) => faults.push(`${name}: ${error.message}`))
    await page.goto(stage.platform.url)
    await page.getByRole('textbox', { name: 'Your name' }).fill(name)
    await page.getByRole('button', { name: 'Continue', exact: true }).click()
    return new Body({ name, page, toneHz })
  }
})

function button({ page }: Body, name: string): Locator {
  return page.getByRole('button', { name, exact: true })
}

async function reads({ page }: Body, sentence: string): Promise<void> {
  await page.getByRole('status').filter({ hasText: sentence }).waitFor()
}

/** Some picture on the page moves: here nobody but the other one shows any. */
async function seesMovement({ page }: Body): Promise<void> {
  await page.waitForFunction(() => document.querySelector('video')?.videoWidth)
  const seen = page.evaluate(async () => {
    const video = document.querySelector('video')
    return video === null ? undefined : eyes.watch(video)
  })
  expect(await within(soonMs, 'moving picture', seen)).toBeDefined()
}

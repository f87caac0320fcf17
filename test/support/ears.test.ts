import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { Browser, Page } from 'playwright-core'
import { negotiate } from './bare-connection.ts'
import { embody, openBrowser } from './browser.ts'
import { until, within } from './until.ts'

/** Two people on a bare connection, without Parley: what is tested here is the tests' own hearing and sight. */
let browser: Browser
let ann: Page
let bob: Page

beforeAll(async () => {
  browser = await openBrowser()
  ;[ann, bob] = await Promise.all([openPage(440), openPage(660)])
  await connect(ann, bob)
}, 30_000)
afterAll(() => browser.close())

describe('the ears', () => {
  it('hear the other one, and not themselves', async () => {
    await hears(ann, 660)
    await hears(bob, 440)
    expect(await level(ann, 440)).toBe('silent')
    expect(await level(bob, 660)).toBe('silent')
    // The first sound out of silence is a click that has a little of every tone.
    const own = await ann.evaluate(() => ears.hearing(440))
    expect(own.longestToneMs).toBeLessThan(100)
  })

  it('hear no tone that is near the one hummed', async () => {
    await hears(ann, 660)
    // While the jitter buffer finds its length it stretches the sound, which smears the spectrum.
    await until('clean spectrum', async () => {
      const levels = await ann.evaluate(() => [630, 690, 1320].map((toneHz) => ears.levelDbfs(toneHz)))
      return Math.max(...levels) < -55 ? { found: true } : { sawOnly: `${levels.join(', ')} dBFS` }
    })
    const others = await ann.evaluate(() => Promise.all([970, 1190].map((toneHz) => ears.hearing(toneHz))))
    expect(others).toMatchObject([{ isHeard: false }, { isHeard: false }])
  })

  it('notice at once when the other one is muted, and when he is back', async () => {
    await hears(ann, 660)
    await bob.evaluate(() => speaking().forEach((track) => (track.enabled = false)))
    await until('silence at 660 Hz', async () =>
      (await level(ann, 660)) === 'silent' ? { found: true } : { sawOnly: 'the tone' },
    )
    await bob.evaluate(() => speaking().forEach((track) => (track.enabled = true)))
    await hears(ann, 660)
  })

  it('hear a track as loud as the page plays it', async () => {
    await hears(ann, 660)
    await ann.evaluate(() => {
      const tracks = bare.getReceivers().map(({ track }) => track)
      const player = Object.assign(new Audio(), { srcObject: new MediaStream(tracks), muted: true })
      Object.assign(globalThis, { player: () => player })
    })
    await until('silence at 660 Hz', async () =>
      (await level(ann, 660)) === 'silent' ? { found: true } : { sawOnly: 'the tone' },
    )
    expect(await ann.evaluate(() => ears.receives('audio', 300))).toBe(true)
    await ann.evaluate(() => void (player().muted = false))
    await hears(ann, 660)
  })

  it('measure the longest gap in a tone', async () => {
    await hears(ann, 660)
    await ann.evaluate(() => ears.hearing(660, true))
    const silentMs = await bob.evaluate(async () => {
      const from = performance.now()
      for (const track of speaking()) track.enabled = false
      await new Promise((resolve) => setTimeout(resolve, 400))
      for (const track of speaking()) track.enabled = true
      return performance.now() - from
    })
    await until('tone after the gap', async () => {
      const { isHeard, longestGapMs } = await ann.evaluate(() => ears.hearing(660))
      return isHeard && longestGapMs > 200 ? { found: true } : { sawOnly: `a gap of ${longestGapMs} ms` }
    })
    const { longestGapMs } = await ann.evaluate(() => ears.hearing(660))
    // The jitter buffer may stretch what it has over the start of a gap, and ramps the end in.
    expect(longestGapMs).toBeGreaterThan(silentMs - 150)
    expect(longestGapMs).toBeLessThan(silentMs + 150)
  })

  it('find no gap in a tone that flows', async () => {
    await hears(ann, 660)
    await ann.evaluate(() => ears.hearing(660, true))
    const heard = await ann.evaluate(async () => {
      await new Promise((resolve) => setTimeout(resolve, 1500)) // the stretch that is listened to
      return ears.hearing(660)
    })
    expect(heard).toMatchObject({ isHeard: true, longestGapMs: 0 })
  })
})

describe('the eyes', () => {
  it('see that a picture moves, and how large it is', async () => {
    const seen = await within(
      10_000,
      'moving picture',
      ann.evaluate(() => eyes.watch(video())),
    )
    expect(seen).toMatchObject({ width: 320, height: 180 })
  })

  it('do not take a still picture for a moving one', async () => {
    await bob.evaluate(() => pictures().forEach((track) => (track.enabled = false)))
    await until('still picture', async () => {
      const isStill = await ann.evaluate(() => eyes.isStill(video(), 500))
      return isStill ? { found: true } : { sawOnly: 'movement' }
    })
    const moves = ann.evaluate(() => eyes.watch(video()))
    const stays = ann.evaluate(() => eyes.isStill(video(), 1000))
    expect(await Promise.race([moves, stays])).toBe(true)
    await bob.evaluate(() => pictures().forEach((track) => (track.enabled = true)))
    expect(await within(10_000, 'moving picture', moves)).toMatchObject({ width: 320 })
  })
})

declare const speaking: () => MediaStreamTrack[]
declare const pictures: () => MediaStreamTrack[]
declare const player: () => HTMLAudioElement
declare const video: () => HTMLVideoElement

async function openPage(toneHz: number): Promise<Page> {
  const context = await browser.newContext()
  await embody(context, { toneHz, picture: { width: 320, height: 180 } })
  const page = await context.newPage()
  await page.route('http://localhost/', (route) => route.fulfill({ contentType: 'text/html', body: '<!doctype html>' }))
  await page.goto('http://localhost/')
  return page
}

/** Gives each page a connection with its voice and its picture, and joins the two. */
async function connect(one: Page, other: Page): Promise<void> {
  for (const page of [one, other]) {
    await page.evaluate(async () => {
      globalThis.bare = new RTCPeerConnection()
      const stream = await navigator.mediaDevices.getUserMedia({ audio: true, video: true })
      for (const track of stream.getTracks()) bare.addTrack(track, stream)
      const video = document.createElement('video')
      document.body.append(Object.assign(video, { muted: true, autoplay: true }))
      bare.addEventListener('track', ({ track }) => {
        if (track.kind === 'video') video.srcObject = new MediaStream([track])
      })
      Object.assign(globalThis, {
        speaking: () => stream.getAudioTracks(),
        pictures: () => stream.getVideoTracks(),
        video: () => video,
      })
    })
  }
  await negotiate(one, other)
}

async function level(page: Page, toneHz: number): Promise<'heard' | 'silent'> {
  return (await page.evaluate((hz) => ears.levelDbfs(hz), toneHz)) > -55 ? 'heard' : 'silent'
}

/** A steady tone: while it begins, the spectrum has a little of everything. */
function hears(page: Page, toneHz: number): Promise<true> {
  return until(`tone of ${toneHz} Hz`, async () => {
    const dbfs = await page.evaluate((hz) => ears.levelDbfs(hz), toneHz)
    const { isHeard, forMs } = await page.evaluate((hz) => ears.hearing(hz), toneHz)
    return dbfs > -55 && isHeard && forMs >= 300 ? { found: true } : { sawOnly: `${dbfs} dBFS for ${forMs} ms` }
  })
}

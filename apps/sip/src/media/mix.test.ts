import { afterAll, afterEach, describe, expect, it, jest } from '@jest/globals'
import { eventually } from './testing/eventually.ts'
import type { Heard } from './testing/far-phone.ts'
import { LineUp } from './testing/line-up.ts'

// Real time passes here, on a machine that may be busy.
jest.setTimeout(30_000)

const line = new LineUp(46_000)
const two = new LineUp(48_000, { threads: 2 })
afterEach(() => line.clears())
afterAll(() => Promise.all([line.close(), two.close()]))

const tones = [350, 500, 700, 950, 1_300]

/** By the time that the packets themselves have: this process may have been busy when they came. */
function longestGapMs(packets: readonly Heard[]): number {
  const steps = packets.slice(1).map(({ timestamp }, n) => (timestamp - (packets[n]?.timestamp ?? timestamp)) | 0)
  return Math.max(...steps) / 8
}

/** The longest time without this tone, in frames of 20 ms, between when it is first and last heard. */
function longestSilence(frames: readonly boolean[]): number {
  const [first, last] = [frames.indexOf(true), frames.lastIndexOf(true)]
  let [longest, current] = [0, 0]
  for (const isHeard of frames.slice(first, last)) {
    current = isHeard ? 0 : current + 1
    longest = Math.max(longest, current)
  }
  return longest
}

describe('a group of three browsers and two phones', () => {
  it('has every phone hear all others, and not itself', async () => {
    const ann = await line.seats('PCMU')
    const bob = await line.seats('PCMA')
    // What the sfu sends over each phone's transport: the browsers, and the other phone as it came.
    const browsers = ['browser-1', 'browser-2', 'browser-3']
    const [annsVoice, bobsVoice] = [bob.sfu.speaker('PCMU', 'ann'), ann.sfu.speaker('PCMA', 'bob')]
    const annHears = [...browsers.map((id) => ann.sfu.speaker('opus', id)), bobsVoice]
    const bobHears = [...browsers.map((id) => bob.sfu.speaker('opus', id)), annsVoice]
    await ann.leg.hear(annHears.map(({ consumer }) => consumer))
    await bob.leg.hear(bobHears.map(({ consumer }) => consumer))
    for (const [n, speaker] of annHears.entries()) speaker.says(tones[n] ?? 0, 4_000)
    for (const [n, speaker] of bobHears.entries()) speaker.says(tones[n === 3 ? 4 : n] ?? 0, 4_000)
    await eventually('ann hears four', () => ann.phone.hears(tones).length === 4)
    await eventually('bob hears four', () => bob.phone.hears(tones).length === 4)
    expect(ann.phone.hears(tones)).toEqual([350, 500, 700, 950])
    expect(bob.phone.hears(tones)).toEqual([350, 500, 700, 1_300])
    expect(await ann.leg.stats()).toMatchObject({ mode: 'mix' })
  })
})

describe('a phone that hears a mix', () => {
  it('hears a browser that speaks Opus to it alone', async () => {
    const { phone, leg, sfu } = await line.seats('PCMU')
    const browser = sfu.speaker('opus')
    await leg.hear([browser.consumer])
    browser.says(700)
    await eventually('the browser', () => phone.hears([700]).length > 0)
  })

  it('hears in G.722, and is heard in Opus', async () => {
    const { phone, leg, sfu, track } = await line.seats('G722')
    const [one, other] = [sfu.speaker('opus'), sfu.speaker('PCMU')]
    await leg.hear([one.consumer, other.consumer])
    one.says(700, 5_000)
    other.says(1_300, 5_000)
    phone.says(440, leg.ports.rtp)
    await eventually('both', () => phone.hears([700, 1_300]).length === 2)
    await eventually('the phone', () => sfu.heard.length > 20)
    expect(sfu.heard.at(-1)).toMatchObject({ ssrc: track.ssrc, payloadType: 111 })
  })

  it('is told something above the others, who are quieter meanwhile, and hears no music through them', async () => {
    const { phone, leg, sfu } = await line.seats('PCMU')
    const [one, other] = [sfu.speaker('PCMU'), sfu.speaker('PCMU')]
    await leg.hear([one.consumer, other.consumer])
    one.says(700, 5_000)
    await eventually('who speaks', () => phone.hears([700]).length > 0)
    const said = leg.playPrompt('muted')
    await eventually('quieter', () => phone.hears([700]).length === 0)
    expect(await said).toBe(true)
    await eventually('as loud as before', () => phone.hears([700]).length > 0)
    await leg.playMusic(true)
    await eventually(
      'music alone',
      () => phone.hears([700]).length === 0 && phone.hears([261.63, 329.63], 500).length > 0,
    )
  })

  it('hears on when packets are lost, come twice as late, or are nonsense', async () => {
    const { phone, leg, sfu } = await line.seats('PCMU')
    const [one, other] = [sfu.speaker('opus'), sfu.speaker('opus')]
    await leg.hear([one.consumer, other.consumer])
    one.lossEvery = 7
    one.says(700)
    await eventually('some of it', () => phone.hears([700]).length > 0)
    const from = phone.heard.length
    await eventually('a second', () => phone.heard.length > from + 50)
    const sound = phone.sound.slice(from)
    expect(longestGapMs(sound)).toBeLessThan(200)
    expect(phone.hears([700], 900)).toEqual([700])
  })
})

describe('a call of two that becomes one of three', () => {
  it('goes from relay to mix and back without a gap of 200 ms', async () => {
    const { phone, leg, sfu } = await line.seats('PCMU')
    const [bob, carol] = [sfu.speaker('PCMU'), sfu.speaker('opus')]
    await leg.hear([bob.consumer])
    bob.says(700)
    await eventually('bob', () => phone.hears([700]).length > 0)
    expect((await leg.stats()).mode).toBe('relay')
    await leg.hear([bob.consumer, carol.consumer])
    carol.says(1_300)
    await eventually('both', () => phone.hears([700, 1_300]).length === 2)
    expect((await leg.stats()).mode).toBe('mix')
    await leg.hear([bob.consumer])
    await eventually('bob alone', () => phone.hears([700, 1_300]).join(',') === '700')
    expect((await leg.stats()).mode).toBe('relay')
    expect(longestGapMs(phone.sound)).toBeLessThan(200)
    const frames = phone.sound.map((_, n) => phone.hearsAt(n, 700))
    expect(longestSilence(frames) * 20).toBeLessThan(200)
    expect(new Set(phone.sound.map(({ ssrc }) => ssrc)).size).toBe(1)
  })
})

describe('a sound that comes over the transports of two phones', () => {
  it('goes on when the phone is gone over whose transport it came', async () => {
    const [ann, bob] = [await line.seats('PCMU'), await line.seats('PCMU')]
    const [toAnn, toBob] = [ann.sfu.speaker('PCMA', 'carol'), bob.sfu.speaker('PCMA', 'carol')]
    await ann.leg.hear([toAnn.consumer])
    await bob.leg.hear([toBob.consumer])
    toAnn.says(700)
    await eventually('bob hears carol over ann', () => bob.phone.hears([700]).length > 0)
    toBob.says(700)
    await ann.leg.close()
    await eventually('bob still hears carol', () => bob.phone.hears([700]).length > 0)
    const from = bob.phone.heard.length
    await eventually('half a second', () => bob.phone.heard.length > from + 25)
    expect(bob.phone.hears([700], 400)).toEqual([700])
  })
})

describe('two calls in two threads', () => {
  it('do not mix up each other', async () => {
    const seated = [await two.seats('PCMU', { call: 'one' }), await two.seats('PCMU', { call: 'other' })]
    for (const [n, { leg, sfu }] of seated.entries()) {
      const browser = sfu.speaker('opus')
      await leg.hear([browser.consumer])
      browser.says(tones[n] ?? 0)
    }
    for (const [n, { phone }] of seated.entries()) {
      await eventually('its own browser', () => phone.hears(tones).length > 0)
      const from = phone.heard.length
      await eventually('a second of it', () => phone.heard.length > from + 50)
      expect(phone.hears(tones, 900)).toEqual([tones[n]])
    }
  })
})

/**
 * A connection between two pages that goes past the platform. What a busy machine does to its sound it does to every
 * sound, so it is the reference beside which gaps are measured.
 */
import type { Page } from 'playwright-core'
import type { Body } from './body.ts'
import { referenceTonesHz } from './tones.ts'

declare global {
  /** The page's end of the bare connection. */
  var bare: RTCPeerConnection
}

/** A longer gap is one that a listener notices. */
const noticeableGapMs = 200

export class BareConnection {
  readonly #ends: readonly [Body, Body]

  private constructor(ends: readonly [Body, Body]) {
    this.#ends = ends
  }

  /** Connects two people whose pages have ears. Each hums a tone into it that is nobody's voice. */
  static async between(one: Body, other: Body): Promise<BareConnection> {
    await hum(one.page, referenceTonesHz[0])
    await hum(other.page, referenceTonesHz[1])
    await negotiate(one.page, other.page)
    return new BareConnection([one, other])
  }

  /**
   * Switches both tones on or off, and says how long each took until it was heard, or was silent, at the other end: what
   * jitter buffers and a busy machine take, and nothing else. They were as they were not for a while before.
   */
  async lagsMs(isHeard: boolean): Promise<[number, number]> {
    const [one, other] = this.#ends
    await Promise.all([other.changedAt(referenceTonesHz[0], !isHeard), one.changedAt(referenceTonesHz[1], !isHeard)])
    const took = async (from: Body, to: Body, toneHz: number): Promise<number> => {
      const switchedAt = await from.page.evaluate((isHeard) => {
        for (const { track } of bare.getSenders()) if (track !== null) track.enabled = isHeard
        return Date.now()
      }, isHeard)
      return (await to.changedAt(toneHz, isHeard)) - switchedAt
    }
    return Promise.all([took(one, other, referenceTonesHz[0]), took(other, one, referenceTonesHz[1])])
  }

  /** Above this, a gap since listens() cannot be put down to the machine. */
  async bearableGapMs(): Promise<number> {
    const [one, other] = this.#ends
    const heard = await Promise.all([
      one.page.evaluate((toneHz) => ears.hearing(toneHz), referenceTonesHz[1]),
      other.page.evaluate((toneHz) => ears.hearing(toneHz), referenceTonesHz[0]),
    ])
    return noticeableGapMs + Math.max(...heard.map(({ longestGapMs }) => longestGapMs))
  }
}

/** Joins the `bare` connections of two pages: offer from one, answer from the other, each with all its candidates. */
export async function negotiate(one: Page, other: Page): Promise<void> {
  const offer = await one.evaluate(describeOwnEnd, undefined)
  const answer = await other.evaluate(describeOwnEnd, offer)
  await one.evaluate((answer) => bare.setRemoteDescription(answer), answer)
}

async function describeOwnEnd(offer?: RTCSessionDescriptionInit): Promise<RTCSessionDescriptionInit> {
  if (offer !== undefined) await bare.setRemoteDescription(offer)
  const gathered = new Promise<void>((resolve) => {
    bare.addEventListener('icegatheringstatechange', () => bare.iceGatheringState === 'complete' && resolve())
  })
  await bare.setLocalDescription()
  await gathered
  if (bare.localDescription === null) throw new Error('The connection has no description of its own.')
  return bare.localDescription.toJSON()
}

async function hum(page: Page, toneHz: number): Promise<void> {
  await page.evaluate((toneHz) => {
    const context = new AudioContext({ sampleRate: 48_000 })
    const oscillator = new OscillatorNode(context, { frequency: toneHz })
    const gain = new GainNode(context, { gain: 0.2 })
    const out = new MediaStreamAudioDestinationNode(context)
    oscillator.connect(gain).connect(out)
    oscillator.start()
    globalThis.bare = new RTCPeerConnection()
    for (const track of out.stream.getTracks()) bare.addTrack(track, out.stream)
  }, toneHz)
}

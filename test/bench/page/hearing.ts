/**
 * When a sound begins, to a few milliseconds. Unlike the meter of the tests this asks the audio thread for the moment,
 * because the page's own thread is busy just when a call is answered. Runs in the page, before its own scripts.
 */

declare global {
  /** Waits for a sound, and gives the moment at which it began (ms since 1970). */
  var soundBegins: (limitMs: number) => Promise<number>
  /** Waits until nothing has been heard for a while. */
  var silence: (limitMs: number) => Promise<void>
}

/** What the worklet tells: since when there has been sound, or silence, by the clock of the audio thread. */
export type Heard = { isSound: boolean; sinceS: number }

declare class AudioWorkletProcessor {
  readonly port: MessagePort
}
declare function registerProcessor(name: string, processor: new () => AudioWorkletProcessor): void
declare const currentTime: number

/** `ear.toString()` is the text of a worklet. It takes 20 ms for a sound, or for a silence. */
export function ear(): void {
  const enoughBlocks = 8 // of 128 samples
  const audible = 0.05 // a person hums at 0.5

  class Ear extends AudioWorkletProcessor {
    isSound = false
    blocks = 0
    sinceS = 0

    process([input]: Float32Array[][]): boolean {
      const samples = input?.[0] ?? []
      const isLoud = samples.some((sample) => Math.abs(sample) > audible)
      if (isLoud === this.isSound) this.blocks = 0
      else {
        if (this.blocks === 0) this.sinceS = currentTime
        this.blocks += 1
      }
      if (this.blocks === enoughBlocks) {
        this.isSound = isLoud
        this.port.postMessage({ isSound: isLoud, sinceS: this.sinceS } satisfies Heard)
      }
      return true
    }
  }
  registerProcessor('ear', Ear)
}

export function hearing({ earSource }: { earSource: string }): void {
  type Ear = { context: AudioContext; mix: GainNode }
  /** How far the clock of the audio thread is behind the page's: the smallest distance seen lately is the true one. */
  const distances: { seenAtMs: number; ms: number }[] = []
  const listeners = new Set<(heard: Heard) => void>()
  let last: Heard = { isSound: false, sinceS: -1 }
  let opening: Promise<Ear> | undefined

  async function open(): Promise<Ear> {
    const context = new AudioContext({ sampleRate: 48_000 })
    const source = URL.createObjectURL(new Blob([earSource], { type: 'text/javascript' }))
    await context.audioWorklet.addModule(source)
    URL.revokeObjectURL(source)
    const node = new AudioWorkletNode(context, 'ear', { channelCount: 1, channelCountMode: 'explicit' })
    node.port.onmessage = ({ data }: MessageEvent<Heard>) => {
      last = data
      for (const listener of listeners) listener(data)
    }
    const mix = new GainNode(context)
    // A worklet that leads nowhere is not run.
    mix
      .connect(node)
      .connect(new GainNode(context, { gain: 0 }))
      .connect(context.destination)
    setInterval(() => {
      const now = performance.now()
      distances.push({ seenAtMs: now, ms: now - context.currentTime * 1000 })
      while (distances[0] !== undefined && distances[0].seenAtMs < now - 1000) distances.shift()
    }, 5)
    return { context, mix }
  }

  async function hear(track: MediaStreamTrack): Promise<void> {
    opening ??= open()
    const { context, mix } = await opening
    const stream = new MediaStream([track])
    // Chromium lets a remote track flow into Web Audio only while some element plays it as well.
    const player = Object.assign(new Audio(), { muted: true, srcObject: stream })
    void player.play()
    new MediaStreamAudioSourceNode(context, { mediaStream: stream }).connect(mix)
  }

  globalThis.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(configuration?: RTCConfiguration) {
      super(configuration)
      this.addEventListener('track', ({ track }) => void hear(track))
    }
  }

  function next(what: string, limitMs: number, matches: (heard: Heard) => boolean): Promise<Heard> {
    const { promise, resolve, reject } = Promise.withResolvers<Heard>()
    const late = setTimeout(() => reject(new Error(`There was no ${what} within ${limitMs} ms.`)), limitMs)
    const listener = (heard: Heard) => {
      if (!matches(heard)) return
      clearTimeout(late)
      listeners.delete(listener)
      resolve(heard)
    }
    listeners.add(listener)
    return promise
  }

  globalThis.soundBegins = async (limitMs) => {
    opening ??= open()
    const { sinceS } = await next('sound', limitMs, ({ isSound }) => isSound)
    const distanceMs = Math.min(...distances.map(({ ms }) => ms))
    return performance.timeOrigin + sinceS * 1000 + distanceMs
  }
  globalThis.silence = async (limitMs) => {
    if (last.isSound) await next('silence', limitMs, ({ isSound }) => !isSound)
  }
}

/**
 * Tells, tone by tone, when it is heard and for how long it was not. Runs as an audio worklet, on the samples that the
 * speaker would play: its longest gap is the one that a user would notice, whatever the packets did.
 */

/** What the meter knows of one tone. The longest gap and the longest tone count from when somebody began to listen. */
export type Hearing = { isHeard: boolean; forMs: number; longestGapMs: number; longestToneMs: number }

declare class AudioWorkletProcessor {
  readonly port: MessagePort
}
declare function registerProcessor(name: string, processor: new () => AudioWorkletProcessor): void
declare const sampleRate: number

export type MeterQuestion = { id: number; listen: boolean }
export type MeterAnswer = { id: number; hearings: Record<number, Hearing> }

export function meter(tonesHz: number[]): void {
  const windowMs = 20
  const size = (sampleRate * windowMs) / 1000
  /** A tone at half of full scale comes out near -10 dBFS; what leaks from a neighbour stays below -50. */
  const thresholdDbfs = -40

  // A Hann window: without it, tones that are 200 Hz apart leak into each other's 20 ms.
  const hann = Float32Array.from({ length: size }, (_, n) => 0.5 - 0.5 * Math.cos((2 * Math.PI * n) / size))
  const tones = tonesHz.map((toneHz) => ({
    toneHz,
    cosine: hann.map((weight, n) => weight * Math.cos((2 * Math.PI * toneHz * n) / sampleRate)),
    sine: hann.map((weight, n) => weight * Math.sin((2 * Math.PI * toneHz * n) / sampleRate)),
    hearing: { isHeard: false, forMs: 0, longestGapMs: 0, longestToneMs: 0 } as Hearing,
  }))

  function levelDbfs(samples: Float32Array, cosine: Float32Array, sine: Float32Array): number {
    let real = 0
    let imaginary = 0
    for (let n = 0; n < size; n += 1) {
      real += (samples[n] ?? 0) * (cosine[n] ?? 0)
      imaginary += (samples[n] ?? 0) * (sine[n] ?? 0)
    }
    // Half of the Hann window's area is the gain of a full-scale tone.
    return 20 * Math.log10((4 * Math.hypot(real, imaginary)) / size)
  }

  function hear(samples: Float32Array): void {
    for (const { cosine, sine, hearing } of tones) {
      const isHeard = levelDbfs(samples, cosine, sine) > thresholdDbfs
      hearing.forMs = (isHeard === hearing.isHeard ? hearing.forMs : 0) + windowMs
      hearing.isHeard = isHeard
      const longest = isHeard ? 'longestToneMs' : 'longestGapMs'
      hearing[longest] = Math.max(hearing[longest], hearing.forMs)
    }
  }

  function listen(): void {
    for (const { hearing } of tones) Object.assign(hearing, { forMs: 0, longestGapMs: 0, longestToneMs: 0 })
  }

  class Meter extends AudioWorkletProcessor {
    readonly heard = new Float32Array(size)
    filled = 0

    constructor() {
      super()
      this.port.onmessage = ({ data: question }: MessageEvent<MeterQuestion>) => {
        if (question.listen) listen()
        const hearings = Object.fromEntries(tones.map(({ toneHz, hearing }) => [toneHz, hearing]))
        this.port.postMessage({ id: question.id, hearings } satisfies MeterAnswer)
      }
    }

    process(inputs: Float32Array[][]): boolean {
      // Nothing connected is silence, and silence is what the meter is there to measure.
      const samples = inputs[0]?.[0] ?? new Float32Array(128)
      for (const sample of samples) {
        this.heard[this.filled] = sample
        this.filled += 1
        if (this.filled < size) continue
        hear(this.heard)
        this.filled = 0
      }
      return true
    }
  }
  registerProcessor('meter', Meter)
}

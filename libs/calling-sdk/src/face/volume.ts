import type { Volume } from './contract/streams.ts'
import { Emitter } from './emitter.ts'

/** How often a volume is measured: as often as a meter on a page is worth drawing. */
const measureMs = 200

/** How loud a stream is, measured while somebody listens or has read it. */
export class ParleyVolume extends Emitter<{ levelChanged: () => void }> implements Volume {
  level = 0
  private readonly analyser: AnalyserNode
  private readonly samples: Uint8Array<ArrayBuffer>
  private readonly timer: ReturnType<typeof setInterval>

  /** Measures what comes out of `source`. */
  constructor(source: AudioNode) {
    super()
    this.analyser = new AnalyserNode(source.context, { fftSize: 512 })
    this.samples = new Uint8Array(this.analyser.fftSize)
    source.connect(this.analyser)
    this.timer = setInterval(() => this.measure(), measureMs)
  }

  close(): void {
    clearInterval(this.timer)
    this.analyser.disconnect()
  }

  private measure(): void {
    this.analyser.getByteTimeDomainData(this.samples)
    // Silence is 128; the loudest sample counts.
    const peak = this.samples.reduce((most, sample) => Math.max(most, Math.abs(sample - 128)), 0)
    const level = Math.min(Math.round((peak / 127) * 100), 100)
    if (level === this.level) return
    this.level = level
    this.emit('levelChanged')
  }
}

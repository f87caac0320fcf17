/** Where the sound of a far end of sipp's goes: an ear that knows what it hears, and says it back. PCMU. */
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { decodeG711, g711Rate } from '@parley/rtp'
import { shareOf, tonesHz } from '../tones.ts'
import { until } from '../until.ts'

const headerBytes = 12
const payloadType = 0
/** So many samples are one look. */
const look = g711Rate / 2
/** The notes of our music on hold. */
const notesHz = [174.61, 196, 220, 246.94, 261.63, 293.66, 329.63, 349.23, 392, 440, 523.25]
/** The melody goes on to the next note every half second: so many looks cannot be one chord. */
const melody = 4

export class Ear {
  readonly port: number
  readonly #socket: Socket
  /** What was heard last, the newest sample at the end. */
  #samples = new Float64Array(0)

  static async open(): Promise<Ear> {
    const socket = createSocket('udp4').bind(0, '127.0.0.1')
    await once(socket, 'listening')
    return new Ear(socket)
  }

  private constructor(socket: Socket) {
    this.#socket = socket
    this.port = socket.address().port
    socket.on('message', (packet, { port, address }) => {
      if ((packet.readUInt8(1) & 0x7f) !== payloadType) return
      this.#hear(decodeG711('PCMU', packet.subarray(headerBytes)))
      socket.send(packet, port, address)
    })
  }

  /** Waits until this voice, and no other, has been heard for half a second. */
  async hears({ name, toneHz }: { name: string; toneHz: number }): Promise<void> {
    await until(`voice of ${name} at the ear`, () => {
      const tones = voicesIn(this.#samples.slice(-look))
      return tones.join() === `${toneHz}` ? { found: true } : { sawOnly: `${tones.join(' and ') || 'no'} Hz` }
    })
  }

  /** Waits until music on hold has been heard for two seconds: its notes and hardly anything else, one after another. */
  async hearsMusic(): Promise<void> {
    await until('music at the ear', () => {
      const heard = Array.from({ length: melody }, (_, n) => this.#samples.slice(n * look, (n + 1) * look))
      const leading = heard.flatMap((samples) => leadingNoteIn(samples) ?? [])
      const isMelody = leading.length === melody && new Set(leading).size > melody / 2
      return isMelody ? { found: true } : { sawOnly: `the notes ${leading.join()}` }
    })
  }

  async goes(): Promise<void> {
    this.#socket.close()
    await once(this.#socket, 'close')
  }

  #hear(samples: Int16Array): void {
    this.#samples = Float64Array.from([...this.#samples, ...samples].slice(-melody * look))
  }
}

function powerOf(samples: Float64Array): number {
  return samples.reduce((sum, sample) => sum + sample * sample, 0) / look
}

function voicesIn(samples: Float64Array): number[] {
  const power = powerOf(samples)
  return power < 50 ? [] : tonesHz.filter((hz) => shareOf(samples, hz, g711Rate) > 0.05 * power)
}

/** The loudest note; undefined where most of what sounds is none. */
function leadingNoteIn(samples: Float64Array): number | undefined {
  const power = powerOf(samples)
  const shares = notesHz.map((hz) => ({ hz, share: shareOf(samples, hz, g711Rate) }))
  const ofNotes = shares.reduce((sum, { share }) => sum + share, 0)
  if (samples.length < look || power < 50 || ofNotes < 0.6 * power) return undefined
  return shares.toSorted((a, b) => b.share - a.share)[0]?.hz
}

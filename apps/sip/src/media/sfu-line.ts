/** The socket to a leg's plain transport at the sfu: the phone's voice there, and from there whatever it hears. */
import type { Socket } from 'node:dgram'
import { randomInt, randomUUID } from 'node:crypto'
import { isIPv6 } from 'node:net'
import type { PlainMedia, SrtpParameters } from '@parley/protocol'
import {
  isRtcp,
  isRtp,
  srtpReceiver,
  ssrcOf,
  writeReport,
  type SrtpKeys,
  type SrtpReceiver,
  type SrtpSender,
} from '@parley/rtp'
import { Incoming, type HeardPacket } from './incoming.ts'
import { Outgoing } from './outgoing.ts'
import { bound, closed } from './udp.ts'

/** Every two seconds: a plain transport over which nothing comes is taken for dead after ten. */
const reportTicks = 100
/** How loud each packet is says this extension; the sfu hears nothing itself. */
export const levelUri = 'urn:ietf:params:rtp-hdrext:ssrc-audio-level'
export const levelId = 1

/** A sound that the sfu sends, by the id of its producer. */
export type Sound = { id: string; ssrc: number; payloadType: number; ticksPerMs: number }
/** How a phone's voice looks at the sfu. */
export type VoiceShape = { ssrc: number; ticksPerMs: number }
export type SfuLineListener = {
  /** Whether a packet of it is of any use now. */
  needs(sound: Sound, nowMs: number): boolean
  heard(sound: Sound, packet: HeardPacket, nowMs: number): void
}

export class SfuLine {
  readonly #socket: Socket
  readonly #to: { ip: string; port: number }
  readonly #sender: SrtpSender
  readonly #receiver: SrtpReceiver
  readonly #listener: SfuLineListener
  readonly #cname = randomUUID()
  readonly #sounds = new Map<number, { sound: Sound; incoming: Incoming }>()
  #voice: Outgoing
  #ticks = 0
  #isClosed = false

  static async open(
    media: Pick<PlainMedia, 'ip' | 'port' | 'srtpParameters'>,
    sender: SrtpSender,
    voice: VoiceShape,
    listener: SfuLineListener,
  ): Promise<SfuLine> {
    const socket = await bound(isIPv6(media.ip) ? '::' : '0.0.0.0', 0)
    const line = new SfuLine(socket, media, sender, voice, listener)
    line.#report()
    return line
  }

  private constructor(
    socket: Socket,
    media: Pick<PlainMedia, 'ip' | 'port' | 'srtpParameters'>,
    sender: SrtpSender,
    voice: VoiceShape,
    listener: SfuLineListener,
  ) {
    this.#socket = socket
    this.#to = { ip: media.ip, port: media.port }
    this.#sender = sender
    this.#receiver = srtpReceiver(keysOf(media.srtpParameters))
    this.#listener = listener
    this.#voice = this.#newVoice(voice)
    socket.on('message', (packet, from) => {
      if (from.port === this.#to.port && isRtp(packet) && !isRtcp(packet)) this.#hear(packet)
    })
  }

  /** What the phone says. */
  get voice(): Outgoing {
    return this.#voice
  }

  /** Begins another stream, because the phone speaks another codec now. */
  speakAs(voice: VoiceShape): void {
    if (voice.ssrc !== this.#voice.ssrc) this.#voice = this.#newVoice(voice)
  }

  /** Takes the whole list of what there is to hear. */
  hear(sounds: readonly Sound[]): void {
    const wanted = new Set(sounds.map(({ ssrc }) => ssrc))
    for (const ssrc of this.#sounds.keys()) if (!wanted.has(ssrc)) this.#sounds.delete(ssrc)
    for (const sound of sounds) {
      const incoming = this.#sounds.get(sound.ssrc)?.incoming ?? new Incoming(sound.ticksPerMs, this.#receiver)
      this.#sounds.set(sound.ssrc, { sound, incoming })
    }
  }

  tick(): void {
    this.#ticks += 1
    if (this.#ticks % reportTicks === 0) this.#report()
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    await closed(this.#socket)
  }

  #newVoice({ ssrc, ticksPerMs }: VoiceShape): Outgoing {
    return new Outgoing({ ssrc, ticksPerMs, levelId, srtp: this.#sender, send: (packet) => this.#send(packet) })
  }

  #hear(packet: Buffer): void {
    const known = this.#sounds.get(ssrcOf(packet))
    if (known === undefined) return
    const nowMs = performance.now()
    if (!this.#listener.needs(known.sound, nowMs)) return known.incoming.passOver(packet)
    const heard = known.incoming.take(packet, nowMs)
    if (heard?.payloadType === known.sound.payloadType) this.#listener.heard(known.sound, heard, nowMs)
  }

  #report(): void {
    const reports = [...this.#sounds.values()].flatMap(({ incoming }) => [incoming.report() ?? []].flat())
    const report = writeReport(this.#voice.ssrc, this.#cname, reports, this.#voice.sent())
    this.#send(this.#sender.protectRtcp(report))
  }

  #send(packet: Buffer): void {
    if (!this.#isClosed) this.#socket.send(packet, this.#to.port, this.#to.ip, () => {})
  }
}

/** An SSRC of which nobody else is likely to think. */
export const newSsrc = (): number => randomInt(1, 2 ** 32)

export function keysOf({ cryptoSuite, keyBase64 }: SrtpParameters): SrtpKeys {
  return { suite: cryptoSuite, master: Buffer.from(keyBase64, 'base64') }
}

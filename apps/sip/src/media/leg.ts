/**
 * One phone's sound in its thread. Towards the sfu the phone's packets are handed on as they are; towards the phone
 * those of the one who speaks to it are, and where several do, or one in another codec, it gets a mix of its own:
 *
 *     phone ──▶ PhoneLine ──▶ relay (G.722: decode, encode) ──▶ SfuLine ──▶ sfu
 *     phone ◀── PhoneLine ◀── relay | CallMix + PhoneEar ◀───── SfuLine ◀── sfu
 *                   ▲ keys, prompts, music, silence: a frame for each tick
 */
import type { ConsumerOptions, PlainMedia, RtpParameters, SrtpParameters } from '@parley/protocol'
import { DigitReader, g711Level, g711Silence, pcmaOf, srtpSender, type Digit, type SrtpSender } from '@parley/rtp'
import type { Agreed, PhoneCodec } from './agreed.ts'
import type { HeardPacket } from './incoming.ts'
import { Keypad } from './keypad.ts'
import type { LegEvent, LegStats } from './leg-events.ts'
import type { CallMix } from './mix/call-mix.ts'
import { codecsMade, opusSilence } from './mix/codecs.ts'
import { PhoneEar } from './mix/phone-ear.ts'
import { PhoneVoice } from './mix/phone-voice.ts'
import { mosOf } from './mos.ts'
import { PhoneLine, ticksPerMsOf } from './phone-line.ts'
import { frameBytes, Player, type Played } from './player.ts'
import type { PortPair } from './port-pool.ts'
import { keysOf, newSsrc, SfuLine, type Sound, type VoiceShape } from './sfu-line.ts'
import { codecIn, trackOf, type SfuCodec } from './tracks.ts'

/** So long after the last packet of whoever speaks to it the phone gets silence of ours instead. */
const relayPatienceMs = 100
/** RFC 3551 section 6. Nobody has to agree on it, and some send it without. */
const comfortNoisePayloadType = 13

type Track = VoiceShape & { codec: SfuCodec; parameters: RtpParameters }
export type LegOpening = { listenIp: string; ports: PortPair; sfuKeys: SrtpParameters }

export class Leg {
  readonly mix: CallMix
  readonly #line: PhoneLine
  /** One for all lines to the sfu: no count of its own begins twice under the same keys. */
  readonly #toSfu: SrtpSender
  readonly #tell: (event: LegEvent) => void
  readonly #player = new Player()
  readonly #keypad = new Keypad()
  #digits: { stream: number; reader: DigitReader } | undefined
  #agreed: Agreed | undefined
  #kinds: ReadonlyMap<number, 'voice' | 'key'> = new Map()
  /** What the phone says at the sfu, in the codec that it has there. */
  #track: Track = newTrack('PCMU')
  #sfu: SfuLine | undefined
  #sounds: (Sound & { codec: PhoneCodec })[] = []
  #mode: 'relay' | 'mix' = 'relay'
  #ear: PhoneEar | undefined
  #voice: PhoneVoice | undefined
  #heardAtMs = 0
  /** Comfort noise came last: nothing comes any more until somebody speaks. */
  #isQuiet = false
  #isFlowing = false
  #wasSilenceTold = false
  #isClosed = false

  static async open({ listenIp, ports, sfuKeys }: LegOpening, mix: CallMix, tell: (event: LegEvent) => void) {
    const listening: { leg?: Leg } = {}
    const line = await PhoneLine.open(listenIp, ports, {
      heard: (packet, nowMs) => listening.leg?.hearPhone(packet, nowMs),
      reported: (nowMs) => listening.leg?.hearReport(nowMs),
    })
    const leg = new Leg(line, sfuKeys, mix, tell)
    listening.leg = leg
    return leg
  }

  private constructor(line: PhoneLine, sfuKeys: SrtpParameters, mix: CallMix, tell: (event: LegEvent) => void) {
    this.#line = line
    this.#toSfu = srtpSender(keysOf(sfuKeys))
    this.mix = mix
    this.#tell = tell
  }

  get codec(): PhoneCodec | undefined {
    return this.#agreed?.codec.name
  }

  connect(agreed: Agreed): RtpParameters {
    this.#line.connect(agreed)
    this.#agreed = agreed
    this.#kinds = kindsIn(agreed)
    this.#heardAtMs = performance.now()
    this.#isFlowing = false
    this.#wasSilenceTold = false
    const { name } = agreed.codec
    const atSfu = name === 'G722' ? 'opus' : name
    if (this.#track.codec !== atSfu) {
      this.#track = newTrack(atSfu)
      this.#sfu?.speakAs(this.#track)
    }
    if (name === 'G722') this.#voice ??= new PhoneVoice(name)
    else this.#hushVoice()
    this.#settleMode()
    return this.#track.parameters
  }

  async bridge(media: Pick<PlainMedia, 'ip' | 'port' | 'srtpParameters'>): Promise<RtpParameters> {
    if (this.#sfu !== undefined) {
      await this.#sfu.close()
      this.#sfu = undefined
      // The other end counts rollovers from the beginning, and under the same keys no number may be used again.
      this.#track = newTrack(this.#track.codec)
    }
    const sfu = await SfuLine.open(media, this.#toSfu, this.#track, {
      needs: (sound, nowMs) => this.#mode === 'relay' || this.mix.needs(this, sound.id, nowMs),
      heard: (sound, packet, nowMs) => this.#hearSfu(sound, packet, nowMs),
    })
    if (this.#isClosed) await sfu.close()
    else {
      sfu.hear(this.#sounds)
      sfu.speakAs(this.#track)
      this.#sfu = sfu
    }
    return this.#track.parameters
  }

  hear(consumers: readonly ConsumerOptions[]): void {
    this.#sounds = consumers.flatMap((consumer) => {
      const found = codecIn(consumer)
      return found === undefined ? [] : [{ ...found, id: consumer.producerId, ticksPerMs: ticksPerMsOf(found.codec) }]
    })
    this.#sfu?.hear(this.#sounds)
    this.#settleMode()
  }

  async sendDigits(digits: string, durationMs: number): Promise<void> {
    if (this.#agreed?.events === undefined) throw new Error('This phone takes no keys as events.')
    return this.#keypad.press(digits, durationMs)
  }

  playPrompt(prompts: Parameters<Player['play']>[0]): Promise<boolean> {
    return this.#player.play(prompts)
  }

  playMusic(isOn: boolean): void {
    this.#player.playMusic(isOn)
  }

  stats(): LegStats {
    const { received, sent, roundTripMs, ignored } = this.#line.stats()
    const times = roundTripMs === undefined ? {} : { roundTripMs }
    return {
      mode: this.#mode,
      received,
      sent,
      ...times,
      mos: mosOf(received, roundTripMs),
      ignored,
      codecs: codecsMade(),
    }
  }

  tick(nowMs: number): void {
    this.#line.tick()
    this.#sfu?.tick()
    this.#tellOf(this.#digits?.reader.settle(nowMs))
    this.#watchSilence(nowMs)
    const said = this.#voice?.take(nowMs)
    if (said !== undefined && this.#sfu !== undefined) {
      this.#sfu.voice.say(payloadTypeIn(this.#track.parameters), said.payload, nowMs, said.level)
    }
    this.#speak(nowMs)
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    this.mix.listen(this, new Map())
    this.#hushVoice()
    this.#ear?.close()
    this.#player.close()
    this.#keypad.close(new Error('This phone leg is closed.'))
    await Promise.all([this.#line.close(), this.#sfu?.close()])
  }

  /** For its line alone. */
  hearPhone(packet: HeardPacket, nowMs: number): void {
    this.#heardAtMs = nowMs
    this.#isQuiet = packet.payloadType === comfortNoisePayloadType
    this.#wasSilenceTold = false
    if (!this.#isFlowing) this.#tell({ event: 'flowing' })
    this.#isFlowing = true
    const { codec, direction } = this.#agreed ?? {}
    if (codec === undefined || direction === 'sendonly' || direction === 'inactive') return
    const kind = this.#kinds.get(packet.payloadType)
    if (kind === 'voice') this.#handOn(packet, codec.name, nowMs)
    else if (kind === 'key') {
      this.#sfu?.voice.leaveOut(nowMs)
      this.#tellOf(this.#digitsOf(packet).take(packet.timestamp, packet.payload, nowMs))
      // Comfort noise, and what nobody has agreed on, is no sound.
    } else this.#sfu?.voice.leaveOut(nowMs)
  }

  /** For its line alone. */
  hearReport(nowMs: number): void {
    if (this.#isQuiet) this.#heardAtMs = nowMs
  }

  /** The times of one stream say nothing about those of another: whoever speaks after a transfer has a reader of his own. */
  #digitsOf({ stream }: HeardPacket): DigitReader {
    if (this.#digits?.stream !== stream) {
      this.#tellOf(this.#digits?.reader.settle(Infinity))
      this.#digits = { stream, reader: new DigitReader() }
    }
    return this.#digits.reader
  }

  #tellOf(digit: Digit | undefined): void {
    if (digit !== undefined) this.#tell({ event: 'digit', ...digit })
  }

  /** What the phone says goes to the sfu. */
  #handOn(packet: HeardPacket, codec: PhoneCodec, nowMs: number): void {
    if (this.#voice !== undefined) return this.#voice.put(packet, nowMs)
    const level = codec === 'PCMU' || codec === 'PCMA' ? g711Level(codec, packet.payload) : levelOfOpus(packet.payload)
    this.#sfu?.voice.relay(packet, payloadTypeIn(this.#track.parameters), nowMs, level)
  }

  /** What the sfu sends goes to the phone, or into the mix. */
  #hearSfu(sound: Sound, packet: HeardPacket, nowMs: number): void {
    if (this.#mode === 'mix') return this.mix.put(this, sound.id, packet, nowMs)
    const [agreed, outgoing] = [this.#agreed, this.#line.outgoing]
    if (agreed === undefined || outgoing === undefined || !isSending(agreed)) return
    if (this.#keypad.isHeld || this.#player.isPlaying) outgoing.leaveOut(nowMs)
    else outgoing.relay(packet, agreed.codec.sendAs, nowMs)
  }

  /** One sound in the phone's own codec is handed on; anything else is mixed. G.722 is nobody else's codec. */
  #settleMode(): void {
    const codec = this.codec
    if (codec === undefined) return
    const [first] = this.#sounds
    const isRelay = codec !== 'G722' && (first === undefined || (this.#sounds.length === 1 && first.codec === codec))
    this.#mode = isRelay ? 'relay' : 'mix'
    const mixed = isRelay ? [] : this.#sounds.map(({ id, codec }) => [id, codec] as const)
    this.mix.listen(this, new Map(mixed))
  }

  /** A frame of ours, where the phone gets none that was handed on. */
  #speak(nowMs: number): void {
    const [agreed, outgoing] = [this.#agreed, this.#line.outgoing]
    if (agreed === undefined || outgoing === undefined) return
    const played = this.#player.next()
    if (!isSending(agreed)) return
    const { codec, events } = agreed
    if (events !== undefined && this.#keypad.tick(outgoing, events.sendAs, nowMs)) return
    const { name, sendAs: payloadType } = codec
    if (this.#mode === 'mix') {
      outgoing.say(payloadType, this.#earFor(name, this.mix.rate).encode(this.mix.frameFor(this), played), nowMs)
    } else if (played !== undefined) outgoing.say(payloadType, this.#inCodec(name, played), nowMs)
    else if (nowMs - outgoing.relayedAtMs >= relayPatienceMs) {
      outgoing.say(payloadType, silenceIn(name), nowMs)
    }
  }

  /** G.711 is turned into G.711 byte by byte; only another codec needs an encoder for what the platform says. */
  #inCodec(codec: PhoneCodec, played: Played): Uint8Array {
    if (codec === 'PCMU') return played.pcmu
    if (codec === 'PCMA') return pcmaOf(played.pcmu)
    return this.#earFor(codec, 16_000).encode(new Int16Array(2 * frameBytes), played)
  }

  #earFor(codec: PhoneCodec, rate: 8_000 | 16_000): PhoneEar {
    const known = this.#ear
    if (known?.codec === codec && known.rate === rate) return known
    known?.close()
    return (this.#ear = new PhoneEar(codec, rate))
  }

  #hushVoice(): void {
    this.#voice?.close()
    this.#voice = undefined
  }

  #watchSilence(nowMs: number): void {
    const { silenceLimitMs, direction } = this.#agreed ?? {}
    // Who holds us may play music, or send nothing.
    if (silenceLimitMs === undefined || direction !== 'sendrecv' || this.#wasSilenceTold) return
    if (nowMs - this.#heardAtMs < silenceLimitMs) return
    this.#wasSilenceTold = true
    this.#isFlowing = false
    this.#tell({ event: 'silent' })
  }
}

function newTrack(codec: SfuCodec): Track {
  const ssrc = newSsrc()
  return { codec, ssrc, ticksPerMs: ticksPerMsOf(codec), parameters: trackOf(codec, ssrc) }
}

/** Ours are what comes; some send with their own ones instead, which are taken where they mean nothing else. */
function kindsIn({ codec, events }: Agreed): ReadonlyMap<number, 'voice' | 'key'> {
  const kinds = new Map<number, 'voice' | 'key'>([[codec.sendAs, 'voice']])
  if (events !== undefined) kinds.set(events.sendAs, 'key').set(events.receiveAs, 'key')
  return kinds.set(codec.receiveAs, 'voice')
}

function isSending({ direction }: Agreed): boolean {
  return direction === 'sendrecv' || direction === 'sendonly'
}

function silenceIn(codec: PhoneCodec): Uint8Array {
  return codec === 'PCMU' || codec === 'PCMA' ? Buffer.alloc(frameBytes, g711Silence[codec]) : opusSilence
}

/** How loud Opus is only its decoder knows; but what it makes of silence is short. */
function levelOfOpus(payload: Buffer): number {
  return payload.length <= 10 ? 127 : 30
}

function payloadTypeIn(parameters: RtpParameters): number {
  return parameters.codecs[0]?.payloadType ?? 0
}

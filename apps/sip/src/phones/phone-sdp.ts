/**
 * What a phone and we agree on in SDP: offers and answers out of what its trunk speaks, and the sound set to what was
 * agreed. One for each SIP session; several may follow one another for the same sound, when trunks are tried in turn.
 */
import { randomBytes } from 'node:crypto'
import type { RtpParameters, TrunkCodec, TrunkSrtp, SymmetricRtp } from '@parley/protocol'
import {
  agreeOnAnswer,
  answerAudio,
  MediaRefused,
  offerAudio,
  parseSdp,
  writeSdp,
  type AgreedAudio,
  type Codec,
  type Direction,
  type LocalAudio,
  type MediaWish,
  type SessionDescription,
  type SessionMedia,
} from '@parley/sip'
import type { Agreed, PhoneCodec, PhoneLeg, SdesKeys } from '../media/index.ts'
import { isHost, isLoopback, isPrivate } from './networks.ts'

/** What one way into the phone network speaks. */
export type SoundTerms = { codecs: readonly TrunkCodec[]; srtp: TrunkSrtp; symmetricRtp: SymmetricRtp }

/** What was agreed on last: the codec, and the track that the phone's voice is at the sfu. */
export type AgreedSound = { codec: PhoneCodec; hasEvents: boolean; track: RtpParameters }

export type PhoneSdpParts = {
  sound: Pick<PhoneLeg, 'ports' | 'reaches' | 'connect'>
  terms: SoundTerms
  /** Where the phone is to send its sound. */
  address: string
  /** Whether an address is of those with whom we signal. */
  isTheirs: (address: string) => boolean
  silenceLimitMs: number
  agreed: (sound: AgreedSound) => void
}

// prettier-ignore
const codecs: Record<TrunkCodec, Codec> = {
  PCMU: { payloadType: 0,  name: 'PCMU', clockRate: 8000,   channels: 1 },
  PCMA: { payloadType: 8,  name: 'PCMA', clockRate: 8000,   channels: 1 },
  G722: { payloadType: 9,  name: 'G722', clockRate: 8000,   channels: 1 },
  opus: { payloadType: 96, name: 'opus', clockRate: 48_000, channels: 2, fmtp: 'useinbandfec=1' },
}
const telephoneEvent: Codec = { payloadType: 101, name: 'telephone-event', clockRate: 8000, channels: 1, fmtp: '0-15' }

/** RFC 4568 section 6.2: the master key and salt of both suites are 30 bytes. */
const suites = ['AES_CM_128_HMAC_SHA1_80', 'AES_CM_128_HMAC_SHA1_32'] as const
const masterBytes = 30

export class PhoneSdp implements SessionMedia {
  readonly #parts: PhoneSdpParts
  /** The same for as long as the session lives: other keys would begin with new counters. */
  readonly #keys = suites.map((suite) => ({ suite, key: randomBytes(masterBytes).toString('base64') }))
  #description: SessionDescription | undefined
  #offered: { local: LocalAudio; description: SessionDescription } | undefined

  constructor(parts: PhoneSdpParts) {
    this.#parts = parts
  }

  offer({ direction }: MediaWish): string {
    const local = this.#local(direction)
    this.#offered = { local, description: offerAudio(local, this.#description) }
    return writeSdp(this.#offered.description)
  }

  async answer(offer: string, { direction }: MediaWish): Promise<string> {
    const answered = answerAudio(parseSdp(offer), this.#local(direction), this.#description)
    if (answered === undefined) throw new MediaRefused('no codec in common')
    await this.#agree(answered.agreed)
    this.#description = answered.description
    return writeSdp(answered.description)
  }

  async answered(answer: string): Promise<void> {
    const offered = this.#offered
    const agreed = offered && agreeOnAnswer(offered.description, parseSdp(answer), offered.local)
    if (offered === undefined || agreed === undefined) throw new MediaRefused('no codec in common')
    await this.#agree(agreed)
    this.#description = offered.description
  }

  /** What would be agreed on; undefined when there is nothing in common. */
  codecFor(offer: string): PhoneCodec | undefined {
    const answered = answerAudio(parseSdp(offer), this.#local('sendrecv'))
    if (answered === undefined) return undefined
    const { address } = answered.agreed.remote
    return isHost(address) && this.#parts.sound.reaches(address) ? codecOf(answered.agreed) : undefined
  }

  #local(direction: Direction): LocalAudio {
    const { sound, terms, address } = this.#parts
    const { rtp: port, rtcp: rtcpPort } = sound.ports
    const voices = terms.codecs.map((codec) => codecs[codec])
    const { srtp } = terms
    return {
      address,
      port,
      rtcpPort,
      codecs: [...voices, telephoneEvent],
      direction,
      ptimeMs: 20,
      srtp,
      keys: this.#keys,
    }
  }

  async #agree(audio: AgreedAudio): Promise<void> {
    const codec = codecOf(audio)
    const [first] = audio.codecs
    if (codec === undefined || first === undefined) throw new MediaRefused('no codec in common')
    const { telephoneEvent: events, remote } = audio
    if (!isHost(remote.address)) throw new MediaRefused('sound for an address that is no host')
    if (!this.#parts.sound.reaches(remote.address)) throw new MediaRefused('sound for an address of another family')
    const srtp = keysOf(audio.keys)
    const agreed: Agreed = {
      ip: remote.address,
      port: remote.port,
      rtcpPort: remote.rtcpPort,
      codec: { name: codec, sendAs: first.sendAs, receiveAs: first.receiveAs },
      ...(events === undefined ? {} : { events: { sendAs: events.sendAs, receiveAs: events.receiveAs } }),
      direction: audio.direction,
      ...(srtp === undefined ? {} : { srtp }),
      isSymmetric: this.#isSymmetric(remote.address),
      isVouchedFor: this.#parts.isTheirs(remote.address),
      silenceLimitMs: this.#parts.silenceLimitMs,
    }
    const track = await this.#parts.sound.connect(agreed)
    this.#parts.agreed({ codec, hasEvents: events !== undefined, track })
  }

  #isSymmetric(address: string): boolean {
    const { symmetricRtp } = this.#parts.terms
    // Whoever reaches us over loopback is on this machine, and may name another address of it.
    const isElsewhere = isLoopback(this.#parts.address) && !isLoopback(address)
    return symmetricRtp === 'on' || (symmetricRtp === 'auto' && (isPrivate(address) || isElsewhere))
  }
}

function codecOf({ codecs: [first] }: AgreedAudio): PhoneCodec | undefined {
  const names = Object.keys(codecs) as PhoneCodec[]
  return names.find((name) => name.toLowerCase() === first?.codec.name.toLowerCase())
}

function keysOf(keys: AgreedAudio['keys']): SdesKeys | undefined {
  const suite = suites.find((one) => one === keys?.ours.suite)
  if (keys === undefined || suite === undefined) return undefined
  return { suite, oursBase64: keys.ours.key, theirsBase64: keys.theirs.key }
}

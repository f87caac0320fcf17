/** A phone's sound as signalling holds it: orders go to the thread where the sockets are, events come from there. */
import type { ConsumerOptions, PlainMedia, RtpParameters, SrtpParameters } from '@parley/protocol'
import type { Agreed } from './agreed.ts'
import type { LegEvent, LegStats } from './leg-events.ts'
import type { LegOrder, OrderOf, ResultOf } from './orders.ts'
import type { PromptName } from './prompts.ts'
import { reaches } from './udp.ts'

/** How a leg reaches its thread. */
export type LegParts = {
  ports: { rtp: number; rtcp: number }
  listenIp: string
  sfuKeys: SrtpParameters
  ask<O extends LegOrder['order']>(order: OrderOf<O>): Promise<ResultOf<O>>
  close(): Promise<void>
}

/**
 * One phone's sound, from *open* to *close*. Every order may be given again, with other values, at any time: after a
 * re-INVITE *connect*, after the media were built anew at the sfu *bridge*. Orders are carried out one after the other.
 * After *close*, and after *lost*, they reject with {@link LegClosed}.
 */
export class PhoneLeg {
  /** For our SDP: where we hear RTP, and RTCP unless it is multiplexed. */
  readonly ports: { rtp: number; rtcp: number }
  /** For *media.joinPlain*: with what we encrypt what we send to the sfu. */
  readonly sfuKeys: SrtpParameters
  readonly #parts: LegParts
  readonly #listeners = new Set<(event: LegEvent) => void>()

  constructor(parts: LegParts) {
    this.#parts = parts
    this.ports = parts.ports
    this.sfuKeys = parts.sfuKeys
  }

  /** Whether sound can go there: to IPv6 it cannot where nothing of ours is heard over that. */
  reaches(address: string): boolean {
    return reaches(this.#parts.listenIp, address)
  }

  /** Listens; the returned function ends that. */
  on(listener: (event: LegEvent) => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  /**
   * Takes what SDP has agreed on, for early media as for a call. Sound goes both ways from then on, as far as it is
   * allowed: the phone hears silence until there is something else. Gives the track for *media.send*: whenever its SSRC
   * is another one than was sent last, because the codec has changed, the track is to be sent anew.
   */
  connect(agreed: Agreed): Promise<RtpParameters> {
    return this.#parts.ask({ order: 'connect', agreed })
  }

  /**
   * Joins the leg with its plain transport at the sfu; a packet is sent there at once, so that it learns where we are.
   * Gives the track for *media.send*, as *connect* does; a transport that was built anew gets another SSRC.
   */
  bridge(media: Pick<PlainMedia, 'ip' | 'port' | 'srtpParameters'>): Promise<RtpParameters> {
    return this.#parts.ask({ order: 'bridge', media })
  }

  /**
   * Says what there is to hear: all sounds that the sfu sends over this leg's transport (media.joinPlain's consumers,
   * *media.consumer*, less *media.consumerClosed*). The whole list each time. One sound in the phone's own codec is
   * relayed; several, or one in another codec, are mixed, together with those of the call's other phones.
   */
  hear(consumers: readonly ConsumerOptions[]): Promise<void> {
    const sounds = consumers.filter(({ kind }) => kind === 'audio')
    return this.#parts.ask({ order: 'hear', consumers: sounds })
  }

  /**
   * Presses keys: 0 to 9, *, #, A to D, with as much silence after each as it lasts. Resolves when the last one is over.
   * @throws when the phone takes no telephone-event, or for what is no key
   */
  sendDigits(digits: string, durationMs = 120): Promise<void> {
    return this.#parts.ask({ order: 'sendDigits', digits, durationMs })
  }

  /**
   * Says something to this phone alone; what else it hears is left out meanwhile, or quieter where it is mixed. Resolves
   * when it is over: `false` when another prompt took its place.
   */
  playPrompt(...prompts: PromptName[]): Promise<boolean> {
    return this.#parts.ask({ order: 'playPrompt', prompts })
  }

  /** Music in place of everything but prompts, until it is turned off. */
  playMusic(isOn: boolean): Promise<void> {
    return this.#parts.ask({ order: 'playMusic', isOn })
  }

  stats(): Promise<LegStats> {
    return this.#parts.ask({ order: 'stats' })
  }

  /** Says goodbye by RTCP and gives the ports back. May be called more than once. */
  close(): Promise<void> {
    return this.#parts.close()
  }

  /** For its owner alone. */
  tell(event: LegEvent): void {
    for (const listener of this.#listeners) listener(event)
  }
}

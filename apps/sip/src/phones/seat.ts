/** A phone's place in one call: how the call looks from there, and its sound at the call's sfu. */
import type {
  CallId,
  CallView,
  ConsumerId,
  ConsumerOptions,
  EventBody,
  LegId,
  RtpCapabilities,
  RtpParameters,
} from '@parley/protocol'
import { Refused } from '@parley/protocol'
import type { Logger } from 'pino'
import type { PhoneLeg } from '../media/index.ts'
import { insist, type Ask } from './asking.ts'

/** What a phone can be sent from the sfu: the routers' own codecs, of which it decodes Opus itself. */
const rtpCapabilities: RtpCapabilities = {
  codecs: [
    { kind: 'audio', mimeType: 'audio/opus', preferredPayloadType: 111, clockRate: 48_000, channels: 2 },
    { kind: 'audio', mimeType: 'audio/PCMU', preferredPayloadType: 0, clockRate: 8000 },
    { kind: 'audio', mimeType: 'audio/PCMA', preferredPayloadType: 8, clockRate: 8000 },
  ],
}

export type SeatParts = {
  callId: CallId
  legId: LegId
  ask: Ask
  sound: Pick<PhoneLeg, 'sfuKeys' | 'bridge' | 'hear'>
  /** Its voice is another track at the sfu now. */
  isTracked: (track: RtpParameters) => void
  log: Logger
}

export class Seat {
  readonly callId: CallId
  readonly legId: LegId
  readonly #parts: SeatParts
  #view: CallView | undefined
  #isLeft = false
  #generation = 0
  #hasJoined = false
  /** What the phone says, and what of it the sfu takes now. */
  #voice: RtpParameters | undefined
  #sent: RtpParameters | undefined
  #consumers = new Map<ConsumerId, ConsumerOptions>()
  /** Sounds of builds that have not been answered yet. */
  readonly #early: EventBody<'media.consumer'>[] = []
  readonly #closed = new Set<ConsumerId>()
  /** Steps towards the sfu go one after another. */
  #last: Promise<void> = Promise.resolve()

  constructor(parts: SeatParts) {
    this.callId = parts.callId
    this.legId = parts.legId
    this.#parts = parts
  }

  get view(): CallView | undefined {
    return this.#view
  }

  get isLeft(): boolean {
    return this.#isLeft
  }

  /** Whether this is news: what is older than what is known is none. */
  sees(view: CallView): boolean {
    if (this.#view !== undefined && view.version < this.#view.version) return false
    this.#view = view
    return true
  }

  /** Brings the phone's sound here. Called again, it stays as it is. */
  join(): void {
    this.#inOrder('join', async () => {
      if (!this.#hasJoined) await this.#build()
    })
  }

  /** The media were lost: they are built anew. */
  joinAnew(): void {
    this.#inOrder('join anew', () => this.#build())
  }

  /** What the phone says from now on; also after the codec has changed. */
  says(voice: RtpParameters): void {
    this.#voice = voice
    this.#inOrder('say', () => this.#send())
  }

  /** The call has changed: what could not be said before may be said now. */
  triesAgain(): void {
    if (this.#voice !== undefined && this.#sent === undefined && this.#hasJoined)
      this.#inOrder('say', () => this.#send())
  }

  hears(heard: EventBody<'media.consumer'>): void {
    if (heard.generation !== this.#generation || !this.#hasJoined) {
      this.#early.push(heard)
      return
    }
    this.#consumers.set(heard.consumer.id, heard.consumer)
    this.#inOrder('hear', () => this.#hear([heard.consumer.id]))
  }

  hearsNoMore({ consumerId }: EventBody<'media.consumerClosed'>): void {
    this.#closed.add(consumerId)
    if (this.#consumers.delete(consumerId)) this.#inOrder('hear', () => this.#hear([]))
  }

  /** The sound goes elsewhere: nothing of this place reaches it any more. It may come back by *join*. */
  lets(): void {
    this.#hasJoined = false
    this.#sent = undefined
    this.#consumers.clear()
  }

  leave(): void {
    this.#isLeft = true
    this.lets()
  }

  async #build(): Promise<void> {
    const { callId } = this.#parts
    const generation = (this.#generation += 1)
    this.#hasJoined = false
    this.#sent = undefined
    this.#consumers.clear()
    const body = { callId, generation, rtpCapabilities, srtpParameters: this.#parts.sound.sfuKeys }
    const isWanted = (): boolean => !this.#isLeft
    const { media } = await insist(() => this.#parts.ask('media.joinPlain', body), isWanted)
    if (this.#isLeft || generation !== this.#generation) return
    this.#hasJoined = true
    const track = await this.#parts.sound.bridge(media)
    this.#parts.isTracked(track)
    if (this.#voice !== undefined) this.#voice = track
    const early = this.#early.splice(0).filter((one) => one.generation === generation)
    const all = [...media.consumers, ...early.map(({ consumer }) => consumer)].filter(({ id }) => !this.#closed.has(id))
    for (const consumer of all) if (consumer.kind === 'audio') this.#consumers.set(consumer.id, consumer)
    await this.#hear([...this.#consumers.keys()])
    await this.#send()
  }

  async #hear(resume: ConsumerId[]): Promise<void> {
    await this.#parts.sound.hear([...this.#consumers.values()])
    const there = resume.filter((id) => this.#consumers.has(id))
    if (there.length === 0) return
    await this.#parts.ask('media.receive', { callId: this.callId, generation: this.#generation, resume: there })
  }

  async #send(): Promise<void> {
    const voice = this.#voice
    if (voice === undefined || !this.#hasJoined || this.#sent === voice) return
    // The sfu takes one microphone of a build; another codec is another build.
    if (this.#sent !== undefined) return this.#build()
    const track = { source: 'microphone' as const, kind: 'audio' as const, rtpParameters: voice }
    try {
      await this.#parts.ask('media.send', { callId: this.callId, generation: this.#generation, track })
      this.#sent = voice
    } catch (error) {
      // Not now: it may not be heard yet, or not any more. The next change of the call tells.
      if (!(error instanceof Refused && error.failure === 'mediaRefused')) throw error
    }
  }

  #inOrder(what: string, step: () => Promise<void>): void {
    this.#last = this.#afterLast(what, step)
  }

  async #afterLast(what: string, step: () => Promise<void>): Promise<void> {
    await this.#last
    if (this.#isLeft) return
    try {
      await step()
    } catch (error) {
      const { callId, legId, log } = this.#parts
      // The call knows by itself that the sound does not come, and gives it its time.
      if (!this.#isLeft) log.warn({ callId, legId, what, error: String(error) }, 'phone.media_failed')
    }
  }
}

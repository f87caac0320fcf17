/**
 * The bot that lets one person alone try a microphone (ACS: 8:echo123). The sfu itself is the far end of its leg: it
 * greets whoever is there, and then, again and again, sounds a tone, listens, and says what it heard.
 */
import type { types } from 'mediasoup'
import type { Logger } from 'pino'
import type { Grant, OrderBody } from '@parley/protocol'
import type { Built, CallLeg } from './call-leg.ts'
import type { CallRouter } from './call-router.ts'
import { listen } from './echo-ear.ts'
import { EchoVoice } from './echo-voice.ts'
import { readPrompts, type Prompts, type Words } from './echo-words.ts'
import type { SfuLimits } from './limits.ts'
import type { SentTrack, Sound } from './sent-track.ts'

type Parts = {
  limits: SfuLimits
  log: Logger
  /** The sounds of the people in the call. */
  microphones(): SentTrack[]
  /** Has the others hear of the track that the bot sends now. */
  begun(): Promise<void>
  /** Has the others hear that a track of the bot has ended. */
  ended(track: SentTrack): Promise<void>
}

export class EchoBot implements CallLeg {
  readonly kind = 'bot'
  readonly built: Built
  readonly place: CallRouter
  /** There is nothing between the sfu and itself. */
  readonly isUp = true
  readonly #parts: Parts
  readonly #prompts: Prompts
  readonly #transport: types.DirectTransport
  readonly #voice: EchoVoice
  readonly #log: Logger
  #grant: Grant
  #version: number
  #hasCompany = false
  #hasGreeted = false
  /** Ends what it says or hears now; undefined while it does neither. */
  #talk: AbortController | undefined
  #newSound = Promise.withResolvers<void>()

  static async open(order: OrderBody<'openBot'>, place: CallRouter, parts: Parts): Promise<EchoBot> {
    const [prompts, transport] = await Promise.all([readPrompts(), place.router.createDirectTransport()])
    return new EchoBot(order, place, parts, prompts, transport)
  }

  private constructor(
    { callId, legId, generation, grant, version }: OrderBody<'openBot'>,
    place: CallRouter,
    parts: Parts,
    prompts: Prompts,
    transport: types.DirectTransport,
  ) {
    this.built = { callId, legId, generation }
    this.place = place
    this.#parts = parts
    this.#prompts = prompts
    this.#transport = transport
    this.#voice = new EchoVoice({ ...parts, legId, place, transport })
    this.#log = parts.log.child(this.built)
    this.#grant = grant
    this.#version = version
    this.#log.info('bot.opened')
  }

  get mayReceive(): boolean {
    return this.#grant.receive
  }

  get tracks(): SentTrack[] {
    return this.#voice.track === undefined ? [] : [this.#voice.track]
  }

  get sound(): Sound | undefined {
    return this.#voice.track && { track: this.#voice.track, isMuted: false }
  }

  /** Somebody is there to talk to. */
  begin(): void {
    this.#hasCompany = true
    this.#talkOrHush()
  }

  grant(version: number, grant: Grant): SentTrack[] {
    if (version < this.#version) return []
    this.#version = version
    this.#grant = grant
    return this.#talkOrHush()
  }

  /** It has done so with its grant. */
  settle(): Promise<void> {
    return Promise.resolve()
  }

  hear(): Promise<void> {
    this.#newSound.resolve()
    this.#newSound = Promise.withResolvers<void>()
    return Promise.resolve()
  }

  /** Whether others hear somebody is nothing to it. */
  mute(): Promise<void> {
    return Promise.resolve()
  }

  /** It sees nothing. */
  offer(): void {}

  /** Its ear is told by mediasoup. */
  ended(): void {}

  speakers(): void {}

  close(): void {
    this.#hush()
    this.#transport.close()
    this.#log.info('bot.closed')
  }

  /** Talks while there is company and the grant lets it hear and be heard; gives back the track that ends otherwise. */
  #talkOrHush(): SentTrack[] {
    const { send, paused, receive } = this.#grant
    const mayTalk = send.includes('microphone') && !paused.includes('microphone') && receive
    if (!mayTalk) return this.#hush()
    if (this.#hasCompany && this.#talk === undefined) {
      this.#talk = new AbortController()
      void this.#converse(this.#talk.signal)
    }
    return []
  }

  #hush(): SentTrack[] {
    this.#talk?.abort()
    this.#talk = undefined
    return this.#voice.hush()
  }

  async #converse(signal: AbortSignal): Promise<void> {
    try {
      if (!this.#hasGreeted) await this.#voice.say(this.#prompts.greeting, signal)
      this.#hasGreeted = true
      for (;;) {
        await this.#voice.say(this.#prompts.tone, signal)
        await this.#voice.say(await this.#hearSomebody(signal), signal)
      }
    } catch (error) {
      // What was aborted is over because its owner said so, and a router that has died is told by its own event.
      if (!signal.aborted && !this.#transport.closed) this.#log.error({ err: error }, 'bot.failed')
    }
  }

  async #hearSomebody(signal: AbortSignal): Promise<Words> {
    const aborted = new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), { once: true })
    })
    aborted.catch(() => {}) // Whoever waits for it is told; nobody may be.
    for (;;) {
      const newSound = this.#newSound.promise
      const [microphone] = this.#parts.microphones()
      const words = microphone && (await this.#listenTo(microphone, signal))
      if (words !== undefined) return words
      await Promise.race([newSound, aborted])
    }
  }

  async #listenTo(microphone: SentTrack, signal: AbortSignal): Promise<Words | undefined> {
    try {
      const { limits } = this.#parts
      return await listen(microphone, { place: this.place, transport: this.#transport, limits }, signal)
    } catch (error) {
      signal.throwIfAborted()
      // The track may have ended before the ear was there, and another one may come.
      this.#log.warn({ err: error, from: microphone.legId }, 'bot.cannot_hear')
      return undefined
    }
  }
}

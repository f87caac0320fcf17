/**
 * One call's media: its routers, and the legs on them. Orders about a call come one at a time, and so do the turns that
 * it takes by itself when people begin and end to speak. What one leg begins or ends to send is told to the others here.
 */
import type { Logger } from 'pino'
import {
  Refused,
  type CallId,
  type JoinedMedia,
  type LegId,
  type OrderBody,
  type OrderResult,
  type PlainMedia,
} from '@parley/protocol'
import type { Built, CallLeg, LegKind, MediaFacts } from './call-leg.ts'
import { CallRouter } from './call-router.ts'
import { CallRouters } from './call-routers.ts'
import { CallSounds } from './call-sounds.ts'
import { EchoBot } from './echo-bot.ts'
import { LegMedia } from './leg-media.ts'
import type { LegLines } from './leg-transport.ts'
import type { SfuLimits } from './limits.ts'
import type { MediaWorker } from './media-worker.ts'
import { openPlainLines, type PlainOpened } from './plain-transport.ts'
import { isSound, type SentTrack } from './sent-track.ts'
import type { SfuSettings } from './settings.ts'
import { openWebRtcLines, type WebRtcOpened } from './webrtc-transport.ts'
import type { Workers } from './workers.ts'

type Empty = Record<string, never>
type ClientLeg = LegMedia<WebRtcOpened> | LegMedia<PlainOpened>
type ClientOrder = OrderBody<'openLeg'> | OrderBody<'openPlain'>

/** What a call needs of its node. */
export type CallParts = {
  facts: MediaFacts
  limits: SfuLimits
  settings: SfuSettings
  log: Logger
  workers: Workers
  /** Does something among the orders about this call, when its turn comes. */
  inTurn(callId: CallId, turn: () => Promise<void>): Promise<void>
  /** Nothing is left of the call: its last worker has died. */
  lost(call: CallMedia): void
}

export class CallMedia {
  readonly callId: CallId
  readonly #parts: CallParts
  readonly #routers: CallRouters
  readonly #legs = new Map<LegId, CallLeg>()
  readonly #sounds: CallSounds
  #isClosed = false

  /** There is nothing in the workers before the first leg is opened. */
  constructor(callId: CallId, parts: CallParts) {
    const { limits, settings, workers } = parts
    this.callId = callId
    this.#parts = { ...parts, facts: this.#factsFor(parts.facts) }
    const sounds = new CallSounds({ limits, legs: () => this.legs, inTurn: (turn) => this.#inTurn(turn) })
    this.#sounds = sounds
    const open = (worker: MediaWorker): Promise<CallRouter> =>
      CallRouter.open(
        worker,
        { limits, plainPorts: settings.plainPorts },
        { levels: (levels) => sounds.hear(levels), lost: (place) => this.#lose(place) },
      )
    this.#routers = new CallRouters({ workers, legsEach: limits.legsPerRouter, open })
  }

  get legs(): CallLeg[] {
    return [...this.#legs.values()]
  }

  /** @throws {Refused} staleMedia for a generation that is older than what there is */
  openLeg(order: OrderBody<'openLeg'>): Promise<JoinedMedia> {
    return this.#openClient('webRtc', order, (place) => openWebRtcLines(place, this.#parts.limits))
  }

  /** The same over one plain transport. */
  openPlain(order: OrderBody<'openPlain'>): Promise<PlainMedia> {
    const { settings, limits } = this.#parts
    return this.#openClient('plain', order, (place) => openPlainLines(place, settings, limits, order.srtpParameters))
  }

  /** Makes a bot the far end of a leg. */
  async openBot(order: OrderBody<'openBot'>): Promise<Empty> {
    if (await this.#isThere('bot', order)) return {}
    const { limits, log, facts } = this.#parts
    const bot = await this.#enter(order.legId, (place) =>
      EchoBot.open(order, place, {
        limits,
        log,
        microphones: () => this.#microphones(),
        begun: () => this.#inTurn(() => this.#sounds.settle()),
        ended: (track) => this.#inTurn(() => this.#tellEnded([track])),
      }),
    )
    facts.legUp(bot.built)
    if (this.legs.some((leg) => leg !== bot && leg.isUp)) bot.begin()
    return {}
  }

  async setGrant(order: OrderBody<'setGrant'>): Promise<Empty> {
    const leg = this.#legs.get(order.legId)
    if (leg !== undefined) await this.#grant(leg, order)
    return {}
  }

  async closeLeg(legId: LegId): Promise<void> {
    const leg = this.#legs.get(legId)
    if (leg === undefined) return
    const { tracks } = leg
    this.#drop(leg)
    this.#routers.leave(leg.place)
    await this.#tellEnded(tracks)
  }

  async send(order: OrderBody<'send'>): Promise<OrderResult<'send'>> {
    const leg = this.#client(order)
    const { id, added } = await leg.send(order)
    if (added !== undefined) await this.#tellBegun(added)
    return { id }
  }

  async receive(order: OrderBody<'receive'>): Promise<Empty> {
    await this.#client(order).receive(order)
    return {}
  }

  async unsend(order: OrderBody<'unsend'>): Promise<Empty> {
    const ended = this.#client(order).unsend(order.producerId)
    if (ended !== undefined) await this.#tellEnded([ended])
    return {}
  }

  async watch(order: OrderBody<'watch'>): Promise<OrderResult<'watch'>> {
    const leg = this.#client(order)
    const track = this.#tracksFor(order.legId).find((track) => track.id === order.streamId && !isSound(track))
    if (track === undefined) throw new Refused('unknownMedia', { path: 'streamId' })
    return { consumer: await leg.watch(track) }
  }

  async size(order: OrderBody<'size'>): Promise<Empty> {
    await this.#client(order).size(order)
    return {}
  }

  async unwatch(order: OrderBody<'unwatch'>): Promise<Empty> {
    this.#client(order).unwatch(order)
    return {}
  }

  /** Closes all legs and the routers. Nobody is told. */
  close(): void {
    this.#isClosed = true
    for (const leg of this.#legs.values()) leg.close()
    this.#legs.clear()
    this.#sounds.close()
    this.#routers.close()
  }

  async #openClient<Opened>(
    kind: LegKind,
    order: ClientOrder,
    openLines: (place: CallRouter) => Promise<LegLines<Opened>>,
  ): Promise<LegMedia<Opened>['joined']> {
    const there = await this.#isThere(kind, order)
    // It is of this kind, which TypeScript does not tie to what it was opened with.
    if (there instanceof LegMedia) return there.joined as LegMedia<Opened>['joined']
    const leg = await this.#enter(order.legId, async (place) => {
      const lines = await openLines(place)
      const sounds = this.#sounds.heardBy(order.legId)
      const pictures = this.#tracksFor(order.legId).filter((track) => !isSound(track))
      return LegMedia.open(order, place, lines, this.#parts, { sounds, pictures })
    })
    return leg.joined
  }

  /**
   * The leg as this order would open it, when it is there; an older build of it is closed.
   *
   * @throws {Refused} staleMedia, badMedia
   */
  async #isThere(kind: LegKind, order: Built & OrderBody<'setGrant'>): Promise<CallLeg | undefined> {
    const there = this.#legs.get(order.legId)
    if (there === undefined) return undefined
    if (order.generation < there.built.generation) throw new Refused('staleMedia')
    if (order.generation > there.built.generation) {
      await this.closeLeg(order.legId)
      return undefined
    }
    if (there.kind !== kind) throw new Refused('badMedia', { detail: 'This build of the leg is of another kind.' })
    await this.#grant(there, order)
    return there
  }

  /** Finds the router for a leg and has the leg opened there. */
  async #enter<Leg extends CallLeg>(legId: LegId, open: (place: CallRouter) => Promise<Leg>): Promise<Leg> {
    const place = await this.#routers.enter()
    try {
      const leg = await open(place)
      this.#legs.set(legId, leg)
      return leg
    } catch (error) {
      this.#routers.leave(place)
      throw error
    }
  }

  #drop(leg: CallLeg): void {
    const { legId } = leg.built
    this.#legs.delete(legId)
    leg.close()
    this.#sounds.forgetLeg(legId)
  }

  async #grant(leg: CallLeg, { version, grant }: OrderBody<'setGrant'>): Promise<void> {
    const mightReceive = leg.mayReceive
    const revoked = leg.grant(version, grant)
    await leg.settle()
    await this.#tellEnded(revoked)
    if (!mightReceive && leg.mayReceive) this.#sounds.tellNewcomer(leg)
  }

  /** The leg, as the client who gave this order knows it. @throws {Refused} unknownMedia, staleMedia */
  #client({ legId, generation }: { legId: LegId; generation: number }): ClientLeg {
    const leg = this.#legs.get(legId)
    if (!(leg instanceof LegMedia) || generation > leg.built.generation) {
      throw new Refused('unknownMedia', { path: 'generation' })
    }
    if (generation < leg.built.generation) throw new Refused('staleMedia')
    return leg as ClientLeg
  }

  /** The sounds of people: bots do not talk to each other. */
  #microphones(): SentTrack[] {
    const people = this.legs.filter((leg) => leg instanceof LegMedia)
    return people.flatMap(({ sound }) => sound?.track ?? [])
  }

  #tracksFor(legId: LegId): SentTrack[] {
    return this.#others({ legId }).flatMap(({ tracks }) => tracks)
  }

  #others({ legId }: { legId: LegId }): CallLeg[] {
    return this.legs.filter(({ built }) => built.legId !== legId)
  }

  async #tellBegun(track: SentTrack): Promise<void> {
    if (isSound(track)) return this.#sounds.settle()
    for (const leg of this.#others(track)) leg.offer(track)
  }

  /** Tells the others what has ended, and chooses anew who is heard: there may be place for someone. */
  async #tellEnded(tracks: SentTrack[]): Promise<void> {
    for (const track of tracks) {
      this.#sounds.forgetTrack(track)
      for (const leg of this.#others(track)) leg.ended(track)
    }
    await this.#sounds.settle()
  }

  #inTurn(turn: () => Promise<void>): Promise<void> {
    return this.#parts.inTurn(this.callId, async () => {
      if (!this.#isClosed) await turn()
    })
  }

  /** A worker has died: its legs are lost, and those on other workers go on without them. */
  #lose(place: CallRouter): void {
    if (this.#isClosed) return
    const lost = this.legs.filter((leg) => leg.place === place)
    const tracks = lost.flatMap((leg) => leg.tracks)
    const goesOn = this.#routers.lose(place)
    for (const leg of lost) this.#drop(leg)
    if (goesOn) void this.#inTurn(() => this.#tellEnded(tracks))
    else {
      this.close()
      this.#parts.lost(this)
    }
    for (const { built } of lost) this.#parts.facts.legLost(built)
  }

  /** The same facts, heard on their way: who comes up is greeted by the bots and told who speaks. */
  #factsFor(facts: MediaFacts): MediaFacts {
    return {
      ...facts,
      legUp: (built) => {
        facts.legUp(built)
        for (const leg of this.legs) {
          if (leg.built.legId === built.legId) this.#sounds.tellNewcomer(leg)
          else if (leg instanceof EchoBot) leg.begin()
        }
      },
    }
  }
}

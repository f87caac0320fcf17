/**
 * One leg's media over all its builds. When the server says that it is lost, or the transports fail, it is built anew:
 * the same tracks go out again, in the same muted state, sounds are replaced and pictures stay the same objects.
 */
import type { CallView, JoinedMedia, StreamView } from '@parley/protocol'
import type { types } from 'mediasoup-client'
import { isError } from '../calling-error.ts'
import { type Clock, pause } from '../link/clock.ts'
import type { MediaEvent } from '../link/leg.ts'
import type { Log } from '../log.ts'
import { MediaBuild } from './media-build.ts'
import type { MediaWire } from './media-wire.ts'
import { Outgoing } from './outgoing.ts'
import { Pictures } from './pictures.ts'
import type { Playback } from './playback.ts'
import { forWire } from './shapes.ts'
import { Sounds } from './sounds.ts'

export type CallMediaParts = {
  /** What this browser can; loaded once. */
  device: Promise<types.Device>
  playback: Pick<Playback, 'play'>
  clock: Clock
  log: Log
}

const retryMs = [100, 500, 1000, 2000, 4000] as const

export class CallMedia {
  readonly outgoing: Outgoing
  readonly sounds: Sounds
  readonly pictures: Pictures
  readonly #parts: CallMediaParts
  #wire: MediaWire
  #onPictures: () => void
  #generation = 0
  #build: MediaBuild | undefined
  #early: MediaEvent[] = []
  #isJoining = false
  #knowsLoss = false
  #isClosed = false

  constructor(parts: CallMediaParts, wire: MediaWire) {
    this.#parts = parts
    this.#wire = wire
    this.#onPictures = () => {}
    this.outgoing = new Outgoing(parts.log)
    this.sounds = new Sounds(parts.playback, parts.log)
    this.pictures = new Pictures(parts, { changed: () => this.#onPictures() })
  }

  /** Gives the media an owner: the call that was answered, or that turned out to be the one that rang. */
  belongTo(wire: MediaWire, on: { pictures(): void }): void {
    this.#wire = wire
    this.#onPictures = () => on.pictures()
  }

  /** Asks for transports and builds on them, with the next generation, until it works or makes no sense any more. */
  async join({ unlessJoined = false } = {}): Promise<void> {
    if (this.#isJoining || this.#isClosed || (unlessJoined && this.#build !== undefined)) return
    this.#isJoining = true
    this.#build?.close()
    for (let tries = 0; !this.#isClosed && !(await this.#tryJoin()); tries++) {
      await pause(this.#parts.clock, retryMs[Math.min(tries, retryMs.length - 1)] ?? 4000)
    }
    this.#isJoining = false
  }

  /** Takes transports that came with the reply to a start. Those of a build that is there already change nothing. */
  async use(joined: JoinedMedia): Promise<void> {
    const device = await this.#parts.device
    if (this.#isClosed || joined.generation <= (this.#build?.generation ?? 0)) return
    this.#generation = joined.generation
    this.#build?.close()
    const { clock, log } = this.#parts
    const build: MediaBuild = new MediaBuild(
      joined,
      { device, wire: this.#wire, clock, log },
      { broken: () => void this.join() },
    )
    this.#build = build
    if (!this.outgoing.hasSomethingToSay) {
      build.warmUp().catch((error: unknown) => log.warn('media.notWarm', { error }))
    }
    this.outgoing.use(build)
    this.sounds.use(build, joined.consumers)
    this.pictures.use(build, joined.streams)
    const early = this.#early
    this.#early = []
    for (const event of early) this.take(event)
  }

  /** Follows what the server says about the leg. */
  see(view: CallView): void {
    if (isAnswered(view)) this.outgoing.allow()
    if (view.mediaLost && !this.#knowsLoss) void this.join()
    this.#knowsLoss = view.mediaLost
  }

  take(event: MediaEvent): void {
    const { generation } = event.body
    if (generation < this.#generation || this.#isClosed) return
    // About transports whose description is still on its way.
    if (this.#build?.generation !== generation) this.#early.push(event)
    else if (event.event === 'media.consumer') this.sounds.add(event.body.consumer)
    else if (event.event === 'media.consumerClosed') this.sounds.remove(event.body.consumerId)
    else this.#takeStreams(event.body)
  }

  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.sounds.close()
    this.pictures.close()
    this.#build?.close()
  }

  #takeStreams({ added, removed }: { added: StreamView[]; removed: Parameters<Pictures['remove']>[0] }): void {
    this.pictures.remove(removed)
    this.pictures.add(added)
  }

  /** True when there is nothing more to try. */
  async #tryJoin(): Promise<boolean> {
    try {
      const device = await this.#parts.device
      this.#generation++
      await this.use(await this.#wire.join(this.#generation, forWire.rtpCapabilities(device.recvRtpCapabilities)))
      return true
    } catch (error) {
      this.#parts.log.warn('media.joinFailed', { generation: this.#generation, error })
      return !isError(error, 'unavailable', 'internal', 'tooMany', 'requestTimedOut', 'staleMedia')
    }
  }
}

/** Whether this leg may talk: a caller's "Connecting" is also what he sees before anybody rings. */
function isAnswered({ state, direction, participants }: CallView): boolean {
  if (state !== 'Connecting') return state === 'Connected'
  return direction === 'Incoming' || participants.some((one) => one.state === 'Connecting' || one.state === 'Connected')
}

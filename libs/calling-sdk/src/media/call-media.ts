/**
 * One leg's media over all its builds. When the server says that it is lost, or the transports fail, it is built anew:
 * the same tracks go out again, in the same muted state, sounds are replaced and pictures stay the same objects. A call
 * that is held is silent and blind both ways; the transports stay up.
 */
import { isPhone, type CallView, type EventBody, type JoinedMedia, type LegId, type Source } from '@parley/protocol'
import type { types } from 'mediasoup-client'
import { isError } from '../calling-error.ts'
import { type Clock, pause } from '../link/clock.ts'
import type { MediaEvent } from '../link/leg.ts'
import type { Log } from '../log.ts'
import { MediaBuild } from './media-build.ts'
import type { MediaFigures } from './media-figures.ts'
import type { MediaWire } from './media-wire.ts'
import { Outgoing } from './outgoing.ts'
import { isPassing, waitMs } from './passing.ts'
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

/** Who speaks now, loudest first, and who spoke last, the latest first; one's own legs are among them. */
export type Speakers = { speaking: LegId[]; lately: LegId[] }

/** What the owner of a leg's media is told. */
export type CallMediaOwner = {
  /** Pictures came or went. */
  pictures(): void
  speakers?(speakers: Speakers): void
}

export class CallMedia {
  readonly outgoing: Outgoing
  readonly sounds: Sounds
  readonly pictures: Pictures
  readonly #parts: CallMediaParts
  #wire: MediaWire
  #owner: CallMediaOwner = { pictures: () => {} }
  #speakers: Speakers = { speaking: [], lately: [] }
  #generation = 0
  #build: MediaBuild | undefined
  #early: MediaEvent[] = []
  #isJoining = false
  /** Joins since a build was up last. */
  #joins = 0
  #isAsking = false
  #isOutdated = false
  #knowsLoss = false
  #isClosed = false

  constructor(parts: CallMediaParts, wire: MediaWire) {
    this.#parts = parts
    this.#wire = wire
    this.outgoing = new Outgoing(parts)
    this.sounds = new Sounds(parts.playback, parts.log)
    this.pictures = new Pictures(parts, { changed: () => this.#owner.pictures() })
  }

  /** Gives the media an owner: the call that was answered, or that turned out to be the one that rang. */
  belongTo(wire: MediaWire, owner: CallMediaOwner): void {
    this.#wire = wire
    this.#owner = owner
  }

  /** As they were told last; nobody before. */
  get speakers(): Speakers {
    return this.#speakers
  }

  /** Asks for transports and builds on them, with the next generation, until it works or makes no sense any more. */
  async join({ unlessJoined = false } = {}): Promise<void> {
    const isThere = this.#build !== undefined && !this.#build.isClosed
    if (this.#isJoining || this.#isClosed || (unlessJoined && isThere)) return
    this.#isJoining = true
    this.#build?.close()
    do {
      if (this.#joins > 0) await pause(this.#parts.clock, waitMs(this.#joins))
      this.#joins++
    } while (!this.#isClosed && !(await this.#tryJoin()))
    this.#isJoining = false
  }

  /**
   * The server could not tell everything that happened to the media: what there is has to be asked for anew. Where
   * nothing was built, or asked for, nothing was missed.
   */
  missed(): void {
    if (this.#isAsking) this.#isOutdated = true
    else if (this.#build !== undefined) void this.join()
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
      { up: () => (this.#joins = 0), broken: () => void this.join() },
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

  /**
   * The call that rings here is answered: what this leg may send goes out, without waiting for the server's word. What it
   * may not send is not even tried: the first thing that is sent brings the transport up.
   */
  answered(ringing: CallView | undefined): void {
    this.outgoing.permit(ringing === undefined ? ['microphone', 'camera'] : sourcesOf(ringing))
  }

  /** Follows what the server says about the leg. */
  see(view: CallView): void {
    this.outgoing.speak(view.soundCodec)
    if (isAnswered(view)) this.outgoing.permit(sourcesOf(view))
    if (view.mediaLost && !this.#knowsLoss) void this.join()
    this.#knowsLoss = view.mediaLost
  }

  take(event: MediaEvent): void {
    const { generation } = event.body
    if (generation < this.#generation || this.#isClosed) return
    // About transports whose description is still on its way.
    if (this.#build?.generation !== generation) this.#early.push(event)
    else this.#follow(event)
  }

  /** Stops everything that is sent, played and shown, or lets it go on as it was. The server is told by the owner. */
  hold(isHeld: boolean): void {
    this.outgoing.hold(isHeld)
    this.sounds.hold(isHeld)
    this.pictures.hold(isHeld)
  }

  /** How the media is doing now; undefined while there is none. */
  async stats(): Promise<MediaFigures | undefined> {
    const build = this.#build
    if (build === undefined || build.isClosed) return undefined
    try {
      return await build.figures()
    } catch (error) {
      // Replaced while the browser counted.
      if (build.isClosed) return undefined
      throw error
    }
  }

  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.outgoing.close()
    this.sounds.close()
    this.pictures.close()
    this.#build?.close()
  }

  #follow(event: MediaEvent): void {
    switch (event.event) {
      case 'media.consumer':
        return this.sounds.add(event.body.consumer)
      case 'media.consumerClosed':
        return this.sounds.remove(event.body.consumerId)
      case 'media.streams':
        return this.#followStreams(event.body)
      case 'media.speakers': {
        const { speaking, lately } = event.body
        this.#speakers = { speaking, lately }
        this.#owner.speakers?.(this.#speakers)
      }
    }
  }

  #followStreams({ added, removed }: EventBody<'media.streams'>): void {
    this.pictures.remove(removed)
    this.pictures.add(added)
  }

  /** True when there is nothing more to try. */
  async #tryJoin(): Promise<boolean> {
    try {
      const device = await this.#parts.device
      this.#generation++
      this.#isOutdated = false
      this.#isAsking = true
      const joined = await this.#wire.join(this.#generation, forWire.rtpCapabilities(device.recvRtpCapabilities))
      // What the server said may be from before the events that were missed.
      if (this.#isOutdated) return false
      await this.use(joined)
      return true
    } catch (error) {
      this.#parts.log.warn('media.joinFailed', { generation: this.#generation, error })
      return !isPassing(error) && !isError(error, 'staleMedia')
    } finally {
      this.#isAsking = false
    }
  }
}

/**
 * Whether this leg may talk: a caller's "Connecting" is also what he sees before anybody rings, and a phone's is before
 * its network has said anything.
 */
function isAnswered({ state, direction, participants }: CallView): boolean {
  switch (state) {
    case 'Connecting':
      return (
        direction === 'Incoming' ||
        participants.some(({ id, state }) => state === 'Connected' || (state === 'Connecting' && !isPhone(id)))
      )
    case 'Connected':
    case 'LocalHold':
    case 'RemoteHold':
      return true
    case 'Ringing':
    case 'EarlyMedia':
    case 'InLobby':
    case 'Disconnected':
      return false
  }
}

/** What this leg may send. */
function sourcesOf({ may, isSharing }: CallView): Source[] {
  return [
    ...(may.includes('speak') ? (['microphone'] as const) : []),
    ...(may.includes('sendPicture') ? (['camera'] as const) : []),
    ...(may.includes('shareScreen') && isSharing ? (['screen'] as const) : []),
  ]
}

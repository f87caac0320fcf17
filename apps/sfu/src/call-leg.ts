/** What a call knows of each of its legs: a client's, over whatever transports, or a bot's. */
import type { AgentEvent, CallId, EventBody, Grant, LegId, SessionId } from '@parley/protocol'
import type { CallRouter } from './call-router.ts'
import type { SentTrack, Sound } from './sent-track.ts'

/** One build of a leg's media. */
export type Built = { callId: CallId; legId: LegId; generation: number }

/** Where media tells what has happened to it. Telling does not throw. */
export type MediaFacts = {
  legUp(leg: Built): void
  legLost(leg: Built): void
  /** An event for the agent whose leg this is. */
  event(session: SessionId, event: AgentEvent): void
}

/** Who speaks and who spoke last, as agents are told. */
export type SpeakersView = Pick<EventBody<'media.speakers'>, 'speaking' | 'lately'>

/** Over what a leg's media goes: a browser's transports, a plain one, or nothing at all. */
export type LegKind = 'webRtc' | 'plain' | 'bot'

export interface CallLeg {
  readonly kind: LegKind
  readonly built: Built
  readonly place: CallRouter
  /** True once its media can flow. */
  readonly isUp: boolean
  /** Whether the grant lets it hear and see. */
  readonly mayReceive: boolean
  /** What the leg sends to the others. */
  readonly tracks: SentTrack[]
  /** What its microphone sends. */
  readonly sound: Sound | undefined
  /** Takes what the leg may do from now on, unless it has heard newer; gives back the tracks that end with it. */
  grant(version: number, grant: Grant): SentTrack[]
  /** Pauses and resumes everything as the grant says. */
  settle(): Promise<void>
  /** A sound of another leg is to be heard from now on. */
  hear(track: SentTrack): Promise<void>
  /** A sound of another leg is not to be heard for now. */
  mute(track: SentTrack): Promise<void>
  /** Another leg has begun to send a picture. */
  offer(track: SentTrack): void
  /** A track of another leg has ended. */
  ended(track: SentTrack): void
  /** Who speaks has changed. */
  speakers(view: SpeakersView): void
  /** Closes all media of the leg. Nothing is reported of it any more. */
  close(): void
}

/** How a feature is asked for: `call.feature(Features.Capabilities)`. The factories stand in features/features.ts. */
import type { CallView, LegId, RawId, RequestBody, RequestResult, Saying, Source, Verb } from '@parley/protocol'
import type { Clock } from '../../link/clock.ts'
import type { Log } from '../../log.ts'
import type { MediaFigures } from '../../media/media-figures.ts'
import type { Diagnostics } from '../features/diagnostics.ts'
import type { CallAgent } from './agent.ts'
import type { Call, RemoteParticipant } from './call.ts'
import type { CommunicationTokenCredential } from './identifiers.ts'

/** Takes a listener away again; calling it twice is harmless. */
export type Stop = () => void

/**
 * What a feature may know of its call and ask for it; the call gives it. Listeners are told after everything readable
 * is true. Nothing comes after the end but the answers to `ask`.
 */
export interface FeatureContext {
  readonly diagnostics: Diagnostics
  readonly clock: Clock
  readonly log: Log
  /** The agent's own user. */
  readonly self: RawId
  readonly callId: string
  /** The newest view of the call, with what is known of the others since; the last one after the end. */
  view(): CallView | undefined
  onView(listener: (view: CallView) => void): Stop
  onSaid(listener: (said: { from: RawId; legId: LegId; saying: Saying }) => void): Stop
  /** Who speaks, loudest first, and who spoke last, the latest first. Own legs are among them. */
  onSpeakers(listener: (speakers: { speaking: readonly LegId[]; lately: readonly LegId[] }) => void): Stop
  /** The other side has transferred this call: `targetCall` has begun, and this one ends. */
  onTransferAccepted(listener: (targetCall: Call) => void): Stop
  onEnd(listener: () => void): Stop
  /** Asks the server about this call; after its end too. */
  ask<V extends Verb>(verb: V, body: Omit<RequestBody<V>, 'callId'>): Promise<RequestResult<V>>
  /** What is measured of the media now; undefined while there is none. */
  stats(): Promise<MediaFigures | undefined>
  /** The track that is captured for a source, sent or not (a muted microphone's is); undefined when it is off. */
  track(source: Source): MediaStreamTrack | undefined
  /** `track` has another answer for this source, or it was muted or unmuted here. */
  onTrack(listener: (source: Source) => void): Stop
  isMuted(): boolean
  /** Another participant, as the app knows him. */
  person(id: RawId): RemoteParticipant | undefined
}

export interface CallFeatureFactory<T> {
  readonly name: string
  readonly callApi: (context: FeatureContext) => T
}
export interface CallClientFeatureFactory<T> {
  readonly name: string
  readonly callClientApi: (client: CallClientFeatureContext) => T
}
/** What a feature of a client may ask of it. */
export interface CallClientFeatureContext {
  readonly clock: Clock
  readonly log: Log
  /** An agent that no app knows of; whoever opens it disposes of it. Rejects as createCallAgent does. */
  openAgent(credential: CommunicationTokenCredential): Promise<Pick<CallAgent, 'startCall' | 'dispose'>>
}

export type { AudioStreamFeatureFactory, VideoStreamFeatureFactory } from './streams.ts'

/** A sound or picture that a leg sends, as the other legs of its call get to know it. */
import type { types } from 'mediasoup'
import type { LegId, ProducerId, RtpParameters, Source, StreamView } from '@parley/protocol'

export type SentTrack = {
  readonly id: ProducerId
  readonly legId: LegId
  readonly source: Source
  readonly rtpParameters: RtpParameters
  /** Where it comes in. On other routers of the call it is piped, under the same id. */
  readonly router: types.Router
}

/** What a leg's microphone sends. Nothing flows while it is muted. */
export type Sound = { readonly track: SentTrack; readonly isMuted: boolean }

export const kindOf: Record<Source, 'audio' | 'video'> = { microphone: 'audio', camera: 'video', screen: 'video' }

export function isSound({ source }: SentTrack): boolean {
  return kindOf[source] === 'audio'
}

/** A picture as it is offered to the others. */
export function viewOf({ id, legId, source }: SentTrack): StreamView {
  return { streamId: id, legId, source }
}

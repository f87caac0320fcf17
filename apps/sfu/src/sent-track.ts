/** A sound or picture that a leg sends, as the other legs of its call get to know it. */
import type { LegId, ProducerId, RtpParameters, Source, StreamView } from '@parley/protocol'

export type SentTrack = {
  readonly id: ProducerId
  readonly legId: LegId
  readonly source: Source
  readonly rtpParameters: RtpParameters
}

export const kindOf: Record<Source, 'audio' | 'video'> = { microphone: 'audio', camera: 'video' }

export function isSound({ source }: SentTrack): boolean {
  return kindOf[source] === 'audio'
}

/** A picture as it is offered to the others. */
export function viewOf({ id, legId, source }: SentTrack): StreamView {
  return { streamId: id, legId, source }
}

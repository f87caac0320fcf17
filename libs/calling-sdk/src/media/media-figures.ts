/** What is measured of a call's media at one moment, out of the browser's statistics. All counts grow from the start. */
import type { LegId, Source } from '@parley/protocol'

/** One track that is sent, or received. What the browser does not say is absent. */
export type TrackFigures = {
  /** The same for one track from its first measurement to its last. */
  id: string
  source: Source
  /** Whose it is; absent for what is sent. */
  legId?: LegId
  codec?: string
  bytes: number
  packets: number
  /** Of what is sent: as the other end reported it. */
  packetsLost?: number
  jitterMs?: number
  roundTripTimeMs?: number
  width?: number
  height?: number
  fps?: number
  framesDropped?: number
  framesDecoded?: number
  freezeMs?: number
  /** Of sound, from 0 to 1. */
  level?: number
}
export type TransportFigures = {
  id: string
  direction: 'send' | 'receive'
  /** Of the path that was chosen: `udp` or `tcp`. */
  protocol?: string
  roundTripTimeMs?: number
  availableOutgoingBitrate?: number
  availableIncomingBitrate?: number
}
export type MediaFigures = {
  sent: TrackFigures[]
  received: TrackFigures[]
  transports: TransportFigures[]
}

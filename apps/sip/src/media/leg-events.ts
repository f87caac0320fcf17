/** What a phone leg's media tells by itself, and how it is doing. */
import type { Digit } from '@parley/rtp'

export type LegEvent =
  /** The first valid packet has come from the phone; or the first after *silent*, or after a new agreement. */
  | { event: 'flowing' }
  /** Nothing valid has come for `silenceLimitMs` of what was agreed on, though something should. Told once. */
  | { event: 'silent' }
  /** A key was pressed at the phone, and let go. */
  | ({ event: 'digit' } & Digit)
  /** The thread that held the leg's media has died. The leg is closed; nothing can be asked of it any more. */
  | { event: 'lost'; cause: unknown }

/** How one direction does. Received: what we see of the phone. Sent: what it reports of us. */
export type StreamStats = {
  packets: number
  lost: number
  /** Of the last report interval, from 0 to 1. */
  lostShare: number
  jitterMs: number
}

export type LegStats = {
  /** Whether packets are handed on as they are, or decoded and mixed. */
  mode: 'relay' | 'mix'
  received: StreamStats
  sent: StreamStats
  /** As RTCP measures it; absent until the phone has reported. */
  roundTripMs?: number
  /** Estimated from loss, jitter and delay by the E-model (ITU-T G.107), from 1 to 4.5. */
  mos: number
  /** Packets from addresses that nobody has named, and such that were no valid RTP. */
  ignored: number
  /** Codecs that the leg's thread has made since it began: none as long as all its legs relay. */
  codecs: number
}

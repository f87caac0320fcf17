/** How good a call sounds, by the E-model (ITU-T G.107) with what is known of it here. */
import type { StreamStats } from './leg-events.ts'

/** What codec, devices and rooms leave of a call without any loss: G.711 in G.107's own defaults. */
const best = 93.2
/** ITU-T G.113 appendix I: how well G.711 stands loss, where it is concealed. */
const robustness = 25.1
/** The mean opinion score, from 1 to 4.5. */
export function mosOf({ lostShare, jitterMs }: StreamStats, roundTripMs = 0): number {
  const delayMs = roundTripMs / 2 + 2 * jitterMs + 40
  const byDelay = 0.024 * delayMs + (delayMs > 177.3 ? 0.11 * (delayMs - 177.3) : 0)
  const byLoss = (95 * 100 * lostShare) / (100 * lostShare + robustness)
  const r = Math.min(100, Math.max(0, best - byDelay - byLoss))
  return Math.max(1, 1 + 0.035 * r + r * (r - 60) * (100 - r) * 7e-6)
}

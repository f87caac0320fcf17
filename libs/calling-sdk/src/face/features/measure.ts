import type { FeatureContext, Stop } from '../contract/features.ts'
import type { MediaFigures, TrackFigures } from '../../media/media-figures.ts'

/** What is measured now, what was measured last time, and how many seconds lie between. */
export type Look = { now: MediaFigures; before: MediaFigures | undefined; seconds: number }

/** Looks at what is measured every `everyMs`, and not while there is nothing to measure. */
export function lookEvery(context: FeatureContext, everyMs: number, see: (look: Look) => void): Stop {
  const { clock, log } = context
  let isStopped = false
  let before: MediaFigures | undefined
  let at = clock.now()
  const look = async (): Promise<void> => {
    try {
      const now = await context.stats()
      const seconds = (clock.now() - at) / 1000
      at = clock.now()
      if (now !== undefined && !isStopped) see({ now, before, seconds })
      before = now
    } catch (error) {
      log.warn('figures.missed', { error })
    }
    if (!isStopped) callOff = clock.after(everyMs, () => void look())
  }
  let callOff = clock.after(everyMs, () => void look())
  return () => {
    isStopped = true
    callOff()
  }
}

/** What has come to a count since the last look; undefined for a track that is new, or does not count this. */
export function grown(
  track: TrackFigures,
  before: readonly TrackFigures[] | undefined,
  count: 'bytes' | 'packets' | 'packetsLost' | 'framesDropped' | 'framesDecoded',
): number | undefined {
  const [is, was] = [track[count], before?.find(({ id }) => id === track.id)?.[count]]
  return is === undefined || was === undefined ? undefined : Math.max(is - was, 0)
}

/** The same over many tracks. */
export const grownAll = (
  tracks: readonly TrackFigures[],
  before: readonly TrackFigures[] | undefined,
  count: Parameters<typeof grown>[2],
): number => tracks.reduce((sum, track) => sum + (grown(track, before, count) ?? 0), 0)

/** The part of the packets that got lost since the last look, from 0 to 1; 0 when there were too few to tell. */
export function lossOf(
  tracks: readonly TrackFigures[],
  before: readonly TrackFigures[] | undefined,
  side: 'sent' | 'received',
): number {
  const [packets, lost] = [grownAll(tracks, before, 'packets'), grownAll(tracks, before, 'packetsLost')]
  // A receiver counts what came, a sender everything that he sent.
  const all = side === 'sent' ? packets : packets + lost
  return all < 20 ? 0 : Math.min(lost / all, 1)
}

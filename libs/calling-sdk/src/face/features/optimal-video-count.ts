import type { PropertyChangedEvent } from '../contract/events.ts'
import type { Emitter } from '../emitter.ts'
import { ofCall } from './feature.ts'
import { grownAll, lossOf, type Look, lookEvery } from './measure.ts'

type Reason = 'bandwidth' | 'performance' | 'unknown'

/** ACS renders nine pictures at once. */
const most = 9
const lookMs = 3000
/** A picture that is worth to be seen needs this much. */
const bitrate = 300_000
/** So many good looks, and one picture more is tried. */
const goodLooks = 4

/**
 * ACS: OptimalVideoCount. How many pictures of others this device and its network bear: fewer at once when packets get
 * lost or frames cannot be decoded in time, one more after a while without either.
 */
export const OptimalVideoCount = ofCall(
  'OptimalVideoCount',
  (context, events: Emitter<{ optimalVideoCountChanged: PropertyChangedEvent }>, until) => {
    let optimalVideoCount = most
    let lastOvcChangeReason: Reason = 'unknown'
    let good = 0
    const become = (count: number, why: Reason): void => {
      good = 0
      const now = Math.min(Math.max(count, 1), most)
      if (now === optimalVideoCount) return
      optimalVideoCount = now
      lastOvcChangeReason = why
      events.emit('optimalVideoCountChanged')
    }
    until(
      lookEvery(context, lookMs, (look) => {
        const { shown, trouble, room } = judge(look)
        if (trouble !== undefined) become(Math.min(optimalVideoCount, Math.ceil(shown / 2)), trouble)
        else if (room < optimalVideoCount) become(room, 'bandwidth')
        else if (room > optimalVideoCount && ++good >= goodLooks) become(optimalVideoCount + 1, lastOvcChangeReason)
      }),
    )
    return {
      get optimalVideoCount(): number {
        return optimalVideoCount
      },
      get lastOvcChangeReason(): Reason {
        return lastOvcChangeReason
      },
    }
  },
)

function judge({ now, before }: Look): { shown: number; trouble: Reason | undefined; room: number } {
  const pictures = now.received.filter(({ source }) => source === 'camera')
  const free = now.transports.find(({ direction }) => direction === 'receive')?.availableIncomingBitrate
  const dropped = grownAll(pictures, before?.received, 'framesDropped')
  const isLate = dropped > 10 && dropped > grownAll(pictures, before?.received, 'framesDecoded') / 4
  const isLossy = lossOf(pictures, before?.received, 'received') > 0.08
  return {
    shown: pictures.length,
    trouble: isLossy ? 'bandwidth' : isLate ? 'performance' : undefined,
    // Most browsers do not say what comes in at most; then nothing speaks against all of them.
    room: free === undefined ? most : Math.floor(free / bitrate),
  }
}

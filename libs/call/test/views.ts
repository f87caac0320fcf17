/** The views of a call, each made once: the promises ask for them again and again, and a call never changes. */
import type { CallView, LegId } from '@parley/protocol'
import { viewOf, type Call, type Leg } from '../src/index.ts'

const known = new WeakMap<Call, Map<LegId, CallView>>()

export function viewFor(call: Call, leg: Leg): CallView {
  const views = known.get(call) ?? new Map<LegId, CallView>()
  known.set(call, views)
  const view = views.get(leg.id) ?? viewOf(call, leg.id)
  views.set(leg.id, view)
  return view
}

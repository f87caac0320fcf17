/** Calls as the rules make them, for tests without a whole node. */
import { randomUUID } from 'node:crypto'
import { open, step, type Call, type CallEvent, type Effect, type Step } from '@parley/call'
import {
  CallId,
  defaultLimits,
  EpochMs,
  LegId,
  NodeId,
  rawIdOf,
  ResourceId,
  SessionId,
  userIdOf,
} from '@parley/protocol'
import type { CallStore } from '../calls/call-store.ts'

export const limits = defaultLimits
export const me = NodeId.parse('node_api-one-1')
export const other = NodeId.parse('node_api-two-2')
export const sfu = NodeId.parse('node_sfu-one-1')

type Placing = { resourceId?: ResourceId; from?: string; to?: string; at?: number; node?: NodeId; callId?: CallId }

const oneResource = ResourceId.parse(randomUUID())

/** Someone by his GUID, at one device. */
export function person(guid: string, resourceId = oneResource) {
  const user = rawIdOf(userIdOf(resourceId, guid))
  return { user, session: SessionId.parse(`ses_${guid}`), legId: LegId.parse(`leg_${randomUUID()}`) }
}

/** A call that rings, between two who are strangers unless named. */
export function ringing({
  resourceId = oneResource,
  from = randomUUID(),
  to = randomUUID(),
  at,
  node,
  callId,
}: Placing = {}) {
  const placed = {
    id: callId ?? CallId.parse(randomUUID()),
    resourceId,
    mediaNode: node ?? sfu,
    caller: { ...person(from, resourceId), isMuted: false },
    to: [person(to, resourceId).user],
    devices: [person(to, resourceId)],
  }
  return open(placed, EpochMs.parse(at ?? Date.now()), limits)
}

export function after(call: Call, event: CallEvent): Step {
  return step(call, event, EpochMs.parse(Date.now()), limits)
}
export const accepted = (call: Call): Step =>
  after(call, { type: 'accepted', session: sessionOf(call, 'callee'), isMuted: false })
export const hungUp = (call: Call): Step => after(call, { type: 'hungUp', session: sessionOf(call, 'caller') })

function sessionOf(call: Call, side: 'caller' | 'callee'): SessionId {
  const leg = call.legs.find((one) => one.side === side)
  if (leg?.session === undefined) throw new Error(`no ${side}`)
  return leg.session
}

export async function openedIn(store: CallStore, placing: Placing = {}): Promise<Call> {
  const { call, effects } = ringing(placing)
  const { outcome } = await store.open(call, effects, me)
  if (outcome !== 'opened') throw new Error(`the call was not opened: ${outcome}`)
  return call
}

export async function committedIn(
  store: CallStore,
  { call, effects }: { call: Call; effects: Effect[] },
): Promise<Call> {
  if (!(await store.commit(call, effects, me))) throw new Error('the step was not committed')
  return call
}

/**
 * Transfer of a direct call (ACS: Transfer): one side asks the other to call someone else, or to come into another call
 * of his. The other call forwards how it went; what it began ends this one.
 */
import { type CallId, type FailureName, type ReasonName } from '@parley/protocol'
import type { Call, Leg, Transfer } from './call.ts'
import type { Effect } from './effects.ts'
import type { Asked, CallEvent, Device } from './events.ts'
import { isInCall, isLive } from './leg.ts'
import { toLegs } from './moderation.ts'
import { after, type Moment } from './moment.ts'
import { asker } from './rights.ts'

/** How long who transferred may look at the success before his call ends by itself. */
const lookMs = 2_000

export function askTransfer(
  call: Call,
  asked: Extract<Asked, { type: 'transferAsked' }>,
  at: Moment,
): Call | FailureName {
  const by = asker(call, asked.session, 'transfer')
  if (typeof by === 'string') return by
  const other = call.legs.find((leg) => leg.id !== by.id && isInCall(leg))
  if (by.state === 'Connecting' || other === undefined || other.session === undefined) return 'notConnected'
  if (call.transfer?.id === asked.id) return call
  if (call.transfer?.state === 'Transferring') return 'notInThisCall'
  const until = after(at.now, at.limits.transferMs)
  const { id, to } = asked
  return { ...call, transfer: { id, by: by.id, of: other.id, to, state: 'Transferring', until } }
}

/**
 * The new call is up: who was transferred leaves, and who did it is told, and left alone in a moment. When the call has
 * become a group meanwhile he stays with the others.
 */
export function transferDone(call: Call, id: string, at: Moment): Call {
  const transfer = underWay(call, id)
  if (transfer === undefined) return call
  const { until: _, ...rest } = transfer
  const looks = call.kind === 'direct' ? { until: after(at.now, lookMs) } : {}
  const gone = call.legs.filter((leg) => leg.id === transfer.of)
  const done: Call = { ...call, transfer: { ...rest, state: 'Transferred', ...looks } }
  return toLegs(done, gone, { type: 'dismissed', reason: 'transferred' }, at)
}

export function transferFailed(call: Call, id: string, reason: ReasonName): Call {
  const transfer = underWay(call, id)
  if (transfer === undefined) return call
  const { until: _, ...rest } = transfer
  return { ...call, transfer: { ...rest, state: 'Failed', reason } }
}

/** What becomes of a transfer whose time is over. */
export function transferInTime(call: Call, at: Moment): Call {
  const { transfer, endedAt } = call
  if (endedAt !== undefined || transfer?.until === undefined || transfer.until > at.now) return call
  if (transfer.state === 'Transferring') return transferFailed(call, transfer.id, 'transferTimedOut')
  const { until: _, ...rest } = transfer
  const alone = call.legs.filter((leg) => leg.id === transfer.by)
  return toLegs({ ...call, transfer: rest }, alone, { type: 'dismissed', reason: 'transferred' }, at)
}

/**
 * Why somebody who is transferred cannot come into this call: he is here already, or it is a room, whose guest list
 * nobody has asked. He who is here because of this very transfer is on his way, and is no matter.
 */
export function cannotCome(call: Call, devices: readonly Device[]): FailureName | undefined {
  for (const { user, transferOf } of devices) {
    if (transferOf === undefined) continue
    if (call.kind === 'room') return 'notInvited'
    const here = call.legs.filter((leg) => isLive(leg) && leg.user === user)
    if (here.some((leg) => leg.transferOf?.id !== transferOf.id)) return 'alreadyThere'
  }
  return undefined
}

/** Whether this leg is alone because of a transfer, and may look at its success for a moment. */
export function looksAtSuccess({ transfer }: Call, leg: Leg): boolean {
  return transfer?.by === leg.id && transfer.state === 'Transferred' && transfer.until !== undefined
}

function underWay({ transfer, endedAt }: Call, id: string): Transfer | undefined {
  return endedAt === undefined && transfer?.id === id && transfer.state === 'Transferring' ? transfer : undefined
}

/** What other calls have to hear: the one that who is transferred is to come into, and the one that he came from. */
export function forwards(before: Call | undefined, call: Call, event: CallEvent | undefined): Effect[] {
  return [...bringsIn(before, call, event), ...call.legs.flatMap((leg) => reports(before, leg))]
}

function bringsIn(before: Call | undefined, call: Call, event: CallEvent | undefined): Effect[] {
  const { transfer } = call
  if (event?.type !== 'transferAsked' || transfer === undefined || before?.transfer?.id === transfer.id) return []
  const other = call.legs.find((leg) => leg.id === transfer.of)
  if (!('callId' in transfer.to) || other?.session === undefined) return []
  const { user, session, displayName, phone, codec } = other
  const device = {
    user,
    session,
    ...(displayName === undefined ? {} : { displayName }),
    ...(phone === undefined ? {} : { phone }),
    ...(codec === undefined ? {} : { codec }),
    legId: event.legId,
    transferOf: { callId: call.id, id: transfer.id },
  }
  return [forward(transfer.to.callId, { type: 'added', session: event.there ?? event.session, devices: [device] })]
}

function reports(before: Call | undefined, leg: Leg): Effect[] {
  if (leg.transferOf === undefined) return []
  const { callId, id } = leg.transferOf
  const was = before?.legs.find((one) => one.id === leg.id)
  const wasThere = was !== undefined && hasArrived(was)
  if ((leg.state === 'Connected' || leg.state === 'InLobby') && !wasThere) {
    return [forward(callId, { type: 'transferDone', id })]
  }
  const hasFailed = !isLive(leg) && (was === undefined || (isLive(was) && !wasThere))
  return hasFailed ? [forward(callId, { type: 'transferFailed', id, reason: leg.reason })] : []
}

/** Who waits in a lobby is where he was sent: when he is let in is for those inside to say. */
function hasArrived({ state }: Leg): boolean {
  return state === 'Connected' || state === 'Reconnecting' || state === 'InLobby'
}

function forward(callId: CallId, event: CallEvent): Effect {
  return { do: 'forward', callId, event }
}

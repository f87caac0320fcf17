/** A call as one of its legs sees it. */
import {
  endOf,
  type CallView,
  type LegId,
  type LegState,
  type ParticipantView,
  type TransferView,
} from '@parley/protocol'
import type { Call, Leg } from './call.ts'
import { isHeldByOther } from './holding.ts'
import { callerOf, isInCall } from './leg.ts'
import { everybodyOf, lobbyOf, nameOf, peopleOf, turnsOf, type People } from './people.ts'
import { hasEarlyMedia, ringsAs, soundCodecFor } from './phones.ts'
import { forbiddenTo, rightsOf } from './rights.ts'

/** A leg's own part of its view: all but the others, and the version. */
export type OwnView = Omit<CallView, 'version' | 'participants'>

/** Shows a call to one of its legs, live or ended. A leg of another call is a mistake of ours and throws. */
export function viewOf(call: Call, legId: LegId, people?: People): CallView {
  const own = call.legs.find((leg) => leg.id === legId)
  if (own === undefined) throw new Error(`call ${call.id} has no leg ${legId}`)
  return { ...ownView(call, own), version: call.version, participants: othersOf(call, own, people) }
}

export function ownView(call: Call, own: Leg): OwnView {
  const caller = callerOf(call.legs, own) ?? own
  const transfer = transferOf(call, own)
  const rights = rightsOf(call, own)
  const codec = soundCodecFor(call, own)
  return {
    callId: call.id,
    kind: call.kind,
    ...call.place,
    legId: own.id,
    direction: own.side === 'callee' ? 'Incoming' : 'Outgoing',
    state: ownState(call, own),
    isMuted: own.isMuted,
    mutedByOthers: own.mutedByOthers,
    ...(own.role === undefined ? {} : { role: own.role }),
    may: rights,
    forbidden: forbiddenTo(call, own),
    isSharing: call.sharing === own.id,
    ...turnsOf(call, own.user),
    ...(codec === undefined ? {} : { soundCodec: codec }),
    caller: { id: caller.user, ...nameOf(caller) },
    ...(rights.includes('admit') && isInCall(own) ? { lobby: lobbyOf(call) } : {}),
    ...(transfer === undefined ? {} : { transfer }),
    mediaLost: mustBuildAnew(own),
    ...(own.state === 'Disconnected' ? { end: endOf(own.reason) } : {}),
  }
}

/**
 * A lost link shows nowhere before it is given up (ACS: Disconnected after 120 s). A caller sees how far the others are,
 * and goes from Ringing straight to Connected: an answer that still waits for media is no step back for him.
 */
function ownState(call: Call, own: Leg): LegState {
  switch (own.state) {
    case 'Calling':
      return callingState(call, own)
    case 'Connecting':
      return own.side === 'caller' ? 'Ringing' : 'Connecting'
    case 'Connected':
    case 'Reconnecting':
      if (own.isHeld) return 'LocalHold'
      return isHeldByOther(call, own) ? 'RemoteHold' : 'Connected'
    case 'Ringing':
    case 'InLobby':
    case 'Disconnected':
      return own.state
  }
}

function callingState(call: Call, own: Leg): LegState {
  if (hasEarlyMedia(call, own)) return 'EarlyMedia'
  return call.legs.some((leg) => leg.state === 'Ringing' && ringsAs(leg) !== 'Connecting') ? 'Ringing' : 'Connecting'
}

function mustBuildAnew(leg: Leg): boolean {
  switch (leg.state) {
    case 'Calling':
    case 'Ringing':
    case 'InLobby':
      return !leg.hasMedia && leg.generation > 0
    case 'Connecting':
      return leg.generation > 0
    case 'Reconnecting':
      return leg.mediaUntil !== undefined
    case 'Connected':
    case 'Disconnected':
      return false
  }
}

/**
 * The others; one's own other devices are not among them. Who has left is gone while one's own leg lives, and shows as
 * Disconnected in the last view of a direct call. Who waits in the lobby sees nobody.
 */
function othersOf(call: Call, own: Leg, people: People | undefined): ParticipantView[] {
  if (own.state === 'InLobby') return []
  const isLast = own.state === 'Disconnected' && call.kind === 'direct'
  const all = isLast ? everybodyOf(call) : (people ?? peopleOf(call))
  return [...all.values()].filter(({ id }) => id !== own.user)
}

function transferOf({ transfer }: Call, own: Leg): TransferView | undefined {
  if (transfer === undefined || (own.id !== transfer.by && own.id !== transfer.of)) return undefined
  const { id, state, to, reason } = transfer
  const side = own.id === transfer.by ? 'by' : 'of'
  return { id, side, state, to, ...(reason === undefined ? {} : { end: endOf(reason) }) }
}

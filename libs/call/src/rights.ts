/** Who may do what: by the kind of the call, and in a room by the role. Grants and views follow from it. */
import type { FailureName, Right, Role, SessionId, Source } from '@parley/protocol'
import type { Call, Leg } from './call.ts'
import { isInCall, isLive, ofSession, withLegs, type InCallLeg } from './leg.ts'

const taking: Right[] = ['hold', 'react']
const talking: Right[] = [...taking, 'speak', 'sendPicture', 'raiseHand', 'write']
const sharing: Right[] = [...talking, 'shareScreen']
const leading: Right[] = [...sharing, 'add', 'remove', 'dialOut']
const moderating: Right[] = [...leading, 'muteOthers', 'spotlightOthers', 'lowerOthersHands']

const ofKind: Record<'direct' | 'group', Right[]> = {
  direct: [...leading, 'endForAll', 'transfer'],
  group: [...moderating, 'endForAll'],
}
const ofRole: Record<Role, Right[]> = {
  Presenter: [...moderating, 'forbidMedia'],
  Collaborator: sharing,
  Attendee: talking,
  Consumer: taking,
}

/** What a participant may do once he is in the call. Who is forbidden to send has not the right to. */
export function rightsOf(call: Call, leg: Leg): Right[] {
  const base = call.kind === 'room' ? ofRole[leg.role ?? 'Attendee'] : ofKind[call.kind]
  const admits: Right[] = call.hasLobby && leg.role === 'Presenter' ? ['admit'] : []
  const lacks = forbiddenTo(call, leg).map((source) => rightTo[source])
  return [...base, ...admits].filter((right) => !lacks.includes(right))
}

export function may(call: Call, leg: Leg, right: Right): boolean {
  return rightsOf(call, leg).includes(right)
}

/** The call in which everybody who may not speak is muted, however he came and whatever he said. */
export function hushed(call: Call): Call {
  return withLegs(
    call,
    call.legs.map((leg) => (isLive(leg) && !leg.isMuted && !may(call, leg, 'speak') ? { ...leg, isMuted: true } : leg)),
  )
}

/** Whether nobody in a call of this kind has this right, whatever his role. */
function isUnknownHere(call: Call, right: Right): boolean {
  const kinds = call.kind === 'room' ? Object.values(ofRole) : [ofKind[call.kind]]
  return right !== 'admit' && !kinds.some((rights) => rights.includes(right))
}

const rightTo: Record<Source, Right> = { microphone: 'speak', camera: 'sendPicture', screen: 'shareScreen' }

/** What moderators have forbidden the person of this leg to send. */
export function forbiddenTo(call: Call, { user }: { user: Leg['user'] }): Source[] {
  return call.forbidden.filter((one) => one.user === user).map((one) => one.source)
}

/** What a leg may send. A screen is sent by who shares only. */
export function sourcesOf(call: Call, leg: Leg): Source[] {
  const rights = rightsOf(call, leg)
  const sources: Source[] = ['microphone', 'camera', 'screen']
  return sources.filter(
    (source) => rights.includes(rightTo[source]) && (source !== 'screen' || call.sharing === leg.id),
  )
}

/** Who asks for something that takes a right: a leg that is in the call and has it, or why not. */
export function asker(call: Call, session: SessionId, right: Right): InCallLeg | FailureName {
  const leg = ofSession(call.legs, session)
  if (leg === undefined) return 'unknownCall'
  if (!isInCall(leg)) return 'notConnected'
  if (may(call, leg, right)) return leg
  return isUnknownHere(call, right) ? 'notInThisCall' : 'roleForbids'
}

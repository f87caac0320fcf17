import { type CallId, CallView, type LegId, type ParticipantView, type RawId, type Right } from '@parley/protocol'

export const ann = '8:acs:11111111-1111-4111-8111-111111111111_aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa' as RawId
export const bob = '8:acs:11111111-1111-4111-8111-111111111111_bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb' as RawId
export const callId = (digit: number): CallId => `${digit}`.repeat(8).concat('-0000-4000-8000-000000000000') as CallId
export const bobsLeg = 'leg_bbbbbbbb' as LegId

export const eve = '8:acs:11111111-1111-4111-8111-111111111111_eeeeeeee-eeee-4eee-8eee-eeeeeeeeeeee' as RawId
export const groupId = '12345678-0000-4000-8000-000000000000'

/** Another participant; connected where nothing else is said. */
export function person(id: RawId, more: Partial<ParticipantView> = {}): ParticipantView {
  return { id, state: 'Connected', isMuted: false, legIds: [], isSharing: false, forbidden: [], ...more }
}

/** What everybody may do in a call without roles. */
const may: Right[] = ['speak', 'sendPicture', 'shareScreen', 'hold', 'add', 'remove', 'muteOthers', 'transfer']

/** A call as one leg sees it; connected and outgoing to Bob where nothing else is said. */
export function view(more: Partial<CallView> = {}): CallView {
  return CallView.parse({
    callId: callId(1),
    version: 1,
    kind: 'direct',
    legId: 'leg_aaaaaaaa',
    direction: 'Outgoing',
    state: 'Connected',
    isMuted: false,
    mutedByOthers: 0,
    may,
    forbidden: [],
    isSharing: false,
    caller: { id: ann },
    participants: [person(bob, { displayName: 'Bob', legIds: [bobsLeg] })],
    mediaLost: false,
    ...more,
  })
}

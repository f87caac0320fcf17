import { type CallId, CallView, type LegId, type RawId } from '@parley/protocol'

export const ann = '8:acs:11111111-1111-4111-8111-111111111111_aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa' as RawId
export const bob = '8:acs:11111111-1111-4111-8111-111111111111_bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb' as RawId
export const callId = (digit: number): CallId => `${digit}`.repeat(8).concat('-0000-4000-8000-000000000000') as CallId
export const bobsLeg = 'leg_bbbbbbbb' as LegId

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
    caller: { id: ann },
    participants: [{ id: bob, displayName: 'Bob', state: 'Connected', isMuted: false, legIds: [bobsLeg] }],
    mediaLost: false,
    ...more,
  })
}

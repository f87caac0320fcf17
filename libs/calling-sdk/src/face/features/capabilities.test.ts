import { expect, it } from '@jest/globals'
import type { CallView } from '@parley/protocol'
import { FakeCall } from '../../../test/fake-call.ts'
import { view } from '../../../test/views.ts'
import { capabilitiesOf } from './capabilities.ts'
import { Features } from './features.ts'

const reasons = (more: Partial<CallView>) =>
  Object.fromEntries(Object.entries(capabilitiesOf(view(more))).map(([name, { reason }]) => [name, reason]))

it('names all twenty-five before anything is known', () => {
  const { capabilities } = new FakeCall('new').feature(Features.Capabilities)
  expect(Object.keys(capabilities)).toHaveLength(25)
  expect(capabilities.unmuteMic).toEqual({ isPresent: false, reason: 'NotInitialized' })
  expect(capabilities.blurBackground).toEqual({ isPresent: false, reason: 'FeatureNotSupported' })
})

it('has what the server says that one may', () => {
  const may = ['speak', 'sendPicture', 'write'] as const
  expect(capabilitiesOf(view({ may: [...may] })).turnVideoOn).toEqual({ isPresent: true, reason: 'Capable' })
  expect(reasons({ may: [...may] })).toMatchObject({
    unmuteMic: 'Capable',
    realTimeText: 'Capable',
    manageLobby: 'CapabilityNotApplicableForTheCallType',
    muteOthers: 'CapabilityNotApplicableForTheCallType',
    viewAttendeeNames: 'Capable',
  })
})

it('blames the role in a room, and the room for what nobody may there', () => {
  expect(reasons({ kind: 'room', role: 'Attendee', may: ['speak'] })).toMatchObject({
    shareScreen: 'RoleRestricted',
    removeParticipant: 'RoleRestricted',
    hangUpForEveryOne: 'CapabilityNotApplicableForTheCallType',
  })
  expect(reasons({ kind: 'room', role: 'Presenter' })).toMatchObject({
    pstnDialOut: 'CapabilityNotApplicableForTheCallType',
  })
})

it('blames the meeting when others forbid the microphone', () => {
  expect(reasons({ may: ['speak'], forbidden: ['microphone'] }).unmuteMic).toBe('MeetingRestricted')
})

it('tells what changed, and why, in objects of their own', () => {
  const call = new FakeCall('new')
  const feature = call.feature(Features.Capabilities)
  const changes: unknown[] = []
  feature.on('capabilitiesChanged', (change) => changes.push(change))
  const before = feature.capabilities

  call.shows({ kind: 'room', role: 'Consumer', may: [] })
  call.shows({ role: 'Attendee', may: ['speak'] })
  call.shows({ forbidden: ['microphone'] })
  call.shows({ displayName: 'Bob' } as object)

  expect(changes).toHaveLength(3)
  expect(changes[0]).toMatchObject({ reason: 'RoleChanged', oldValue: { unmuteMic: { reason: 'NotInitialized' } } })
  expect(changes[1]).toEqual({
    reason: 'RoleChanged',
    oldValue: { unmuteMic: { isPresent: false, reason: 'RoleRestricted' } },
    newValue: { unmuteMic: { isPresent: true, reason: 'Capable' } },
  })
  expect(changes[2]).toMatchObject({
    reason: 'MeetingOptionOrOrganizerPolicyChanged',
    newValue: { unmuteMic: { isPresent: false, reason: 'MeetingRestricted' } },
  })
  expect(feature.capabilities).not.toBe(before)
})

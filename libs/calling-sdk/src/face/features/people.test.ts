import { expect, it } from '@jest/globals'
import type { LegId, ParticipantView, RawId } from '@parley/protocol'
import { FakeCall } from '../../../test/fake-call.ts'
import { ann, bob, bobsLeg, eve, person as participant, view } from '../../../test/views.ts'
import { Features } from './features.ts'

const annsLeg = view().legId
const evesLeg = 'leg_eeeeeeee' as LegId
const person = (id: RawId, more: Partial<ParticipantView> = {}) =>
  participant(id, { legIds: [id === bob ? bobsLeg : evesLeg], ...more })
const user = (id: RawId) => ({ kind: 'communicationUser', communicationUserId: id })

it('lists raised hands in their order, and tells who raised and lowered one', async () => {
  const call = new FakeCall()
  const hands = call.feature(Features.RaiseHand)
  const told: unknown[] = []
  hands.on('raisedHandEvent', ({ identifier }) => told.push(['up', identifier.communicationUserId]))
  hands.on('loweredHandEvent', ({ identifier }) => told.push(['down', identifier.communicationUserId]))

  call.shows({ participants: [person(bob, { hand: 2 })] })
  call.shows({ hand: 3, participants: [person(bob, { hand: 2 }), person(eve, { hand: 1 })] })
  expect(hands.getRaisedHands()).toEqual([
    { identifier: user(eve), order: 1 },
    { identifier: user(bob), order: 2 },
    { identifier: user(ann), order: 3 },
  ])
  call.shows({ hand: undefined, participants: [person(bob, { hand: 2 }), person(eve, { state: 'Disconnected' })] })

  expect(told).toEqual([
    ['up', bob],
    ['up', eve],
    ['up', ann],
    ['down', eve],
    ['down', ann],
  ])
})

it('raises and lowers hands, its own in its own right', async () => {
  const call = new FakeCall(view({ hand: 1 }))
  const hands = call.feature(Features.RaiseHand)
  await hands.raiseHand()
  await hands.lowerHand()
  await hands.lowerHands([{ communicationUserId: ann }, { communicationUserId: bob }])
  await hands.lowerHands([{ communicationUserId: ann }])
  await hands.lowerAllHands()
  expect(call.asked).toEqual([
    ['call.raiseHand', { isUp: true }],
    ['call.raiseHand', { isUp: false }],
    ['call.raiseHand', { isUp: false }],
    ['call.lowerHands', { who: [bob] }],
    ['call.raiseHand', { isUp: false }],
    ['call.raiseHand', { isUp: false }],
    ['call.lowerHands', {}],
  ])
})

it('shows who is in the spotlight, and what changed there', () => {
  const call = new FakeCall()
  const spotlight = call.feature(Features.Spotlight)
  const told: unknown[] = []
  spotlight.on('spotlightChanged', (change) => told.push(change))
  call.shows({ spotlight: 5, participants: [person(bob, { spotlight: 2 })] })
  expect(spotlight.maxParticipantsToSpotlight).toBe(7)
  expect(spotlight.getSpotlightedParticipants()).toEqual([
    { identifier: user(bob), order: 1 },
    { identifier: user(ann), order: 2 },
  ])
  call.shows({ participants: [person(bob)] })
  expect(told).toHaveLength(2)
  expect(told[1]).toEqual({ added: [], removed: [{ identifier: user(bob) }] })
})

it('puts oneself into the spotlight when nobody is named, and takes all out of it', async () => {
  const call = new FakeCall()
  const spotlight = call.feature(Features.Spotlight)
  await spotlight.startSpotlight()
  await spotlight.startSpotlight([{ communicationUserId: bob }])
  await spotlight.stopSpotlight()
  await spotlight.stopAllSpotlight()
  expect(call.asked.map(([, body]) => body)).toEqual([
    { isOn: true, who: [ann] },
    { isOn: true, who: [bob] },
    { isOn: false, who: [ann] },
    { isOn: false },
  ])
})

it('names those who spoke last once each, in a new object each time', () => {
  const call = new FakeCall(view({ participants: [person(bob), person(eve)] }))
  const speakers = call.feature(Features.DominantSpeakers)
  let changes = 0
  speakers.on('dominantSpeakersChanged', () => changes++)
  const before = speakers.dominantSpeakers
  const speak = (...lately: LegId[]) => call.news.emit('speakers', { speaking: [], lately })

  speak(bobsLeg, annsLeg, evesLeg, bobsLeg, 'leg_gone' as LegId)
  expect(speakers.dominantSpeakers.speakersList).toEqual([user(bob), user(eve)])
  speak(annsLeg, bobsLeg, evesLeg)
  expect(changes).toBe(1)
  speak(evesLeg, bobsLeg)
  expect(changes).toBe(2)
  expect(speakers.dominantSpeakers.speakersList).toEqual([user(eve), user(bob)])
  expect(speakers.dominantSpeakers.timestamp).toBeInstanceOf(Date)
  expect(before.speakersList).toEqual([])
})

it('shows what the others may send, and lets it be permitted and forbidden', async () => {
  const call = new FakeCall(view({ participants: [person(bob), person(eve)] }))
  const access = call.feature(Features.MediaAccess)
  const told: unknown[] = []
  access.on('mediaAccessChanged', ({ mediaAccesses }) => told.push(mediaAccesses))
  access.on('meetingMediaAccessChanged', ({ meetingMediaAccess }) => told.push(meetingMediaAccess))

  call.shows({ participants: [person(bob, { forbidden: ['microphone'] }), person(eve)] })
  expect(access.getAllOthersMediaAccess()).toEqual([
    { participant: user(bob), isAudioPermitted: false, isVideoPermitted: true },
    { participant: user(eve), isAudioPermitted: true, isVideoPermitted: true },
  ])
  call.shows({ isMuted: true })
  expect(told).toEqual([access.getAllOthersMediaAccess()])
  const forbidden: ParticipantView['forbidden'] = ['microphone']
  call.shows({ participants: [person(bob, { forbidden }), person(eve, { forbidden })] })
  expect(access.getMeetingMediaAccess()).toEqual({ isAudioPermitted: false, isVideoPermitted: true })
  expect(told).toHaveLength(3)

  await access.forbidAudio([{ communicationUserId: bob }])
  await access.permitVideo([])
  await access.permitOthersVideo()
  expect(call.asked).toEqual([
    ['call.permit', { source: 'microphone', isPermitted: false, who: [bob] }],
    ['call.permit', { source: 'camera', isPermitted: true }],
  ])
})

it('says no more when the call has ended', () => {
  const call = new FakeCall()
  const hands = call.feature(Features.RaiseHand)
  let told = 0
  hands.on('raisedHandEvent', () => told++)
  call.news.emit('end')
  call.shows({ hand: 1 })
  expect(told).toBe(0)
})

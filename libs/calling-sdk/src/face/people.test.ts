import { beforeEach, expect, it } from '@jest/globals'
import { endOf, type LegId, type RawId } from '@parley/protocol'
import { bob, bobsLeg, eve, person } from '../../test/views.ts'
import { People } from './people.ts'

let people: People
let told: string[]
let muted: RawId[]

beforeEach(() => {
  told = []
  muted = []
  people = new People({
    updated: ({ added, removed }) => told.push(`+${added.length} -${removed.length}`),
    mute: async (id) => void muted.push(id),
    waiting: () => undefined,
  })
})

const inCall = () => {
  people.see([person(bob, { legIds: [bobsLeg], role: 'Attendee' })])
  const his = people.find(bob)
  if (his === undefined) throw new Error('Bob is not there.')
  return his
}

it('is the same object to the end, by which he has left', () => {
  const his = inCall()
  people.see([person(bob, { state: 'Hold', isMuted: true })])
  expect(people.find(bob)).toBe(his)
  expect(his).toMatchObject({ state: 'Hold', isMuted: true })
  people.see([])
  expect(his.state).toBe('Disconnected')
  expect(told).toEqual(['+1 -0', '+0 -1'])
})

it('speaks while one of his legs does, and no longer than he is there', () => {
  const his = inCall()
  const heard: boolean[] = []
  his.on('isSpeakingChanged', () => heard.push(his.isSpeaking))
  people.hear([bobsLeg])
  people.hear([bobsLeg, 'leg_eeeeeeee' as LegId])
  people.hear([])
  people.hear([bobsLeg])
  people.close([])
  expect(heard).toEqual([true, false, true, false])
})

it('has a role that may change', () => {
  const his = inCall()
  const roles: string[] = []
  his.on('roleChanged', () => roles.push(his.role))
  people.see([person(bob, { role: 'Presenter' })])
  people.see([person(bob)])
  expect(roles).toEqual(['Presenter', 'Unknown'])
})

it('is muted by asking for it', async () => {
  await inCall().mute()
  expect(muted).toEqual([bob])
})

it('has no reason to have left when somebody else had invited him', () => {
  people.see([person(eve, { state: 'Ringing' })])
  const hers = people.find(eve)
  people.see([person(eve, { state: 'Disconnected', end: endOf('declined') })])
  expect(hers).toMatchObject({ state: 'Disconnected' })
  expect(hers?.callEndReason).toBeUndefined()
})

import { expect, it } from '@jest/globals'
import type { CallView, LegId, ParticipantView, RawId } from '@parley/protocol'
import { People } from './people.ts'

const person = (id: string, state: ParticipantView['state'], leg = `leg_${id}`): ParticipantView => ({
  id: id as RawId,
  state,
  isMuted: false,
  legIds: [leg as LegId],
  isSharing: false,
  forbidden: [],
})
const view = (version: number, participants: ParticipantView[]) => ({ version, participants }) as CallView
const present = (people: People) => people.present.map(({ id, state }) => `${id} ${state}`)

it('the newest that was said of each counts', () => {
  const people = new People()
  people.see(view(1, [person('ann', 'Connecting'), person('bob', 'Connected')]))
  people.take({ version: 3, participants: [person('ann', 'Connected')] })
  people.take({ version: 2, participants: [person('ann', 'Hold'), person('bob', 'Hold')] })
  expect(present(people)).toEqual(['ann Connected', 'bob Hold'])
})

it('who has left is not there, and his leg is still known', () => {
  const people = new People()
  people.see(view(1, [person('ann', 'Connected'), person('bob', 'Connected')]))
  people.take({ version: 2, participants: [person('bob', 'Disconnected')] })
  expect(present(people)).toEqual(['ann Connected'])
  expect(people.ownerOf('leg_bob' as LegId)).toBe('bob')
})

it('a view that is older than what was said of somebody does not send him away', () => {
  const people = new People()
  people.take({ version: 5, participants: [person('cem', 'Connected')] })
  people.see(view(4, [person('ann', 'Connected')]))
  expect(present(people)).toEqual(['cem Connected', 'ann Connected'])
  people.see(view(6, [person('ann', 'Connected')]))
  expect(present(people)).toEqual(['ann Connected'])
})

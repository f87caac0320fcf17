import { afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import { setFarEnds } from '../support/far-ends/far-ends.ts'
import type { Person } from '../support/person.ts'
import { settleNumber, settleTrunks } from '../support/phone-network.ts'
import { groupMeets } from '../support/situations.ts'
import { setStage } from '../support/stage.ts'
import { Telephone } from '../support/telephone.ts'

const own = '+4930900'
const toGroup = '+4930902'

describe('phones where people meet', () => {
  const farEnds = setFarEnds()
  let one: Telephone
  let two: Telephone
  const stage = setStage(async () => {
    one = await farEnds.add(Telephone.start({ number: '+4930111', toneHz: 2290 }))
    two = await farEnds.add(Telephone.start({ number: '+4930222', toneHz: 2530 }))
    return {}
  })
  beforeAll(async () => {
    await settleNumber(stage.platform, { number: own })
    await settleTrunks(
      stage.platform,
      [
        { fqdn: 'one.pbx.test', port: one.sipPort },
        { fqdn: 'two.pbx.test', port: two.sipPort },
      ],
      [
        { pattern: '111$', over: ['one.pbx.test'] },
        { pattern: '222$', over: ['two.pbx.test'] },
      ],
    )
  })
  afterEach(async () => {
    await Promise.all([one, two].map((phone) => phone.hangsUp()))
  })

  /** Asks a phone into the call. */
  async function adds(person: Person, phone: Telephone): Promise<void> {
    await person.does(
      ({ call }, [number, shown]) => {
        call.addParticipant({ phoneNumber: number }, { alternateCallerId: { phoneNumber: shown } })
      },
      [phone.number, own] as const,
    )
    await phone.isTold('CALL_ESTABLISHED')
  }

  it('one is added, one calls in: each hears all others and not itself, and everybody hears both', async () => {
    const { groupId, all } = await groupMeets(stage, ['ann', 'bob', 'cat'])
    const [ann, bob, cat] = all as [Person, Person, Person]
    await settleNumber(stage.platform, { number: toGroup, target: { groupId } })
    await adds(ann, one)
    await two.calls(`sip:${toGroup}@127.0.0.1:${stage.platform.sipPort}`)
    await two.isTold('CALL_ESTABLISHED')
    await ann.seesPeople(bob, cat, one, two)
    await Promise.all([one.hears(ann, bob, cat, two), two.hears(ann, bob, cat, one)])
    await Promise.all(all.flatMap((person) => [person.hears(one), person.hears(two)]))

    await bob.does(({ call }, id) => {
      const found = call.remoteParticipants.find(
        ({ identifier }) => 'phoneNumber' in identifier && `4:${identifier.phoneNumber}` === id,
      )
      return call.removeParticipant(found?.identifier ?? { id })
    }, two.id)
    await two.isTold('CALL_CLOSED')
    await ann.seesPeople(bob, cat, one)
    await one.hears(ann, bob, cat)
    await one.hangsUp()
    await ann.seesPeople(bob, cat)
  })

  it('one that is muted by others is told so, is heard by nobody, and comes back by *6', async () => {
    const { all } = await groupMeets(stage, ['ann', 'bob'], { muted: ['ann', 'bob'] })
    const [ann, bob] = all as [Person, Person]
    await adds(ann, one)
    await Promise.all([ann.hears(one), bob.hears(one), one.hears()])
    await ann.does(({ participant }, id) => participant(id).mute(), one.id)
    await one.hearsWords()
    await Promise.all([ann.hearsNot(one), bob.hearsNot(one), bob.sees(one, { isMuted: true })])
    await one.presses('*6')
    await Promise.all([ann.hears(one), bob.hears(one), bob.sees(one, { isMuted: false })])
    expect(ann.toldOf('dtmfReceived')).toEqual([])
  })

  it('one is called from a room that may dial out, and from no other', async () => {
    const ann = await stage.people.arrive('ann')
    const participants = [{ id: ann.user, role: 'Presenter' as const }]
    const rooms = await Promise.all(
      [true, false].map((pstnDialOutEnabled) => stage.platform.rooms.createRoom({ participants, pstnDialOutEnabled })),
    )
    const [open, closed] = rooms.map(({ id }) => id) as [string, string]
    await ann.joins({ roomId: open })
    await ann.reaches('Connected')
    await adds(ann, one)
    await ann.seesPeople(one)
    await ann.hangsUp()
    await ann.ends()
    await one.isTold('CALL_CLOSED')

    const before = one.timesTold('CALL_ESTABLISHED')
    await ann.joins({ roomId: closed })
    await ann.reaches('Connected')
    await ann.does(
      ({ call, tell }, [number, shown]) => {
        const phone = call.addParticipant({ phoneNumber: number }, { alternateCallerId: { phoneNumber: shown } })
        phone.on('stateChanged', () => tell('phone', phone.state))
      },
      [one.number, own] as const,
    )
    await ann.isToldOf('phone', (state) => state === 'Disconnected')
    expect(await ann.people()).toEqual([])
    expect(one.timesTold('CALL_ESTABLISHED')).toBe(before)
  })
})

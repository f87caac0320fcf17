import { randomUUID } from 'node:crypto'
import { afterEach, describe, expect, it } from '@jest/globals'
import type { Person } from '../support/person.ts'
import { signedRest } from '../support/rest.ts'
import { groupMeets } from '../support/situations.ts'
import { setStage } from '../support/stage.ts'
import { Telephone } from '../support/telephone.ts'
import { until } from '../support/until.ts'

const toGroup = '+4930902'
const group = randomUUID()

describe('telephones that have registered on this machine', () => {
  const stage = setStage({ SIP_NUMBERS: `${toGroup}=group:${group}` })
  const here: Telephone[] = []
  afterEach(async () => {
    await Promise.all(here.splice(0).map((one) => one.goes()))
  })

  async function telephone(number: string, toneHz: number): Promise<Telephone> {
    const one = await Telephone.start({ number, toneHz, registrar: stage.platform.sipPort })
    here.push(one)
    return one
  }

  it('come into a group, hear everybody in it but themselves, and are muted and unmute by *6', async () => {
    const [{ all }, phone, other] = await Promise.all([
      groupMeets(stage, ['ann', 'bob']),
      telephone('1001', 1930),
      telephone('1002', 2290),
    ])
    const [ann, bob] = all
    if (ann === undefined || bob === undefined) throw new Error('The group is not there.')
    await ann.does(({ call }) => void call.addParticipant({ phoneNumber: '1001' }))
    await bob.does(({ call }) => void call.addParticipant({ phoneNumber: '1002' }))
    await Promise.all([phone.isTold('CALL_ESTABLISHED'), other.isTold('CALL_ESTABLISHED')])
    await Promise.all([ann.hears(phone), ann.hears(other), bob.hears(phone), bob.hears(other), ann.hears(bob)])
    await Promise.all([phone.hears(ann, bob, other), other.hears(ann, bob, phone)])

    await ann.does(({ participant }) => participant('4:1001').mute())
    await Promise.all([ann.hearsNot(phone), bob.hearsNot(phone), other.hears(ann, bob)])
    await phone.presses('*6')
    await Promise.all([ann.hears(phone), bob.hears(phone), other.hears(ann, bob, phone)])
    await phone.hangsUp()
    await other.hears(ann, bob)
  })

  it('are transferred to somebody else, and do not notice but by the voice', async () => {
    const [ann, bob, phone] = await Promise.all([
      stage.people.arrive('ann', { displayName: 'Ann' }),
      stage.people.arrive('bob', { displayName: 'Bob' }),
      telephone('1001', 1930),
    ])
    await phone.calls(`sip:ann@127.0.0.1:${stage.platform.sipPort}`)
    await ann.isRung()
    await ann.answers()
    await Promise.all([ann.hears(phone), phone.hears(ann)])
    await ann.does(({ call, sdk }, id) => {
      call.feature(sdk.Features.Transfer).transfer({ targetParticipant: { communicationUserId: id } })
    }, bob.id)
    expect(await bob.isRung()).toMatchObject({ from: '4:1001' })
    await bob.answers()
    await Promise.all([bob.hears(phone), phone.hears(bob)])
    expect(await ann.ends()).toMatchObject({ code: 0, subCode: 7015 })
    expect(phone.timesTold('CALL_CLOSED')).toBe(0)
    await bob.hangsUp()
    await phone.isTold('CALL_CLOSED')
  })

  it('transfer the other side to another telephone by REFER', async () => {
    const [ann, phone, other] = await Promise.all([
      stage.people.arrive('ann', { displayName: 'Ann' }),
      telephone('1001', 1930),
      telephone('1002', 2290),
    ])
    await phone.calls(`sip:ann@127.0.0.1:${stage.platform.sipPort}`)
    await ann.isRung()
    await ann.answers()
    await Promise.all([ann.hears(phone), phone.hears(ann)])
    await phone.commands('transfer', `sip:1002@127.0.0.1:${stage.platform.sipPort}`)
    await other.isTold('CALL_ESTABLISHED')
    await Promise.all([ann.hears(other), other.hears(ann)])
    await phone.isTold('CALL_CLOSED')
  })

  it('call the number of a group, wait in its lobby, and are let in', async () => {
    const ann = await stage.people.arrive('ann', { displayName: 'Ann' })
    const groupId = await groupHasLobby(ann)
    await ann.joins({ groupId })
    await ann.reaches('Connected')
    const phone = await telephone('1001', 1930)
    await phone.calls(`sip:${toGroup}@127.0.0.1:${stage.platform.sipPort}`)
    await phone.isTold('CALL_ESTABLISHED')
    await until('the phone in the lobby', async () => {
      const waiting = await ann.does(({ call }) => call.lobby?.participants.length ?? 0)
      return waiting === 1 ? { found: true } : { sawOnly: `${waiting} waiting` }
    })
    await ann.hearsNot(phone)
    await ann.does(({ call }) => call.lobby?.admitAll())
    await Promise.all([ann.hears(phone), phone.hears(ann)])
    await ann.does(({ call }) => call.removeParticipant({ phoneNumber: '1001' }))
    await phone.isTold('CALL_CLOSED')
  })

  /** The group that the number leads to lets people in one by one. */
  async function groupHasLobby({ id }: Person): Promise<string> {
    const body = JSON.stringify({ lobbyEnabled: true, presenters: [id] })
    expect(await signedRest(stage.platform, 'PUT', `/groups/${group}`, body)).toMatchObject({ status: 200 })
    return group
  }
})

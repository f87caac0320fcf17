import { describe, expect, it } from '@jest/globals'
import { randomUUID } from 'node:crypto'
import type { Person } from '../support/person.ts'
import { allHearEachOther, twoTalk, type Two } from '../support/situations.ts'
import { setStage } from '../support/stage.ts'
import { until } from '../support/until.ts'

const ringLimitMs = 3_000
const transferLimitMs = 6_000

const stage = setStage({ RING_LIMIT_S: `${ringLimitMs / 1000}`, TRANSFER_LIMIT_S: `${transferLimitMs / 1000}` })

describe('transfer({ targetParticipant })', () => {
  it('brings the other side to a third person, tells it of the new call, and ends the old one with 0/7015', async () => {
    const { ann, bob, cat } = await twoTalkAndCatIsHere()
    await watchesTransfers(bob)
    await transfers(ann, { to: cat })
    await ann.isToldOf('transfer', isSame({ state: 'Transferring' }))
    const { targetId, isInCalls, oldState } = await bob.isToldOf<Accepted>('transferAccepted')
    expect(isInCalls).toBe(true)
    expect(oldState).not.toBe('Disconnected')

    // To the third person Bob calls, as himself.
    expect(await cat.isRung()).toMatchObject({ from: bob.id, callId: targetId })
    await cat.answers()
    await ann.isToldOf('transfer', isSame({ state: 'Transferred' }))
    const end = { code: 0, subCode: 7015 }
    expect(await bob.ends()).toMatchObject(end)
    expect(await ann.ends()).toMatchObject(end)
    expect(ann.participantStates.at(-1)).toBe('Disconnected')

    await bob.goesOnInNewCall()
    expect(bob.callId).toBe(targetId)
    await Promise.all([bob.hears(cat), cat.hears(bob), bob.hearsNot(ann), cat.hearsNot(ann), ann.hearsNot(bob)])
    expect(await bob.does(({ call }) => [call.state, call.direction])).toEqual(['Connected', 'Outgoing'])
    expect([await ann.callCount(), await bob.callCount(), await cat.callCount()]).toEqual([0, 1, 1])
    expect(bob.callsUpdated).toEqual(['+1', '+1', '-1'])
    expect(ann.callsUpdated).toEqual(['+1', '-1'])
    await cat.hangsUp()
    expect(await bob.ends()).toMatchObject({ code: 0, subCode: 0 })
  })

  it('who was transferred is told by whom, and who transfers may hang up as soon as it is Transferred', async () => {
    const { ann, bob, cat } = await twoTalkAndCatIsHere()
    await watchesTransfers(bob)
    await ann.does(({ call, sdk }, id) => {
      const transfer = call.feature(sdk.Features.Transfer).transfer({ targetParticipant: { communicationUserId: id } })
      transfer.on('stateChanged', () => {
        if (transfer.state === 'Transferred') void call.hangUp()
      })
    }, cat.id)
    await cat.isRung()
    await cat.answers()
    expect((await ann.ends()).code).toBe(0)
    expect(ann.states.slice(-2)).toEqual(['Disconnecting', 'Disconnected'])
    await bob.goesOnInNewCall()
    await Promise.all([bob.hears(cat), cat.hears(bob)])
    expect(await bob.does(({ call }) => call.transferorInfo)).toMatchObject({
      identifier: { communicationUserId: ann.id },
      displayName: 'Ann',
    })
  })

  it('is Failed when the third person declines: the old call goes on, and is heard again', async () => {
    const { ann, bob, cat } = await twoTalkAndCatIsHere()
    await watchesTransfers(bob)
    await transfers(ann, { to: cat })
    await cat.isRung()
    await cat.declines()
    await ann.isToldOf('transfer', isSame({ state: 'Failed', error: { code: 603, subCode: 0 } }))
    await oldCallGoesOn({ ann, bob }, { code: 603 })

    // It may be tried again.
    await transfers(ann, { to: cat })
    await cat.isRung()
    await cat.answers()
    await ann.isToldOf('transfer', isSame({ state: 'Transferred' }))
    await bob.goesOnInNewCall()
    await Promise.all([bob.hears(cat), cat.hears(bob)])
  })

  it('is Failed when nobody is there, nobody answers, or who is to be transferred is away', async () => {
    const { ann, bob, cat } = await twoTalkAndCatIsHere()
    const { ann: dan, bob: eve } = await twoTalk(stage, { as: ['dan', 'eve'] })
    await Promise.all([watchesTransfers(bob), eve.crashes()])
    await transfers(dan, { to: cat })
    await dan.isToldOf('transfer', isSame({ state: 'Transferring' }))

    const fay = await stage.people.come('fay')
    await transfers(ann, { to: fay })
    await ann.isToldOf('transfer', isSame({ state: 'Failed', error: { code: 480, subCode: 10037 } }))
    await oldCallGoesOn({ ann, bob }, { code: 480 })
    await transfers(ann, { to: cat })
    await cat.isRung()
    await ann.isToldOf('transfer', isSame({ state: 'Failed', error: { code: 487, subCode: 10004 } }))
    expect(await cat.ringEnds()).toMatchObject({ code: 487, subCode: 10004 })
    await oldCallGoesOn({ ann, bob }, { code: 487 })

    await dan.isToldOf('transfer', isSame({ state: 'Failed', error: { code: 408, subCode: 0 } }))
    expect(dan.states.at(-1)).toBe('Connected')
    expect(cat.ringCount).toBe(1)
  })

  it('is for calls of two and for people: elsewhere it is Failed at once', async () => {
    const { ann, bob, cat } = await twoTalkAndCatIsHere()
    await transfers(ann, { to: '8:acs:nobody' })
    await ann.isToldOf('transfer', isSame({ state: 'Failed', error: { code: 400, subCode: 10044 } }))
    await ann.adds(cat)
    await cat.isRung()
    await cat.answers()
    await ann.seesPeople(bob, cat)
    await transfers(ann, { to: cat })
    await ann.isToldOf('transfer', isSame({ state: 'Failed', error: { code: 400, subCode: 0 } }))
    await allHearEachOther([ann, bob, cat])
  })
})

describe('transfer({ targetCallId })', () => {
  it('brings the other side into a running call of ours, and all of it hears each other', async () => {
    const { ann, bob, cat } = await twoTalkAndCatIsHere()
    await watchesTransfers(bob)
    const withBob = ann.callId
    await ann.calls(cat)
    await cat.isRung()
    await cat.answers()
    await Promise.all([ann.reaches('Connected'), ann.hears(cat), bob.hearsNot(ann)])
    const withCat = ann.callId

    // Bob's call is on hold meanwhile, as one call at a time is active.
    ann.turnsTo(0)
    expect([ann.callId, ann.states.at(-1)]).toEqual([withBob, 'LocalHold'])
    await transfers(ann, { into: withCat })
    await ann.isToldOf('transfer', isSame({ state: 'Transferred' }))
    expect(await bob.isToldOf('transferAccepted')).toMatchObject({ targetId: withCat, isInCalls: true })
    expect(await bob.ends()).toMatchObject({ code: 0, subCode: 7015 })
    expect(await ann.ends()).toMatchObject({ code: 0, subCode: 7015 })
    expect(bob.ringCount).toBe(1)

    ann.turnsTo(1)
    await bob.goesOnInNewCall()
    await Promise.all([ann.seesPeople(bob, cat), bob.seesPeople(ann, cat), cat.seesPeople(ann, bob)])
    await allHearEachOther([ann, bob, cat])
    expect([await ann.callCount(), await bob.callCount(), await cat.callCount()]).toEqual([1, 1, 1])
  })

  it('is Failed at once when there is no such call of ours, or he is in it already', async () => {
    const { ann, bob } = await twoTalk(stage)
    const failed = isSame({ state: 'Failed', error: { code: 480, subCode: 10037 } })
    await transfers(ann, { into: randomUUID() })
    await ann.isToldOf('transfer', failed)
    await transfers(bob, { into: bob.callId })
    await bob.isToldOf('transfer', failed)
    await allHearEachOther([ann, bob])
    expect([await stateOf(ann), await stateOf(bob)]).toEqual(['Connected', 'Connected'])
  })
})

type Accepted = { targetId: string; isInCalls: boolean; oldState: string }
type Three = Two & { cat: Person }

async function twoTalkAndCatIsHere(): Promise<Three> {
  const [two, cat] = await Promise.all([twoTalk(stage), stage.people.arrive('cat', { tone: 970 })])
  return { ...two, cat }
}

/** Asks for a transfer, and is told of what becomes of it. */
function transfers(person: Person, target: { to: Person | string } | { into: string }): Promise<void> {
  const to = 'into' in target ? undefined : typeof target.to === 'string' ? target.to : target.to.id
  const into = 'into' in target ? target.into : ''
  return person.does(
    ({ call, sdk, tell }, { to, into }) => {
      const aim = to === undefined ? { targetCallId: into } : { targetParticipant: { communicationUserId: to } }
      const transfer = call.feature(sdk.Features.Transfer).transfer(aim)
      transfer.on('stateChanged', () => {
        const { state, error } = transfer
        tell('transfer', { state, ...(error && { error: { code: error.code, subCode: error.subCode } }) })
      })
    },
    { to, into },
  )
}

/** What Bob was to be transferred to has ended, and his call with Ann is as it was. */
async function oldCallGoesOn({ ann, bob }: Two, { code }: { code: number }): Promise<void> {
  await bob.isToldOf<{ code: number }>('target ended', (end) => end.code === code)
  for (const one of [ann, bob]) {
    await until(`old call of ${one.name}`, async () => {
      const state = await stateOf(one)
      return state === 'Connected' ? { found: true } : { sawOnly: state }
    })
  }
  await allHearEachOther([ann, bob])
}

function stateOf(person: Person): Promise<string> {
  return person.does(({ call }) => call.state)
}

function isSame(expected: unknown): (data: unknown) => boolean {
  return (data) => JSON.stringify(data) === JSON.stringify(expected)
}

/** From now on someone is told when he is transferred, and how the call ends that he is transferred to. */
function watchesTransfers(person: Person): Promise<void> {
  return person.does(({ call, agent, sdk, tell }) => {
    call.feature(sdk.Features.Transfer).on('transferAccepted', ({ targetCall }) => {
      const isInCalls = agent.calls.includes(targetCall)
      tell('transferAccepted', { targetId: targetCall.id, isInCalls, oldState: call.state })
      targetCall.on('stateChanged', () => {
        const { state, callEndReason } = targetCall
        if (state === 'Disconnected') tell('target ended', { id: targetCall.id, ...callEndReason })
      })
    })
  })
}

import { describe, expect, it } from '@jest/globals'
import { randomUUID } from 'node:crypto'
import type { Person } from '../support/person.ts'
import { allHearEachOther, groupMeets, twoAreHere, twoInACall, twoTalk } from '../support/situations.ts'
import { setStageBehindProxy } from '../support/stage-behind-proxy.ts'
import { setStage } from '../support/stage.ts'

const stage = setStage()

describe('callsUpdated', () => {
  it('adds a call when it is started, joined or accepted, and removes it when it is Disconnected and says why', async () => {
    const { ann, bob } = await twoAreHere(stage)
    await Promise.all([followsCalls(ann), followsCalls(bob)])
    await ann.calls(bob)
    await bob.isRung()
    // What rings is no call yet.
    expect([bob.toldOf('calls'), await bob.callCount()]).toEqual([[], 0])
    await bob.answers()
    await Promise.all([ann.reaches('Connected'), bob.reaches('Connected')])
    await ann.hangsUp()
    for (const one of [ann, bob]) await one.isToldOf('calls', (told) => told === '-Disconnected 0/0')
    expect(ann.toldOf('calls')).toEqual(['+None Outgoing', '-Disconnected 0/0'])
    expect(bob.toldOf('calls')).toEqual(['+Connecting Incoming', '-Disconnected 0/0'])

    await bob.calls(ann)
    await ann.isRung()
    await ann.declines()
    await bob.isToldOf('calls', (told) => told === '-Disconnected 603/0')
    expect(bob.toldOf('calls').slice(2)).toEqual(['+None Outgoing', '-Disconnected 603/0'])
    expect(ann.toldOf('calls')).toHaveLength(2)

    // Where one is already one stays: it is the same call.
    const isSame = await ann.does(({ agent }, groupId) => {
      const [first, again] = [agent.join({ groupId }), agent.join({ groupId: groupId.toUpperCase() })]
      return first === again && agent.calls.length === 1 && agent.calls[0] === first
    }, randomUUID())
    expect(isSame).toBe(true)
    await ann.does(({ agent }) => agent.calls[0]?.hangUp())
    await ann.isToldOf('calls', () => ann.toldOf('calls').length === 4)
    expect(ann.toldOf('calls').slice(2)).toEqual(['+None Outgoing', '-Disconnected 0/0'])
  })
})

describe('several agents of one user', () => {
  it('are all rung; the one that answers has the call, and the others are told and can be rung again', async () => {
    const { people } = stage
    const [ann, cat, laptop] = await Promise.all([people.arrive('ann'), people.arrive('cat'), people.arrive('laptop')])
    const [tablet, phone] = await Promise.all(
      ['tablet', 'phone'].map((name) => people.arrive(name, { sameUserAs: laptop })),
    )
    if (tablet === undefined || phone === undefined) throw new Error('Two more were to arrive.')
    await ann.calls(laptop)
    await Promise.all([laptop, tablet, phone].map((one) => one.isRung()))
    await tablet.answers()
    for (const other of [laptop, phone]) expect(await other.ringEnds()).toMatchObject({ code: 487, subCode: 10003 })
    await Promise.all([ann.hears(tablet), tablet.hears(ann)])
    await ann.sees(laptop, { state: 'Connected', endpoints: 1 })
    expect([laptop.callsUpdated, phone.callsUpdated, tablet.callsUpdated]).toEqual([[], [], ['+1']])

    // Another call rings at all of them once more, and goes to another device without touching the first.
    await cat.calls(laptop)
    await Promise.all([laptop, tablet, phone].map((one) => one.isRung()))
    await phone.answers()
    for (const other of [laptop, tablet]) expect(await other.ringEnds()).toMatchObject({ code: 487, subCode: 10003 })
    await Promise.all([cat.hears(phone), phone.hears(cat), ann.hears(tablet), tablet.hears(ann)])
    await Promise.all([ann.hearsNot(cat), ann.hearsNot(phone), tablet.hearsNot(cat)])
    expect([tablet.states, phone.states]).toEqual([
      ['Connecting', 'Connected'],
      ['Connecting', 'Connected'],
    ])
    await laptop.signsOff()
    await Promise.all([cat.hears(phone), ann.hears(tablet)])
  })

  it('all leave when a call is ended for all, or their user is removed', async () => {
    const { groupId, all } = await groupMeets(stage, ['ann', 'bob'])
    const [ann, bob] = all as [Person, Person]
    const tablet = await stage.people.arrive('tablet', { sameUserAs: bob })
    await tablet.joins({ groupId })
    await ann.sees(bob, { state: 'Connected', endpoints: 2 })
    await ann.removes(bob)
    for (const one of [bob, tablet]) expect(await one.ends()).toMatchObject({ code: 0, subCode: 5300 })
    await ann.seesPeople()

    await Promise.all([bob.joins({ groupId }), tablet.joins({ groupId })])
    await ann.sees(bob, { state: 'Connected', endpoints: 2 })
    await tablet.endsForAll()
    for (const one of [ann, bob, tablet]) {
      expect(await one.ends()).toMatchObject({ code: 0, subCode: 4097 })
      expect(await one.callCount()).toBe(0)
    }
  })

  it('in one page there is one agent of an identity: the second is refused with 409/40228 until the first is disposed', async () => {
    const { ann, bob } = await twoInACall(stage)
    // Another client does not help.
    for (const isOther of [false, true]) {
      const another = ann.does(async ({ client, sdk }, isOther) => {
        const credential = { getToken: () => freshToken('ann'), dispose: () => {} }
        await (isOther ? new sdk.CallClient() : client).createCallAgent(credential)
      }, isOther)
      await expect(another).rejects.toMatchObject({ code: 409, subCode: 40228 })
    }
    await Promise.all([ann.hears(bob), bob.hears(ann)])
    await ann.signsOff()
    expect(await bob.ends()).toMatchObject({ code: 0, subCode: 0 })
    await makesAgentAgain(ann)
    await bob.calls(ann)
    await ann.isToldOf('rung anew')
  })
})

describe('one active call at a time', () => {
  it('of two outgoing calls the one that is answered last puts the other on LocalHold', async () => {
    const { people } = stage
    const [ann, bob, cat] = await Promise.all(['ann', 'bob', 'cat'].map((name) => people.arrive(name)))
    if (!ann || !bob || !cat) throw new Error('Three people were to arrive.')
    await ann.calls(bob)
    await bob.isRung()
    await ann.calls(cat)
    await cat.isRung()
    await bob.answers()
    await bob.hears(ann)
    await cat.answers()
    await Promise.all([cat.reaches('Connected'), bob.reaches('RemoteHold')])
    await Promise.all([ann.hears(cat), cat.hears(ann), ann.hearsNot(bob), bob.hearsNot(ann)])
    expect(await ann.does(({ agent }) => agent.calls.map(({ state }) => state))).toEqual(['LocalHold', 'Connected'])
    ann.turnsTo(0)
    await ann.resumes()
    await Promise.all([ann.hears(bob), bob.hears(ann), cat.reaches('RemoteHold'), ann.hearsNot(cat)])
  })

  it('a call that the other side holds stays silent when that resumes and another one is active', async () => {
    const { ann, bob } = await twoTalk(stage)
    const cat = await stage.people.arrive('cat')
    await bob.holds()
    await ann.reaches('RemoteHold')
    await ann.calls(cat)
    await cat.isRung()
    await cat.answers()
    await Promise.all([ann.hears(cat), cat.hears(ann)])
    await bob.resumes()
    expect(bob.states.at(-1)).toBe('RemoteHold')
    await Promise.all([ann.hearsNot(bob), bob.hearsNot(ann)])
    expect(await ann.does(({ agent }) => agent.calls.map(({ state }) => state))).toEqual(['LocalHold', 'Connected'])
  })
})

describe('connectionState', () => {
  it('is Connected, and Disconnected without a reason after dispose(): its calls end, and no others begin', async () => {
    const { ann, bob } = await twoInACall(stage)
    expect(await ann.does(({ agent }) => agent.connectionState)).toBe('Connected')
    await bob.calls(ann)
    await ann.isRung()
    await ann.signsOff()
    expect(await ann.does(({ agent }) => agent.connectionState)).toBe('Disconnected')
    await ann.isTold({ state: 'Disconnected' })
    expect(await ann.ends()).toMatchObject({ code: 0, subCode: 0 })
    expect(await ann.ringEnds()).toMatchObject({ code: 0, subCode: 0 })
    await followsCalls(ann)
    await ann.calls(bob)
    await ann.isToldOf('calls', (told) => told === '-Disconnected 496/7')
    expect(ann.callsUpdated).toEqual(['+1', '-1', '+1', '-1'])
    await ann.signsOff()
    expect(ann.connectionStates).toHaveLength(1)
  })

  it('is Disconnected with invalidToken when the tokens are revoked, for every agent of the user; calls begin no more', async () => {
    const { ann, bob } = await twoAreHere(stage)
    const tablet = await stage.people.arrive('tablet', { sameUserAs: ann })
    const [revoked, revokedToo] = await Promise.all([ann.token(), tablet.token()])
    ann.token = async () => revoked
    tablet.token = async () => revokedToo
    await stage.platform.identities.revokeTokens(ann.user)
    for (const one of [ann, tablet]) {
      await one.isTold({ state: 'Disconnected', reason: 'invalidToken' })
      expect(await one.does(({ agent }) => agent.connectionState)).toBe('Disconnected')
    }
    await ann.calls(bob)
    expect(await ann.ends()).toMatchObject({ code: 401, subCode: 10009 })
    expect(bob.connectionStates).toEqual([])
    await bob.calls(ann)
    expect(await bob.ends()).toMatchObject({ code: 480, subCode: 10037 })
  })
})

describe('without network', () => {
  const serversLimitMs = 3_000
  const behind = setStageBehindProxy({ RECONNECT_LIMIT_S: `${serversLimitMs / 1000}` })

  it('a call ends with 496/7 after two minutes on that side, and its agent is Disconnected with connectionIssue', async () => {
    const { people, platform } = behind.stage
    const [ann, bob] = await Promise.all([people.come('ann', { displayName: 'Ann' }), people.arrive('bob')])
    // Her two minutes pass as fast as we like.
    await ann.page.clock.install()
    await ann.connects(platform.sdkUrl, 'Ann')
    await ann.calls(bob)
    await bob.isRung()
    await bob.answers()
    await Promise.all([ann.hears(bob), bob.hears(ann)])
    await ann.does(({ call, agent, sdk, tell }) => {
      const { network } = call.feature(sdk.Features.UserFacingDiagnostics)
      network.on('diagnosticChanged', ({ diagnostic, value }) => tell('network', `${diagnostic} ${String(value)}`))
      call.on('stateChanged', () => tell('order', `call ${call.state}`))
      agent.on('callsUpdated', ({ removed }) => tell('order', `-${removed.length} call`))
      agent.on('connectionStateChanged', ({ oldValue, newValue, reason }) =>
        tell('order', `agent ${oldValue} to ${newValue} ${reason}`),
      )
    })

    behind.proxy.destroy(new URL(ann.page.url()).origin)
    // For the others she is gone when the server's patience ends.
    expect(await bob.ends(serversLimitMs + 5_000)).toMatchObject({ code: 0, subCode: 4521 })
    await ann.page.clock.fastForward(20_000)
    await ann.isToldOf('network', (told) => told === 'networkReconnect 3')
    await ann.page.clock.fastForward(60_000)
    expect(await ann.does(({ call, agent }) => [call.state, agent.connectionState])).toEqual(['Connected', 'Connected'])
    expect(ann.toldOf('order')).toEqual([])

    await ann.page.clock.fastForward(40_000)
    expect(await ann.ends()).toMatchObject({ code: 496, subCode: 7 })
    await ann.isTold({ state: 'Disconnected', reason: 'connectionIssue' })
    await ann.isToldOf('order', (told) => String(told).startsWith('agent'))
    expect(ann.toldOf('order')).toEqual([
      'call Disconnected',
      '-1 call',
      'agent Connected to Disconnected connectionIssue',
    ])
    expect(ann.states).toEqual(['None', 'Connecting', 'Ringing', 'Connected', 'Disconnected'])

    // Such an agent is of no more use, even when the network is back: the app makes another.
    behind.proxy.pass(new URL(ann.page.url()).origin)
    await ann.calls(bob)
    expect(await ann.ends()).toMatchObject({ code: 496, subCode: 7 })
    await makesAgentAgain(ann)
    await bob.calls(ann)
    await ann.isToldOf('rung anew')
    expect(bob.connectionStates).toEqual([])
  })

  it('a short loss is nothing: the agent stays Connected, and so do its calls', async () => {
    const { all } = await groupMeets(behind.stage, ['ann', 'bob', 'cat'])
    const [ann] = all as [Person]
    const annsPage = new URL(ann.page.url()).origin
    const linksBefore = behind.proxy.connections(annsPage).length
    behind.proxy.destroy(annsPage)
    behind.proxy.pass(annsPage)
    await behind.proxy.carries(annsPage, linksBefore)
    await allHearEachOther(all)
    for (const one of all) expect([one.connectionStates, one.states.at(-1)]).toEqual([[], 'Connected'])
    expect(ann.callsUpdated).toEqual(['+1'])
  })
})

/** From now on each change of somebody's calls is told, with the state that the call has in that moment. */
function followsCalls(person: Person): Promise<void> {
  return person.does(({ agent, tell }) => {
    agent.on('callsUpdated', ({ added, removed }) => {
      for (const { state, direction } of added) tell('calls', `+${state} ${direction}`)
      for (const { state, callEndReason } of removed) {
        tell('calls', `-${state} ${callEndReason?.code}/${callEndReason?.subCode}`)
      }
    })
  })
}

/** Makes a new agent on the same page, in place of one that is of no more use; calls to it are told as `rung anew`. */
function makesAgentAgain(person: Person): Promise<void> {
  return person.does(async ({ client, tell }, who) => {
    const agent = await client.createCallAgent({ getToken: () => freshToken(who), dispose: () => {} })
    agent.on('incomingCall', () => tell('rung anew'))
  }, person.name)
}

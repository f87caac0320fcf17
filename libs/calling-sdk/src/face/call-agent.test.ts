import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import type { CallView } from '@parley/protocol'
import { connected, type Situation } from '../../test/agent.ts'
import { Inbox } from '../../test/inbox.ts'
import { bob, bobsLeg, callId, person, view } from '../../test/views.ts'
import type { Call, IncomingCall } from './contract/call.ts'
import { Features } from './features/features.ts'

let here: Situation
let seq: number

beforeEach(async () => {
  here = await connected()
  seq = 0
})
afterEach(() => here.close())

// There is no microphone here; a call that is muted does not miss it.
const muted = { audioOptions: { muted: true } }
const toBob = [{ communicationUserId: bob }]
const people = (state: 'Ringing' | 'Connected') => [person(bob, { displayName: 'Bob', state, legIds: [bobsLeg] })]
const declined = { reason: 'declined' as const, code: 603, subCode: 0, message: 'They declined the call.' }

/** Writes down what an app sees of a call, and lets a test wait for it. */
function follow(call: Call) {
  const seen: string[] = [call.state]
  const states = new Inbox<string>('a state')
  call.on('stateChanged', () => {
    seen.push(
      call.state === 'Disconnected'
        ? `Disconnected ${call.callEndReason?.code}/${call.callEndReason?.subCode}`
        : call.state,
    )
    states.put(call.state)
  })
  call.on('remoteParticipantsUpdated', ({ added, removed }) => seen.push(`people +${added.length} -${removed.length}`))
  return { seen, states }
}

/** Ann calls Bob; the api has heard of it and says what `more` says. */
async function calling(more: Partial<CallView> = {}) {
  const call = here.agent.startCall(toBob, muted)
  const following = follow(call)
  const start = await here.socket.hears('call.start')
  const id = String(start.body['callId']) as CallView['callId']
  const says = (later: Partial<CallView>) => view({ callId: id, ...later })
  here.socket.answers(start, { call: says({ state: 'Ringing', participants: people('Ringing'), ...more }) })
  await following.states.next()
  return { call, id, says, ...following }
}

/** The api tells of a change; resolves when the app has seen a state. */
function tells(event: 'call.changed' | 'call.ended' | 'call.incoming', call: CallView): void {
  here.socket.tells(++seq, event, { call })
}

/** Bob calls Ann. */
async function rung(id = 2) {
  const rings = new Inbox<IncomingCall>('an incoming call')
  here.agent.on('incomingCall', ({ incomingCall }) => rings.put(incomingCall))
  const ringing = view({
    callId: callId(id),
    direction: 'Incoming',
    state: 'Ringing',
    caller: { id: bob, displayName: 'Bob' },
  })
  tells('call.incoming', ringing)
  const incoming = await rings.next()
  here.socket.refuses(await here.socket.hears('media.join'), 'unknownCall')
  const ends = new Inbox<unknown>('the end of the ringing')
  incoming.on('callEnded', ({ callEndReason }) => ends.put(callEndReason))
  return { incoming, ringing, ends }
}

describe('a call that is placed', () => {
  it('is there at once, goes through its states, and ends before it leaves the list', async () => {
    const updates: string[] = []
    here.agent.on('callsUpdated', ({ added, removed }) => {
      updates.push(
        ...added.map((call) => `+${call.state}`),
        ...removed.map((call) => `-${call.state} ${call.callEndReason?.code}`),
      )
    })
    const { call, seen, states, says } = await calling()
    expect(here.agent.calls).toEqual([call])
    await states.next()
    tells('call.changed', says({ version: 2 }))
    await states.next()
    tells('call.ended', says({ version: 3, state: 'Disconnected', end: declined }))
    await states.next()
    expect(seen).toEqual(['None', 'Connecting', 'Ringing', 'Connected', 'people +0 -1', 'Disconnected 603/0'])
    expect(updates).toEqual(['+None', '-Disconnected 603'])
    expect(here.agent.calls).toEqual([])
  })

  it('has whom it calls among its people from the start, the same object to the end', async () => {
    const { call, states, says } = await calling()
    const [callee] = call.remoteParticipants
    expect(callee?.identifier).toEqual({ kind: 'communicationUser', communicationUserId: bob })
    await states.next()
    tells('call.changed', says({ version: 2 }))
    await states.next()
    expect(call.remoteParticipants).toEqual([callee])
    expect(callee).toMatchObject({
      state: 'Connected',
      displayName: 'Bob',
      endpointDetails: [{ participantId: bobsLeg }],
    })
  })

  it('ends with what the server says against it', async () => {
    const call = here.agent.startCall(toBob, muted)
    const { states, seen } = follow(call)
    here.socket.refuses(await here.socket.hears('call.start'), 'unavailable')
    await states.next()
    await states.next()
    expect(seen.at(-1)).toBe('Disconnected 503/0')
  })

  it('cannot be placed to nobody, or to something that is no identifier', () => {
    for (const nonsense of [[], [{ communicationUserId: 'bob' }], [{ communicationUserId: '' }], [{}], [null]]) {
      // An app without types may give anything.
      expect(() => here.agent.startCall(nonsense as typeof toBob)).toThrow(
        expect.objectContaining({ code: 400, subCode: 10044 }),
      )
    }
    expect(here.agent.calls).toEqual([])
  })

  it('cannot be placed to more people than one request rings', () => {
    const many = Array.from({ length: 51 }, () => ({ communicationUserId: `8:acs:res_${crypto.randomUUID()}` }))
    expect(() => here.agent.startCall(many)).toThrow(expect.objectContaining({ code: 400, reason: 'tooManyRung' }))
    expect(here.agent.calls).toEqual([])
  })

  it('that is hung up in the same breath never reaches the server', async () => {
    const call = here.agent.startCall(toBob, muted)
    const hangingUp = call.hangUp()
    here.socket.refuses(await here.socket.hears('call.hangUp'), 'unknownCall')
    await untilIt(() => here.clock.pass(500), hangingUp)
    expect(call.callEndReason).toMatchObject({ code: 487, subCode: 0 })
    expect(here.socket.unheard).not.toContain('call.start')
  })
})

describe('hanging up', () => {
  it('is Disconnecting until the server has said how the call ended', async () => {
    const { call, seen, states, says } = await calling()
    await states.next()
    tells('call.changed', says({ version: 2 }))
    await states.next()
    const hangingUp = call.hangUp()
    expect(call.state).toBe('Disconnecting')
    here.socket.answers(await here.socket.hears('call.hangUp'))
    tells('call.ended', says({ version: 3, state: 'Disconnected', end: { ...declined, reason: 'hungUp', code: 0 } }))
    await hangingUp
    expect(seen.slice(-3)).toEqual(['Disconnecting', 'people +0 -1', 'Disconnected 0/0'])
  })

  it('ends here after 5 s without a link', async () => {
    const { call, states } = await calling()
    await states.next()
    here.socket.cuts()
    await here.socket.gone
    const hangingUp = call.hangUp()
    await untilIt(() => here.clock.pass(5000), hangingUp)
    expect(call.callEndReason).toMatchObject({ code: 487, subCode: 0 })
  })
})

describe('a call that rings', () => {
  it('is answered: Connecting when the app gets it, Connected a moment later', async () => {
    const { incoming, ringing } = await rung()
    expect(incoming.callerInfo).toEqual({
      identifier: { kind: 'communicationUser', communicationUserId: bob },
      displayName: 'Bob',
    })
    const accepting = incoming.accept(muted)
    const accept = await here.socket.hears('call.accept')
    expect(accept.body).toEqual({ callId: incoming.id, isMuted: true })
    here.socket.answers(accept, { call: { ...ringing, version: 2, state: 'Connected' } })
    const call = await accepting
    expect(call).toMatchObject({ id: incoming.id, state: 'Connecting', direction: 'Incoming' })
    const { states } = follow(call)
    here.clock.pass(0)
    expect(await states.next()).toBe('Connected')
    await expect(incoming.accept()).rejects.toMatchObject({ code: 400, subCode: 41006 })
    await expect(incoming.reject()).rejects.toMatchObject({ code: 400, subCode: 41007 })
  })

  it('that the server gives to somebody else comes to nothing', async () => {
    const { incoming, ringing, ends } = await rung()
    const accepting = incoming.accept(muted)
    const outcome = expect(accepting).rejects.toMatchObject({ code: 400, subCode: 41006 })
    const accept = await here.socket.hears('call.accept')
    const end = { reason: 'acceptedElsewhere' as const, code: 487, subCode: 10003, message: '' }
    tells('call.ended', { ...ringing, version: 2, state: 'Disconnected', end })
    here.socket.refuses(accept, 'cannotAccept')
    await outcome
    expect(await ends.next()).toMatchObject({ code: 487, subCode: 10003 })
    expect(here.agent.calls).toEqual([])
  })

  it('ends with the reason, which can be read by then', async () => {
    const { incoming, ringing, ends } = await rung()
    const end = { reason: 'cancelled' as const, code: 487, subCode: 0, message: '' }
    tells('call.ended', { ...ringing, version: 2, state: 'Disconnected', end })
    expect(await ends.next()).toBe(incoming.callEndReason)
  })

  it('before anybody listens waits for the listener', async () => {
    tells('call.incoming', view({ callId: callId(2), direction: 'Incoming', state: 'Ringing', caller: { id: bob } }))
    here.socket.refuses(await here.socket.hears('media.join'), 'unknownCall')
    const rings = new Inbox<string>('an incoming call')
    here.agent.on('incomingCall', ({ incomingCall }) => rings.put(incomingCall.id))
    expect(await rings.next()).toBe(callId(2))
  })

  it('is the call of whoever calls back: it stops ringing, and the new call takes its id', async () => {
    const { incoming, ringing, ends } = await rung()
    const call = here.agent.startCall(toBob, muted)
    const { states } = follow(call)
    const ids = new Inbox<string>('another id')
    call.on('idChanged', () => ids.put(call.id))
    const start = await here.socket.hears('call.start')
    here.socket.answers(start, { call: { ...ringing, version: 2, state: 'Connected' } })
    expect(await ids.next()).toBe(incoming.id)
    expect(await ends.next()).toMatchObject({ code: 487, subCode: 10003 })
    await states.next()
    expect(await states.next()).toBe('Connected')
  })
})

describe('muting', () => {
  it('happens to a call without a microphone, which is told, and cannot be undone', async () => {
    const call = here.agent.startCall(toBob)
    here.socket.answers(await here.socket.hears('call.start'), {
      call: view({ callId: call.id as CallView['callId'] }),
    })
    expect((await here.socket.hears('call.mute')).body).toMatchObject({ isMuted: true })
    expect(call.isMuted).toBe(true)
    await expect(call.unmute()).rejects.toMatchObject({ code: 400, subCode: 41016 })
  })
})

describe('an outage', () => {
  it('is shown by a diagnostic after 6 s, and taken back', async () => {
    const { call, states } = await calling()
    await states.next()
    const diagnostics = new Inbox<unknown>('a diagnostic')
    call.feature(Features.UserFacingDiagnostics).network.on('diagnosticChanged', (change) => diagnostics.put(change))
    here.socket.cuts()
    await here.socket.gone
    const raised = await untilIt(() => here.clock.pass(1000), diagnostics.next())
    expect(raised).toMatchObject({ diagnostic: 'networkReconnect', value: 3 })
    await (await here.api.socket()).resumes()
    expect(await diagnostics.next()).toMatchObject({ diagnostic: 'networkReconnect', value: 1 })
  })

  it('of 120 s ends the calls with 496/7 and disconnects the agent', async () => {
    const { call, states } = await calling()
    await states.next()
    const changes = new Inbox<unknown>('a change of the connection')
    here.agent.on('connectionStateChanged', (change) => changes.put(change))
    await here.api.close()
    await here.socket.gone
    const change = await untilIt(() => here.clock.pass(10_000), changes.next())
    expect(change).toEqual({ oldValue: 'Connected', newValue: 'Disconnected', reason: 'connectionIssue' })
    expect(call.callEndReason).toMatchObject({ code: 496, subCode: 7 })
    here = await connected()
  })
})

describe('features', () => {
  it('are there at once, the same whenever they are asked for, and never a reason to fail', async () => {
    const { call, states } = await calling()
    await states.next()
    expect(call.feature(Features.Capabilities)).toBe(call.feature(Features.Capabilities))
    const { capabilities } = call.feature(Features.Capabilities)
    expect(capabilities.unmuteMic).toEqual({ isPresent: true, reason: 'Capable' })
    expect(capabilities.blurBackground).toEqual({ isPresent: false, reason: 'FeatureNotSupported' })
    // A beta's feature, which these Features do not have, in an app without types.
    const missing = (Features as Record<string, unknown>)['PreCallDiagnostics'] as typeof Features.Capabilities
    expect(() => call.feature(missing).on('capabilitiesChanged', () => {})).not.toThrow()
    await expect(call.feature(Features.Captions).captions.stopCaptions()).rejects.toMatchObject({
      reason: 'notSupported',
    })
  })
})

describe('a Proxy in the place of what an app holds', () => {
  const wrap = <T extends object>(it: T): T =>
    new Proxy(it, {
      get: (target, key) => {
        const value: unknown = Reflect.get(target, key)
        // As apps' libraries do: methods run with the Proxy as their `this`.
        return typeof value === 'function' ? (...args: unknown[]): unknown => value.apply(wrapped, args) : value
      },
    })
  let wrapped: unknown

  it('changes nothing, and what is told is what was returned', async () => {
    const agent = (wrapped = wrap(here.agent))
    const removed = new Inbox<Call>('a call that went')
    agent.on('callsUpdated', (update) => update.removed.forEach((call) => removed.put(call)))
    const raw = agent.startCall(toBob, muted)
    const call = (wrapped = wrap(raw))
    const start = await here.socket.hears('call.start')
    here.socket.answers(start, { call: view({ callId: call.id as CallView['callId'], state: 'Ringing' }) })
    call.feature(Features.Capabilities)
    call.muteIncomingAudio().catch(() => {})
    const hangingUp = call.hangUp()
    expect(raw.state).toBe('Disconnecting')
    const hangUp = await here.socket.hears('call.hangUp')
    here.socket.answers(hangUp)
    await untilIt(() => here.clock.pass(500), hangingUp)
    expect(await removed.next()).toBe(raw)
  })
})

/** Lets time pass, again and again, until something has happened; gives what it came to. */
async function untilIt<T>(pass: () => void, happens: Promise<T>): Promise<T> {
  const waiting = { isOver: false }
  const happening = happens.finally(() => (waiting.isOver = true))
  while (!waiting.isOver) {
    pass()
    await new Promise((resolve) => setImmediate(resolve))
  }
  return happening
}

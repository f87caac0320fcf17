/**
 * Each cell of the four machines (RFC 3261 figures 5 to 8, as RFC 6026 has them): state by event, the state after it and
 * what is done. A cell without a word stays as it is and does nothing.
 */
import { describe, expect, it } from '@jest/globals'
import {
  clientDeadline,
  inviteClient,
  otherClient,
  type ClientEvent,
  type ClientMachine,
  type ClientState,
} from './client-machines.ts'
import {
  inviteServer,
  otherServer,
  serverDeadline,
  type ServerEvent,
  type ServerMachine,
  type ServerState,
} from './server-machines.ts'
import { never, usualTimes, type At } from './times.ts'

const udp: At = { now: 1000, times: usualTimes, isReliable: false }
const tcp: At = { ...udp, isReliable: true }

const waits = { sendsAt: 500, interval: 500, failsAt: 40_000 }
const over = { endsAt: 40_000 }

const clientEvents: ClientEvent[] = [
  'provisional',
  'success',
  'failure',
  'cancelled',
  'abandoned',
  'transportFailed',
  'due',
]
const serverEvents: ServerEvent[] = [
  'request',
  'ack',
  'provisional',
  'success',
  'failure',
  'once',
  'ignored',
  'transportFailed',
  'due',
]

type Step = { state: { is: string }; effects: readonly string[] }

function tableOf<State extends { is: string }, Event extends string>(
  states: readonly State[],
  events: readonly Event[],
  step: (state: State, event: Event) => Step,
): string[] {
  return states.flatMap((state) =>
    events.flatMap((event) => {
      const { state: next, effects } = step(state, event)
      const change = next.is === state.is ? '' : ` -> ${next.is}`
      const done = effects.length === 0 ? '' : ` ! ${effects.join(', ')}`
      return change === '' && done === '' ? [] : [`${state.is} + ${event}${change}${done}`]
    }),
  )
}

const clientTable = (machine: ClientMachine, states: ClientState[]): string[] =>
  tableOf(states, clientEvents, (state, event) => machine.step(state, event, udp))
const serverTable = (machine: ServerMachine, states: ServerState[]): string[] =>
  tableOf(states, serverEvents, (state, event) => machine.step(state, event, udp))

describe('the client of an INVITE', () => {
  it('does this', () => {
    const states: ClientState[] = [
      { is: 'calling', ...waits },
      { is: 'proceeding', failsAt: never, sendsAt: never, interval: never },
      { is: 'completed', ...over },
      { is: 'accepted', ...over },
      { is: 'terminated' },
    ]
    expect(clientTable(inviteClient, states)).toEqual([
      'calling + provisional -> proceeding ! provisional',
      'calling + success -> accepted ! final',
      'calling + failure -> completed ! acknowledge, final',
      'calling + transportFailed -> terminated ! broken',
      'calling + due ! send',
      'proceeding + provisional ! provisional',
      'proceeding + success -> accepted ! final',
      'proceeding + failure -> completed ! acknowledge, final',
      'completed + failure ! acknowledge',
      'accepted + success ! further',
    ])
  })

  it('waits 32 s for anything, for people without end, and 32 s after a CANCEL', () => {
    const { state } = inviteClient.begin(udp)
    expect(state).toEqual({ is: 'calling', sendsAt: 1500, interval: 500, failsAt: 33_000 })
    const rings = inviteClient.step(state, 'provisional', udp).state
    expect(clientDeadline(rings)).toBe(never)
    expect(clientDeadline(inviteClient.step(rings, 'cancelled', udp).state)).toBe(33_000)
    expect(clientDeadline(inviteClient.step(state, 'abandoned', udp).state)).toBe(33_000)
  })

  it('keeps a refusal for 32 s over UDP and not at all over TCP', () => {
    const { state } = inviteClient.begin(udp)
    expect(inviteClient.step(state, 'failure', udp).state).toEqual({ is: 'completed', endsAt: 33_000 })
    expect(inviteClient.step(state, 'failure', tcp).state).toEqual({ is: 'completed', endsAt: 1000 })
  })
})

describe('the client of another request', () => {
  it('does this', () => {
    const states: ClientState[] = [
      { is: 'trying', ...waits },
      { is: 'proceeding', ...waits },
      { is: 'completed', ...over },
      { is: 'terminated' },
    ]
    expect(clientTable(otherClient, states)).toEqual([
      'trying + provisional -> proceeding ! provisional',
      'trying + success -> completed ! final',
      'trying + failure -> completed ! final',
      'trying + abandoned -> terminated',
      'trying + transportFailed -> terminated ! broken',
      'trying + due ! send',
      'proceeding + provisional ! provisional',
      'proceeding + success -> completed ! final',
      'proceeding + failure -> completed ! final',
      'proceeding + abandoned -> terminated',
      'proceeding + transportFailed -> terminated ! broken',
      'proceeding + due ! send',
    ])
  })

  it('fails 32 s after it was sent, whatever was heard meanwhile', () => {
    const { state } = otherClient.begin(tcp)
    expect(clientDeadline(state)).toBe(33_000)
    const proceeding = otherClient.step(state, 'provisional', tcp).state
    expect(otherClient.step(proceeding, 'due', { ...tcp, now: 33_000 })).toEqual({
      state: { is: 'terminated' },
      effects: ['timeout'],
    })
  })

  it('keeps an answer for 5 s over UDP', () => {
    expect(otherClient.step(otherClient.begin(udp).state, 'success', udp).state).toEqual({
      is: 'completed',
      endsAt: 6000,
    })
  })
})

describe('the server of an INVITE', () => {
  it('does this', () => {
    const states: ServerState[] = [
      { is: 'trying', tryingAt: 500 },
      { is: 'proceeding' },
      { is: 'unacknowledged', ...waits },
      { is: 'confirmed', ...over },
      { is: 'accepted', ...over },
      { is: 'terminated' },
    ]
    expect(serverTable(inviteServer, states)).toEqual([
      'trying + provisional -> proceeding ! answer',
      'trying + success -> accepted ! answer',
      'trying + failure -> unacknowledged ! answer',
      'trying + once -> terminated ! answer',
      'trying + ignored -> terminated',
      'trying + transportFailed ! broken',
      'trying + due -> proceeding ! trying',
      'proceeding + request ! repeat',
      'proceeding + provisional ! answer',
      'proceeding + success -> accepted ! answer',
      'proceeding + failure -> unacknowledged ! answer',
      'proceeding + once -> unacknowledged ! answer',
      'proceeding + ignored -> terminated',
      'proceeding + transportFailed ! broken',
      'unacknowledged + request ! repeat',
      'unacknowledged + ack -> confirmed',
      'unacknowledged + transportFailed -> terminated ! broken',
      'unacknowledged + due ! repeat',
      'accepted + success ! answer',
      'accepted + transportFailed ! broken',
    ])
  })

  it('repeats a refusal after 0.5, 1, 2, 4, 4 s, until 32 s are over; over TCP it only waits', () => {
    let { state } = inviteServer.step(inviteServer.begin(udp), 'failure', udp)
    const at: number[] = []
    while (serverDeadline(state) !== never) {
      const now = serverDeadline(state)
      const step = inviteServer.step(state, 'due', { ...udp, now })
      at.push(now - udp.now)
      state = step.state
    }
    expect(at).toEqual([500, 1500, 3500, 7500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500, 32_000])
    expect(serverDeadline(inviteServer.step(inviteServer.begin(tcp), 'failure', tcp).state)).toBe(33_000)
  })
})

describe('the server of another request', () => {
  it('does this', () => {
    const states: ServerState[] = [
      { is: 'trying', tryingAt: never },
      { is: 'proceeding' },
      { is: 'completed', ...over },
      { is: 'terminated' },
    ]
    expect(serverTable(otherServer, states)).toEqual([
      'trying + provisional -> proceeding ! answer',
      'trying + success -> completed ! answer',
      'trying + failure -> completed ! answer',
      'trying + once -> terminated ! answer',
      'trying + ignored -> terminated',
      'trying + transportFailed -> terminated ! broken',
      'proceeding + request ! repeat',
      'proceeding + provisional ! answer',
      'proceeding + success -> completed ! answer',
      'proceeding + failure -> completed ! answer',
      'proceeding + once -> terminated ! answer',
      'proceeding + ignored -> terminated',
      'proceeding + transportFailed -> terminated ! broken',
      'completed + request ! repeat',
      'completed + transportFailed -> terminated ! broken',
    ])
  })

  it('keeps its answer for 32 s over UDP and not at all over TCP', () => {
    const { state } = otherServer.step(otherServer.begin(udp), 'success', udp)
    expect(state).toEqual({ is: 'completed', endsAt: 33_000 })
    expect(otherServer.step(otherServer.begin(tcp), 'success', tcp).state).toEqual({ is: 'completed', endsAt: 1000 })
  })
})

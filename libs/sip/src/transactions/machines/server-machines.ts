/**
 * Server transactions as pure steps (RFC 3261 section 17.2, with RFC 6026):
 *
 *     INVITE:  proceeding -> completed -> confirmed -> terminated   3xx to 6xx, repeated here until its ACK
 *                     \----> accepted ------------> terminated      2xx, repeated by the dialog
 *     others:  trying -> proceeding -> completed -> terminated
 *     both:    terminated at once                                   answered once, or never, and forgotten
 *
 * What is to be done comes back as a list of effects; a wait is a field of the state.
 */
import { firstRepetition, never, nextRepetition, patience, type At, type Repeating } from './times.ts'

export type ServerState =
  /** Not answered. An INVITE gets its 100 at `tryingAt`. */
  | { is: 'trying'; tryingAt: number }
  | { is: 'proceeding' }
  /** INVITE: 3xx to 6xx is repeated until ACK. Timers G and H. */
  | ({ is: 'unacknowledged'; failsAt: number } & Repeating)
  /** Repetitions of the request get the same answer again, those of an ACK are swallowed. Timers I and J. */
  | { is: 'completed' | 'confirmed'; endsAt: number }
  /** INVITE: 2xx given; repetitions of the request are swallowed. Timer L. */
  | { is: 'accepted'; endsAt: number }
  | { is: 'terminated' }

/** `request` and `ack` come from the other side, answers and `ignored` from our user; `once` is an answer to be forgotten. */
export type ServerEvent =
  | 'request'
  | 'ack'
  | 'provisional'
  | 'success'
  | 'failure'
  | 'once'
  | 'ignored'
  | 'transportFailed'
  | 'due'
/** `answer` sends the response that was given with the event, `repeat` the last one again. */
export type ServerEffect = 'trying' | 'answer' | 'repeat' | 'unacknowledged' | 'broken'
export type ServerStep = { state: ServerState; effects: readonly ServerEffect[] }
export type ServerMachine = {
  begin(at: At): ServerState
  step(state: ServerState, event: ServerEvent, at: At): ServerStep
}

/** When a state wants to be stepped with `due`, at the latest. */
export function serverDeadline(state: ServerState): number {
  if (state.is === 'trying') return state.tryingAt
  if (state.is === 'unacknowledged') return Math.min(state.sendsAt, state.failsAt)
  return 'endsAt' in state ? state.endsAt : never
}

const terminated: ServerState = { is: 'terminated' }
const stay = (state: ServerState, ...effects: ServerEffect[]): ServerStep => ({ state, effects })
const end = (...effects: ServerEffect[]): ServerStep => ({ state: terminated, effects })
const untilPatienceEnds = (at: At): number => at.now + patience(at)

/** RFC 3261 section 17.2.1, RFC 6026 section 7.1. */
export const inviteServer: ServerMachine = {
  begin: ({ now, times }) => ({ is: 'trying', tryingAt: now + times.tryingMs }),
  step(state, event, at) {
    switch (state.is) {
      case 'trying':
      case 'proceeding':
        return inviteWaits(state, event, at)
      case 'unacknowledged':
        return failureWaitsForAck(state, event, at)
      case 'accepted':
        if (event === 'success') return stay(state, 'answer')
        return pass(state, event, at)
      case 'completed':
      case 'confirmed':
        return pass(state, event, at)
      case 'terminated':
        return stay(state)
    }
  },
}

type Unanswered = Extract<ServerState, { is: 'trying' | 'proceeding' }>

function inviteWaits(state: Unanswered, event: ServerEvent, at: At): ServerStep {
  switch (event) {
    case 'provisional':
      return stay({ is: 'proceeding' }, 'answer')
    case 'success':
      return stay({ is: 'accepted', endsAt: untilPatienceEnds(at) }, 'answer')
    case 'failure':
      return refuse(at)
    // Who was told to wait does not ask again.
    case 'once':
      return state.is === 'trying' ? end('answer') : refuse(at)
    case 'request':
      return state.is === 'proceeding' ? stay(state, 'repeat') : stay(state)
    case 'due':
      return state.is === 'trying' && at.now >= state.tryingAt ? stay({ is: 'proceeding' }, 'trying') : stay(state)
    case 'ignored':
      return end()
    // A provisional response may be lost; the final one has its own chance.
    case 'transportFailed':
      return stay(state, 'broken')
    case 'ack':
      return stay(state)
  }
}

function refuse(at: At): ServerStep {
  return stay({ is: 'unacknowledged', failsAt: untilPatienceEnds(at), ...firstRepetition(at) }, 'answer')
}

function failureWaitsForAck(state: Extract<ServerState, Repeating>, event: ServerEvent, at: At): ServerStep {
  switch (event) {
    case 'ack':
      return stay({ is: 'confirmed', endsAt: at.now + (at.isReliable ? 0 : at.times.t4Ms) })
    case 'request':
      return stay(state, 'repeat')
    case 'transportFailed':
      return end('broken')
    case 'due':
      if (at.now >= state.failsAt) return end('unacknowledged')
      if (at.now < state.sendsAt) return stay(state)
      return stay({ ...state, ...nextRepetition(state, at, at.times.t2Ms) }, 'repeat')
    case 'provisional':
    case 'success':
    case 'failure':
    case 'once':
    case 'ignored':
      return stay(state)
  }
}

/** Nothing more is decided; only time goes by. */
function pass(state: Extract<ServerState, { endsAt: number }>, event: ServerEvent, at: At): ServerStep {
  if (event === 'due' && at.now >= state.endsAt) return end()
  // The dialog repeats a 2xx, so that one which was not sent is no end.
  return stay(state, ...(event === 'transportFailed' && state.is === 'accepted' ? (['broken'] as const) : []))
}

/** RFC 3261 section 17.2.2; no 100 comes by itself (RFC 4320 section 4.1). */
export const otherServer: ServerMachine = {
  begin: () => ({ is: 'trying', tryingAt: never }),
  step(state, event, at) {
    switch (state.is) {
      case 'trying':
      case 'proceeding':
        return otherWaits(state, event, at)
      case 'completed':
        if (event === 'request') return stay(state, 'repeat')
        return event === 'transportFailed' ? end('broken') : pass(state, event, at)
      case 'unacknowledged':
      case 'confirmed':
      case 'accepted':
      case 'terminated':
        return stay(state)
    }
  },
}

function otherWaits(state: Unanswered, event: ServerEvent, at: At): ServerStep {
  switch (event) {
    case 'provisional':
      return stay({ is: 'proceeding' }, 'answer')
    case 'success':
    case 'failure':
      return stay({ is: 'completed', endsAt: at.now + (at.isReliable ? 0 : patience(at)) }, 'answer')
    case 'once':
      return end('answer')
    case 'request':
      return state.is === 'proceeding' ? stay(state, 'repeat') : stay(state)
    case 'ignored':
      return end()
    case 'transportFailed':
      return end('broken')
    case 'ack':
    case 'due':
      return stay(state)
  }
}

/**
 * Client transactions as pure steps (RFC 3261 section 17.1, with RFC 6026):
 *
 *     INVITE:  calling -> proceeding -> completed -> terminated     3xx to 6xx, acknowledged here
 *                   \----------\-----> accepted --> terminated      2xx, acknowledged by the dialog
 *     others:  trying --> proceeding -> completed -> terminated
 *
 * What is to be done comes back as a list of effects; a wait is a field of the state.
 */
import { firstRepetition, never, nextRepetition, patience, type At, type Repeating } from './times.ts'

export type ClientState =
  /** INVITE, others: sent, and nothing has been heard. Timers A and B, E and F. */
  | ({ is: 'calling' | 'trying'; failsAt: number } & Repeating)
  /** A 1xx has come. An INVITE waits for people, and so has no limit until a CANCEL was sent. */
  | ({ is: 'proceeding'; failsAt: number } & Repeating)
  /** A final response has come; its repetitions are swallowed. Timers D and K. */
  | { is: 'completed'; endsAt: number }
  /** INVITE: a 2xx has come; further ones go up. Timer M. */
  | { is: 'accepted'; endsAt: number }
  | { is: 'terminated' }

export type ClientEvent =
  | 'provisional'
  | 'success'
  | 'failure'
  /** Its CANCEL was sent. */
  | 'cancelled'
  /** Nobody waits for the answer any more. */
  | 'abandoned'
  | 'transportFailed'
  | 'due'
export type ClientEffect = 'send' | 'acknowledge' | 'provisional' | 'final' | 'further' | 'timeout' | 'broken'
export type ClientStep = { state: ClientState; effects: readonly ClientEffect[] }
export type ClientMachine = {
  begin(at: At): ClientStep
  step(state: ClientState, event: ClientEvent, at: At): ClientStep
}

/** When a state wants to be stepped with `due`, at the latest. */
export function clientDeadline(state: ClientState): number {
  if (state.is === 'terminated') return never
  return 'endsAt' in state ? state.endsAt : Math.min(state.sendsAt, state.failsAt)
}

const terminated: ClientState = { is: 'terminated' }
const stay = (state: ClientState, ...effects: ClientEffect[]): ClientStep => ({ state, effects })
const end = (...effects: ClientEffect[]): ClientStep => ({ state: terminated, effects })

type Waiting = Extract<ClientState, Repeating>
type Over = Extract<ClientState, { endsAt: number }>

/** RFC 3261 section 17.1.1.2, RFC 6026 section 8.4. */
export const inviteClient: ClientMachine = {
  begin: (at) => ({
    state: { is: 'calling', failsAt: at.now + patience(at), ...firstRepetition(at) },
    effects: ['send'],
  }),
  step(state, event, at) {
    if (state.is === 'terminated') return stay(state)
    return 'endsAt' in state ? inviteIsOver(state, event, at) : inviteWaits(state, event, at)
  },
}

function inviteWaits(state: Waiting, event: ClientEvent, at: At): ClientStep {
  switch (event) {
    case 'provisional':
      return stay(state.is === 'proceeding' ? state : inviteProceeds, 'provisional')
    case 'success':
      return stay({ is: 'accepted', endsAt: at.now + patience(at) }, 'final')
    case 'failure':
      return stay({ is: 'completed', endsAt: at.now + timerD(at) }, 'acknowledge', 'final')
    // Section 9.1: the other side may never answer a cancelled INVITE, for servers of RFC 2543 did not.
    case 'cancelled':
      return stay({ ...state, failsAt: at.now + patience(at) })
    case 'abandoned':
      return stay({ ...state, sendsAt: never })
    case 'transportFailed':
      return inviteLosesItsFlow(state, at)
    case 'due':
      return whileWaiting(state, at, never)
  }
}

/** Who has answered once may answer again on a connection of his own (section 18.2.2), but not for ever. */
function inviteLosesItsFlow(state: Waiting, at: At): ClientStep {
  if (state.is === 'calling') return end('broken')
  return stay({ ...state, failsAt: Math.min(state.failsAt, at.now + patience(at)) })
}

const inviteProceeds: ClientState = { is: 'proceeding', failsAt: never, sendsAt: never, interval: never }

/** Timer D: at least 32 s over UDP, for so long the other side may repeat its response. */
function timerD(at: At): number {
  return at.isReliable ? 0 : patience(at)
}

function inviteIsOver(state: Over, event: ClientEvent, at: At): ClientStep {
  switch (event) {
    case 'success':
      return stay(state, ...(state.is === 'accepted' ? (['further'] as const) : []))
    case 'failure':
      return stay(state, ...(state.is === 'completed' ? (['acknowledge'] as const) : []))
    case 'due':
      return at.now < state.endsAt ? stay(state) : end()
    // An ACK that did not go out is wanted again by the next repetition of the response.
    case 'provisional':
    case 'cancelled':
    case 'abandoned':
    case 'transportFailed':
      return stay(state)
  }
}

/** RFC 3261 section 17.1.2.2. */
export const otherClient: ClientMachine = {
  begin: (at) => ({
    state: { is: 'trying', failsAt: at.now + patience(at), ...firstRepetition(at) },
    effects: ['send'],
  }),
  step(state, event, at) {
    if (state.is === 'terminated') return stay(state)
    return 'endsAt' in state ? otherIsOver(state, event, at) : otherWaits(state, event, at)
  },
}

function otherWaits(state: Waiting, event: ClientEvent, at: At): ClientStep {
  switch (event) {
    // A provisional answer slows Timer E down to T2, it does not stop it, and Timer F goes on.
    case 'provisional':
      return stay({ ...state, is: 'proceeding', interval: at.times.t2Ms }, 'provisional')
    case 'success':
    case 'failure':
      return stay({ is: 'completed', endsAt: at.now + (at.isReliable ? 0 : at.times.t4Ms) }, 'final')
    case 'transportFailed':
      return end('broken')
    case 'due':
      return whileWaiting(state, at, at.times.t2Ms)
    case 'abandoned':
      return end()
    case 'cancelled':
      return stay(state)
  }
}

function otherIsOver(state: Over, event: ClientEvent, at: At): ClientStep {
  return event === 'due' && at.now >= state.endsAt ? end() : stay(state)
}

function whileWaiting(state: Waiting, at: At, longest: number): ClientStep {
  if (at.now >= state.failsAt) return end('timeout')
  if (at.now < state.sendsAt) return stay(state)
  return stay({ ...state, ...nextRepetition(state, at, longest) }, 'send')
}

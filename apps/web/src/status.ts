/** What follows from the state: the sentence that says where things stand, the sound, and the title of the window. */
import { nameOf } from './names.ts'
import type { Sentence } from './sentences.ts'
import type { Asking, PhoneState, SignedIn, Talk } from './state.ts'

const says = (sentence: string, todo?: string): Sentence => ({ says: sentence, todo })

/** The one sentence about now: the call in hand, else the last one, else whether one can be called. */
export function statusOf(state: PhoneState): Sentence {
  if (state.page === 'signIn') return state.isBusy ? says('Getting you an identity …') : (state.problem ?? says(''))
  const { line, lastEnd } = state
  if (line.state === 'call') return statusOfTalk(line)
  if (line.state === 'asking') return statusOfAsking(line)
  return lastEnd?.sentence ?? statusOfLink(state)
}

function statusOfAsking(line: Asking): Sentence {
  const callee = nameOf(line.callee)
  if (line.problem !== undefined) return line.problem
  return line.isPrompted
    ? says('Your browser asks for the microphone.', `Allow it to call ${callee}.`)
    : says(`Calling ${callee} …`)
}

function statusOfTalk(talk: Talk): Sentence {
  const other = nameOf(talk.other)
  switch (talk.callState) {
    case 'None':
    case 'Connecting':
      return says(talk.direction === 'Outgoing' ? `Calling ${other} …` : 'Connecting …')
    case 'Ringing':
      return says(`Ringing. Waiting for ${other} to answer …`)
    case 'EarlyMedia':
      return says(`Waiting for ${other} to answer …`)
    case 'InLobby':
      return says('Waiting to be let in …')
    case 'Connected':
      return talk.isReconnecting
        ? says('Reconnecting …', 'The server is out of reach. Your call is kept for two minutes.')
        : says('Connected')
    case 'LocalHold':
      return says('On hold')
    case 'RemoteHold':
      return says(`${other} has put you on hold`)
    case 'Disconnecting':
    case 'Disconnected':
      return says('Hanging up …')
  }
}

function statusOfLink(state: SignedIn): Sentence {
  switch (state.link.state) {
    case 'connecting':
      return says('Connecting …')
    case 'connected':
      return says('You are ready to call and to be called.')
    case 'lost':
      return says('Reconnecting …')
    case 'failed':
    case 'ranOut':
      return says('Not connected.')
  }
}

/** Which sound belongs to the state. A call that waits while another is in hand only knocks. */
export type Sound = 'silence' | 'ringing' | 'knocking' | 'ringback'

export function soundOf(state: PhoneState): Sound {
  if (state.page === 'signIn') return 'silence'
  const { line, incoming } = state
  if (incoming.some((one) => one.answer === 'open')) return line.state === 'call' ? 'knocking' : 'ringing'
  return line.state === 'call' && line.direction === 'Outgoing' && line.callState === 'Ringing' ? 'ringback' : 'silence'
}

const blinkMs = 1000

/** The title of the window. It blinks while a call rings, so that it is seen among other windows. */
export function titleOf(state: PhoneState): string {
  if (state.page === 'signIn') return 'Parley'
  const [ringing] = state.incoming
  if (ringing !== undefined) {
    return Math.floor(state.now / blinkMs) % 2 === 0 ? `${nameOf(ringing.from)} is calling` : '☎ Incoming call'
  }
  return state.line.state === 'call' ? `${nameOf(state.line.other)} · Parley` : 'Parley'
}

/** Whether something on the page moves with the clock: the duration of a call, the blinking title. */
export function movesWithTime(state: PhoneState): boolean {
  return state.page === 'phone' && (state.line.state === 'call' || state.incoming.length > 0)
}

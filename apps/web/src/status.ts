/** What follows from the state: the sentence that says where things stand, the sound, and the title of the window. */
import { echo, isPlace, nameOf } from './names.ts'
import type { Sentence } from './sentences.ts'
import { isOfMany, type Asking, type PhoneState, type SignedIn, type Talk } from './state.ts'

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
  const [doing, act] = isPlace(line.callee) ? ['Joining', 'join'] : ['Calling', 'call']
  return line.isPrompted
    ? says('Your browser asks for the microphone.', `Allow it to ${act} ${callee}.`)
    : says(`${doing} ${callee} …`)
}

function statusOfTalk(talk: Talk): Sentence {
  const other = nameOf(talk.other)
  switch (talk.callState) {
    case 'None':
    case 'Connecting':
      if (isPlace(talk.other)) return says(`Joining ${other} …`)
      return says(talk.direction === 'Outgoing' ? `Calling ${other} …` : 'Connecting …')
    case 'Ringing':
      return says(`Ringing. Waiting for ${other} to answer …`)
    case 'EarlyMedia':
      return says(`Waiting for ${other} to answer …`)
    case 'InLobby':
      return says('Waiting to be let in …', 'Those who are in the call see that you are here. Keep this page open.')
    case 'Connected':
      return talk.isReconnecting
        ? says('Reconnecting …', 'The server is out of reach. Your call is kept for two minutes.')
        : statusOfPeople(talk)
    case 'LocalHold':
      return says('The call is on hold.', 'Nobody hears or sees you, and you hear nobody. Resume to go on.')
    case 'RemoteHold':
      return says(`${other} has put you on hold.`, 'You will hear each other again when they resume.')
    case 'Disconnecting':
    case 'Disconnected':
      return says('Hanging up …')
  }
}

function statusOfPeople(talk: Talk): Sentence {
  if (!isPlace(talk.other) && talk.other.user === echo.user)
    return says('The echo is listening.', 'Wait for the tone and say something. It then plays it back to you.')
  if (!isOfMany(talk)) return says('Connected')
  const count = talk.members.length
  const listening = talk.may.has('unmuteMic') ? undefined : 'You can listen and watch here, but not speak.'
  if (count === 0) return says('You are the only one here.', listening ?? hintForOne(talk.other))
  return says(count === 1 ? 'You and one other person are here.' : `You and ${count} others are here.`, listening)
}

function hintForOne(other: Talk['other']): string | undefined {
  if (!isPlace(other)) return undefined
  return 'groupId' in other
    ? 'Hand the link on: whoever opens it can join.'
    : 'Hand the link on: who is on the list of the room can join by it.'
}

function statusOfLink(state: SignedIn): Sentence {
  if (state.check === 'running') return says('Testing …', 'This takes some seconds. Nobody can call you meanwhile.')
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
  return state.line.state === 'call' ? `${titleOfTalk(state.line)} · Parley` : 'Parley'
}

/** What a call is called: by the name of the other one, or by what it is. */
export function titleOfTalk(talk: Pick<Talk, 'other' | 'members'>): string {
  if (isPlace(talk.other)) return 'groupId' in talk.other ? 'Group' : 'Room'
  return talk.members.length > 1 ? 'Group' : nameOf(talk.other)
}

/** Whether something on the page moves with the clock: the duration of a call, the blinking title. */
export function movesWithTime(state: PhoneState): boolean {
  return state.page === 'phone' && (state.line.state === 'call' || state.incoming.length > 0)
}

/**
 * Everything that the page shows, as one value, and the one function that changes it. Views draw it, `Phone` feeds it
 * with what people do and what the SDK and the server report; nobody else writes here, and nothing here acts.
 *
 *   signIn ──signedIn──▶ phone: free ──dialled──▶ asking ──┐
 *      ▲                        │ ▲ ▲──givenUp─────┘       ├──callStarted──▶ call
 *      └───────signedOut────────┘ │     (answered) ────────┘                  │
 *                                 └───────────────── callEnded ───────────────┘
 */
import type { CallState, RemoteParticipantState } from '@parley/calling-sdk'
import { isPlace, nameOf, numberOf, type Party, type Person } from './names.ts'
import type { Place } from './place.ts'
import { durationInWords, sentenceOfEnd, type CallEnd, type Sentence } from './sentences.ts'

/** Milliseconds since 1970. */
export type EpochMs = number

export type PhoneState = SignedOut | SignedIn

/** Nobody has a phone yet: the page asks for a name. */
export type SignedOut = {
  page: 'signIn'
  /** What stands in the field at first. */
  name: string
  isBusy: boolean
  problem: Sentence | undefined
  /** Where the page's address leads. */
  place: Place | undefined
  now: EpochMs
}

export type SignedIn = {
  page: 'phone'
  me: Person
  place: Place | undefined
  link: Link
  people: People
  line: Line
  /** Calls that ring here, oldest first. */
  incoming: readonly Incoming[]
  lastEnd: LastEnd | undefined
  /** The test before a call: under way, or what it found. */
  check: 'running' | readonly string[] | undefined
  /** How it went to copy the link to the place. */
  copying: 'copied' | 'failed' | undefined
  /** Browsers keep a page silent until somebody has touched it. */
  isSoundBlocked: boolean
  now: EpochMs
}

/**
 * The connection over which calls come and go. While the server is out of reach it is *lost*, and comes back by itself
 * for two minutes; after that, or where it never came about, it has *failed*. When the identity *ran out* no call can
 * begin any more, but one that is up goes on.
 */
export type Link =
  | { state: 'connecting' }
  | { state: 'connected' }
  | { state: 'lost' }
  | { state: 'failed'; problem: Sentence }
  | { state: 'ranOut' }

/** Who else is here. The list stays, and grows old, while the server does not answer. */
export type People = { list: readonly Person[] | undefined; problem: Sentence | undefined }

export type Line = { state: 'free' } | Asking | Talk

/** Before a call exists: may the microphone be used? `isPrompted` while the browser's own question is open. */
export type Asking = { state: 'asking'; callee: Party; isPrompted: boolean; problem: Sentence | undefined }

/** The one call in hand, from dialling to its end. */
export type Talk = {
  state: 'call'
  /** Who was called or has called, or where one has gone to. Others may have come in since: see `members`. */
  other: Party
  direction: 'Outgoing' | 'Incoming'
  callState: CallState
  /** When it was first connected. */
  connectedAt: EpochMs | undefined
  isMuted: boolean
  /** Everybody else, in the order in which they came. */
  members: readonly Member[]
  /** Who waits to be let in, where one may let them in. */
  waiting: readonly Person[]
  may: ReadonlySet<Power>
  isHandUp: boolean
  /** Those of the last seconds, the latest last. */
  reactions: readonly Reaction[]
  /** The keys that one has pressed towards telephones, the last ones. */
  pressed: string
  /** Those that a telephone has pressed, of which the last one came. */
  heard: { of: Person; keys: string } | undefined
  isSharing: boolean
  /** Somebody else's screen. */
  screen: Screen | undefined
  /** The way to the server is lost for now. Sound and picture may go on. */
  isReconnecting: boolean
  camera: 'off' | 'asking' | 'starting' | 'on'
  /** What the SDK draws a picture into. */
  ownPicture: HTMLElement | undefined
  problem: Sentence | undefined
}

/** Somebody else in the call. */
export type Member = Person & {
  state: RemoteParticipantState
  isMuted: boolean
  isSpeaking: boolean
  isHandUp: boolean
  picture: HTMLElement | undefined
}

export type Screen = { of: Person; picture: HTMLElement }

/** What not everybody may do in every call: names of ACS's Capabilities. */
export const powers = [
  'unmuteMic',
  'turnVideoOn',
  'shareScreen',
  'raiseHand',
  'useReactions',
  'addCommunicationUser',
  'muteOthers',
  'hangUpForEveryOne',
] as const
export type Power = (typeof powers)[number]

/** ACS: the reactionType of a ReactionMessage. */
export const reactionKinds = ['like', 'heart', 'laugh', 'applause', 'surprised'] as const
export type ReactionKind = (typeof reactionKinds)[number]
export type Reaction = { user: string; kind: ReactionKind; shownUntil: EpochMs }

/** Whether more than two are, or can be, in the call: each has a tile then. */
export function isOfMany({ other, members }: Talk): boolean {
  return isPlace(other) || members.length > 1
}

/** Whether somebody would hear keys. */
export function hasTelephone({ members }: Talk): boolean {
  return members.some((member) => numberOf(member) !== undefined)
}

/** Whether it is a call with one telephone, which neither shows nor sees anything. */
export function isWithTelephone(talk: Talk): boolean {
  return !isPlace(talk.other) && numberOf(talk.other) !== undefined && !isOfMany(talk)
}

/** A call that rings here. */
export type Incoming = {
  id: string
  from: Person
  answer: 'open' | 'askingMicrophone' | 'answering'
  problem: Sentence | undefined
}

/** How the last call went; shown until it is dismissed or another begins. */
export type LastEnd = { other: Party; sentence: Sentence; mayCallAgain: boolean }

/** What may be reported about the call in hand while it lasts. */
export type TalkChange = Partial<
  Omit<Talk, 'state' | 'other' | 'direction' | 'connectedAt' | 'reactions' | 'pressed' | 'heard'>
>

export type PhoneEvent =
  | { type: 'nameGiven'; name: string }
  | { type: 'signInFailed'; problem: Sentence }
  | { type: 'signedIn'; me: Person; isSoundBlocked: boolean }
  | { type: 'signedOut'; problem: Sentence | undefined }
  | { type: 'linkChanged'; link: Link }
  | { type: 'peopleSeen'; list: readonly Person[] }
  | { type: 'peopleNotSeen'; problem: Sentence; isOutOfReach: boolean }
  | { type: 'placeChosen'; place: Place | undefined }
  | { type: 'linkCopied'; isCopied: boolean }
  | { type: 'checkBegan' }
  | { type: 'checkEnded'; sentences: readonly string[] | undefined }
  | { type: 'dialled'; callee: Party }
  | { type: 'microphonePrompted' }
  | { type: 'diallingFailed'; problem: Sentence }
  | { type: 'diallingGivenUp' }
  | { type: 'callStarted'; other: Party; direction: Talk['direction']; callState: CallState; isMuted: boolean }
  | { type: 'callChanged'; change: TalkChange }
  | { type: 'reacted'; user: string; kind: ReactionKind }
  | { type: 'keyPressed'; key: string }
  | { type: 'keyHeard'; user: string; key: string }
  | { type: 'callEnded'; end: CallEnd }
  | { type: 'rang'; id: string; from: Person }
  | { type: 'answering'; id: string; answer: Incoming['answer']; problem?: Sentence }
  | { type: 'ringingEnded'; id: string; end: CallEnd | undefined }
  | { type: 'endDismissed' }
  | { type: 'soundUnblocked' }
  | { type: 'ticked' }

/** The page before anybody has done anything. */
export function blank(name: string, problem: Sentence | undefined, now: EpochMs): SignedOut {
  return { page: 'signIn', name, isBusy: false, problem, place: undefined, now }
}

/** The state after an event. An event that has no meaning in a state leaves it as it is. */
export function step(state: PhoneState, event: PhoneEvent, now: EpochMs): PhoneState {
  return state.page === 'signIn' ? stepSignedOut({ ...state, now }, event) : stepSignedIn({ ...state, now }, event)
}

function stepSignedOut(state: SignedOut, event: PhoneEvent): PhoneState {
  switch (event.type) {
    case 'nameGiven':
      return { ...state, name: event.name, isBusy: true, problem: undefined }
    case 'placeChosen':
      return { ...state, place: event.place }
    case 'signInFailed':
      return { ...state, isBusy: false, problem: event.problem }
    case 'signedIn':
      return {
        page: 'phone',
        me: event.me,
        place: state.place,
        link: { state: 'connecting' },
        people: { list: undefined, problem: undefined },
        line: { state: 'free' },
        incoming: [],
        lastEnd: undefined,
        check: undefined,
        copying: undefined,
        isSoundBlocked: event.isSoundBlocked,
        now: state.now,
      }
    default:
      return state
  }
}

// prettier-ignore
function stepSignedIn(state: SignedIn, event: PhoneEvent): PhoneState {
  switch (event.type) {
    case 'signedOut':         return { ...blank(state.me.displayName, event.problem, state.now), place: state.place }
    case 'placeChosen':       return { ...state, place: event.place, copying: undefined }
    case 'linkCopied':        return { ...state, copying: event.isCopied ? 'copied' : 'failed' }
    case 'linkChanged':       return { ...state, link: event.link }
    case 'peopleSeen':        return { ...state, people: { list: event.list, problem: undefined }, link: inReach(state.link) }
    case 'peopleNotSeen':     return { ...state, people: { ...state.people, problem: event.problem }, link: event.isOutOfReach ? outOfReach(state.link) : state.link }
    case 'checkBegan':        return { ...state, check: 'running', lastEnd: undefined }
    case 'checkEnded':        return { ...state, check: event.sentences }
    case 'dialled':           return { ...state, line: { state: 'asking', callee: event.callee, isPrompted: false, problem: undefined }, lastEnd: undefined }
    case 'microphonePrompted': return changeAsking(state, { isPrompted: true })
    case 'diallingFailed':    return changeAsking(state, { isPrompted: false, problem: event.problem })
    case 'diallingGivenUp':   return state.line.state === 'asking' ? { ...state, line: { state: 'free' } } : state
    case 'callStarted':       return { ...state, line: connected(begin(event), state.now), lastEnd: undefined }
    case 'callChanged':       return changeTalk(state, () => event.change)
    case 'reacted':           return react(state, event.user, event.kind)
    case 'keyPressed':        return changeTalk(state, ({ pressed }) => ({ pressed: lastKeys(pressed + event.key) }))
    case 'keyHeard':          return changeTalk(state, (talk) => ({ heard: heardIn(talk, event.user, event.key) }))
    case 'callEnded':         return endTalk(state, event.end)
    case 'rang':              return ring(state, event.id, event.from)
    case 'answering':         return { ...state, incoming: state.incoming.map((one) => (one.id === event.id ? { ...one, answer: event.answer, problem: event.problem } : one)) }
    case 'ringingEnded':      return endRinging(state, event.id, event.end)
    case 'endDismissed':      return { ...state, lastEnd: undefined }
    case 'soundUnblocked':    return { ...state, isSoundBlocked: false }
    default:                  return state
  }
}

/** The SDK keeps a short outage to itself; that the server does not answer at its other door either is how it shows. */
function outOfReach(link: Link): Link {
  return link.state === 'connected' ? { state: 'lost' } : link
}

function inReach(link: Link): Link {
  return link.state === 'lost' ? { state: 'connected' } : link
}

function changeAsking(state: SignedIn, change: Partial<Omit<Asking, 'state' | 'callee'>>): SignedIn {
  return state.line.state === 'asking' ? { ...state, line: { ...state.line, ...change } } : state
}

function begin(event: Extract<PhoneEvent, { type: 'callStarted' }>): Talk {
  return {
    state: 'call',
    other: event.other,
    direction: event.direction,
    callState: event.callState,
    connectedAt: undefined,
    isMuted: event.isMuted,
    members: [],
    waiting: [],
    may: new Set(),
    isHandUp: false,
    reactions: [],
    pressed: '',
    heard: undefined,
    isSharing: false,
    screen: undefined,
    isReconnecting: false,
    camera: 'off',
    ownPicture: undefined,
    problem: undefined,
  }
}

function changeTalk(state: SignedIn, change: (talk: Talk) => Partial<Talk>): SignedIn {
  const talk = state.line
  return talk.state === 'call' ? { ...state, line: connected({ ...talk, ...change(talk) }, state.now) } : state
}

/** As many as fit on a line. */
const mostKeys = 20

function lastKeys(keys: string): string {
  return keys.slice(-mostKeys)
}

function heardIn({ members, heard }: Talk, user: string, key: string): Talk['heard'] {
  const of = members.find((member) => member.user === user) ?? { user, displayName: '' }
  return { of, keys: lastKeys((heard?.of.user === user ? heard.keys : '') + key) }
}

/** Long enough to be seen, short enough not to be taken for the next one, in milliseconds. */
const reactionMs = 4000

/** One at a time for each person: the newest. */
function react(state: SignedIn, user: string, kind: ReactionKind): SignedIn {
  if (state.line.state !== 'call') return state
  const others = state.line.reactions.filter((one) => one.user !== user && one.shownUntil > state.now)
  const reactions = [...others, { user, kind, shownUntil: state.now + reactionMs }]
  return { ...state, line: { ...state.line, reactions } }
}

/** The clock of a call starts when it is first connected, and never again: a hold or a lost link does not reset it. */
function connected(talk: Talk, now: EpochMs): Talk {
  return talk.callState === 'Connected' && talk.connectedAt === undefined ? { ...talk, connectedAt: now } : talk
}

function endTalk(state: SignedIn, end: CallEnd): SignedIn {
  const talk = state.line
  if (talk.state !== 'call') return state
  const ended = lastEndOf(talk.other, end, talk.direction)
  const lasted =
    talk.connectedAt === undefined ? undefined : `It lasted ${durationInWords(state.now - talk.connectedAt)}.`
  const sentence = { says: ended.sentence.says, todo: ended.sentence.todo ?? lasted }
  return { ...state, line: { state: 'free' }, lastEnd: { ...ended, sentence } }
}

function ring(state: SignedIn, id: string, from: Person): SignedIn {
  if (state.incoming.some((one) => one.id === id)) return state
  return { ...state, incoming: [...state.incoming, { id, from, answer: 'open', problem: undefined }] }
}

/** Without an end there is nothing to tell: the ringing has become the call in hand. */
function endRinging(state: SignedIn, id: string, end: CallEnd | undefined): SignedIn {
  const gone = state.incoming.find((one) => one.id === id)
  if (gone === undefined) return state
  const incoming = state.incoming.filter((one) => one !== gone)
  return { ...state, incoming, lastEnd: end === undefined ? state.lastEnd : lastEndOf(gone.from, end, 'Incoming') }
}

function lastEndOf(other: Party, end: CallEnd, side: Talk['direction']): LastEnd {
  return { other, ...sentenceOfEnd(end, nameOf(other), isPlace(other) ? 'Joined' : side) }
}

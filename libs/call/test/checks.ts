/** What a story can check: how a call stands for a device and as a whole, and what the last step did. */
import { isDeepStrictEqual } from 'node:util'
import {
  endOf,
  type CallView,
  type EpochMs,
  type EventName,
  type FailureName,
  type Grant,
  type ParticipantView,
  type ReasonName,
  type Saying,
} from '@parley/protocol'
import {
  deadline,
  grantOf,
  hearersOf,
  indexOf,
  viewOf,
  type Call,
  type CallEvent,
  type CallIndex,
  type Effect,
  type Leg,
  type LegStateName,
  type Step,
} from '../src/index.ts'
import { isFor, viewIn } from './effects.ts'
import type { Endpoint, Party } from './people.ts'
import { isLive } from './promise.ts'

/** A moment of a story, counted from its start. */
export type Clock = `${number} s`
/** The last step, and the call before it. */
export type Last = Step & { before: Call | undefined }

const startedAt = 1_000_000

// prettier-ignore
const grants = {
  'nothing':   { send: [],                                 paused: [],                       receive: false },
  'open only': { send: ['microphone', 'camera'],           paused: ['microphone', 'camera'], receive: false },
  'talk':      { send: ['microphone', 'camera'],           paused: [],                       receive: true },
  'listen':    { send: ['microphone', 'camera'],           paused: ['microphone'],           receive: true },
  'share':     { send: ['microphone', 'camera', 'screen'], paused: [],                       receive: true },
  'show':      { send: ['camera'],                         paused: ['microphone'],           receive: true },
  'listen before the answer': { send: ['microphone', 'camera'], paused: ['microphone', 'camera'], receive: true },
  'speak before the answer':  { send: ['microphone'],           paused: [],                       receive: false },
  'watch':     { send: [],                                 paused: ['microphone'],           receive: true },
} satisfies Record<string, Grant>

export function endpointChecks(who: Party, { call, effects }: Last) {
  const leg = () => legOf(call, who)
  const tell = () => effects.find((effect) => effect.do === 'tell' && isFor(leg(), effect))
  const told = () => toldBy(tell())
  const granted = () => effects.flatMap((one) => (one.do === 'grant' && one.legId === leg().id ? [one.grant] : []))

  return {
    is: (state: LegStateName) => same(leg().state, state, `${who.name} is`),
    /** Is so, and waits until then. */
    waits: (state: LegStateName, until: Clock) => {
      same(leg().state, state, `${who.name} is`)
      same(clockOf(deadline({ ...call, legs: [leg()] })), until, `${who.name} is ${state} until`)
    },
    isEndedBy: (reason: ReasonName) => {
      const it = leg()
      same(it.state === 'Disconnected' ? it.reason : it.state, reason, `${who.name} was ended by`)
    },
    hasLegs: (count: number) => same(call.legs.filter((one) => isOf(one, who)).length, count, `legs of ${who.name}`),
    /** By the last step; an end with its reason. */
    wasTold: (event: EventName, reason?: ReasonName) =>
      same(told(), reason === undefined ? event : `${event} ${reason}`, `${who.name} was told`),
    wasToldNothing: () => same(told(), 'nothing', `${who.name} was told`),
    ringExpires: (clock: Clock) => same(clockOf(expiryOf(tell())), clock, `the ring of ${who.name} expires`),
    sees: (part: Partial<CallView>) => {
      same(partOf(viewOf(call, leg().id), part), part, `${who.name} sees`)
    },
    /** The others in his view, each as 'bob Connected', and how he is: 'bob Connected muted sharing'. */
    seesOthers: (...others: string[]) =>
      same(viewOf(call, leg().id).participants.map(inWords), others, `${who.name} sees`),
    /** Those who ask to be let in. */
    seesWaiting: (...waiting: string[]) => same(viewOf(call, leg().id).lobby?.map(nameOf), waiting, `${who.name} sees`),
    /** How someone left, as the last step told it; absent in what others are told is a participant who stays. */
    wasToldOfTheEnd: (of: Party, reason: ReasonName) => {
      const end = participantsIn(tell()).find(({ id }) => id === of.user)?.end
      same(end, endOf(reason), `${who.name} was told how ${of.name} left`)
    },
    may: (what: keyof typeof grants) => same(grantOf(call, leg()), grants[what], `${who.name} may`),
    wasGranted: (what: keyof typeof grants) => same(granted(), [grants[what]], `${who.name} was granted`),
    wasGrantedNothing: () => same(granted(), [], `${who.name} was granted`),
  }
}

/** Who hears what somebody says, by the names of devices, or why nobody does. */
export function saying(who: Endpoint, what: Saying, { call }: Last, to?: readonly Party[]) {
  const heard = hearersOf(
    call,
    who.session,
    what,
    to?.map(({ user }) => user),
  )
  return {
    isHeardBy: (...devices: Endpoint[]) => {
      const { id: legId, user: from } = legOf(call, who)
      const sessions = devices.map(({ session }) => session)
      same(heard, { from, legId, sessions }, `${what.kind} of ${who.name} goes`)
    },
    isRefused: (failure: FailureName) => same(heard, failure, `${what.kind} of ${who.name} is refused with`),
  }
}

export function callChecks({ before, call, effects, refused }: Last) {
  return {
    isLive: () => same(clockOf(call.endedAt), undefined, 'the call is over since'),
    isOverSince: (clock: Clock) => same(clockOf(call.endedAt), clock, 'the call is over since'),
    isDue: (clock: Clock) => same(clockOf(deadline(call)), clock, 'the call is due'),
    isNeverDue: () => same(clockOf(deadline(call)), undefined, 'the call is due'),
    isFoundBy: (index: CallIndex) => same(indexOf(call), index, 'the call is found by'),
    isOn: (node: Call['mediaNode']) => same(call.mediaNode, node, 'the call is on'),
    /** The last step was refused so. */
    refused: (failure: FailureName) => same(refused, failure, 'the step was refused with'),
    stayedAsItWas: () => {
      same(refused, undefined, 'the step was refused with')
      same(call === before, true, 'the call is the very same')
    },
    forwarded: (...events: Partial<CallEvent>[]) => {
      const found = effects.flatMap((effect) => (effect.do === 'forward' ? [effect.event] : []))
      same(
        found.map((event, n) => partOf(event, events[n])),
        events,
        'other calls hear',
      )
    },
    changedQuietly: () => {
      same(call === before, false, 'the call is the very same')
      same(effects, [], 'what followed from the step is')
    },
    did: (...what: string[]) =>
      same(
        effects.map((effect) => effect.do),
        what,
        'what followed from the step is',
      ),
  }
}

/** The leg of a device: the live one, or the last. */
export function legOf(call: Call, who: Party): Leg {
  const legs = call.legs.filter((leg) => isOf(leg, who))
  const leg = legs.find(isLive) ?? legs.at(-1)
  if (leg === undefined) throw new Error(`${who.name} has no leg in the call.`)
  return leg
}

export function epochOf(clock: Clock): EpochMs {
  return (startedAt + Number.parseFloat(clock) * 1000) as EpochMs // the story's own epoch
}

function isOf(leg: Leg, who: Party): boolean {
  return who.session === undefined ? leg.user === who.user : leg.session === who.session
}

function nameOf({ id, displayName = id }: ParticipantView): string {
  return displayName
}

function inWords(one: ParticipantView): string {
  const is = {
    muted: one.isMuted,
    sharing: one.isSharing,
    hand: one.hand !== undefined,
    spotlit: one.spotlight !== undefined,
  }
  const extras = Object.entries(is).flatMap(([word, isSo]) => (isSo ? [word] : []))
  return [nameOf(one), one.state, ...extras].join(' ')
}

/** The fields of a value that another one has as well. */
function partOf(whole: object, part: object = whole): unknown {
  return Object.fromEntries(Object.entries(whole).filter(([name]) => name in part))
}

function participantsIn(effect: Effect | undefined): ParticipantView[] {
  if (effect?.do !== 'tell') return []
  if (effect.message.event === 'call.people') return effect.message.body.participants
  return viewIn(effect)?.participants ?? []
}

function clockOf(at: EpochMs | undefined): Clock | undefined {
  return at === undefined ? undefined : `${(at - startedAt) / 1000} s`
}

function toldBy(effect: Effect | undefined): string {
  if (effect?.do !== 'tell') return 'nothing'
  const reason = viewIn(effect)?.end?.reason
  return reason === undefined ? effect.message.event : `${effect.message.event} ${reason}`
}

function expiryOf(effect: Effect | undefined): EpochMs | undefined {
  return effect?.do === 'tell' ? effect.expiresAt : undefined
}

function same(found: unknown, expected: unknown, what: string): void {
  if (isDeepStrictEqual(found, expected)) return
  throw new Error(
    `${what}: ${JSON.stringify(found) ?? 'nothing'}, and should be: ${JSON.stringify(expected) ?? 'nothing'}`,
  )
}

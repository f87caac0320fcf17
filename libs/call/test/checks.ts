/** What a story can check: how a call stands for a device and as a whole, and what the last step did. */
import { isDeepStrictEqual } from 'node:util'
import type { CallView, EpochMs, FailureName, Grant, ReasonName } from '@parley/protocol'
import {
  deadline,
  grantOf,
  indexOf,
  viewOf,
  type Call,
  type CallIndex,
  type Effect,
  type Leg,
  type LegStateName,
  type Step,
} from '../src/index.ts'
import type { Endpoint } from './people.ts'
import { isLive, viewIn } from './promises.ts'

/** A moment of a story, counted from its start. */
export type Clock = `${number} s`
/** The last step, and the call before it. */
export type Last = Step & { before: Call | undefined }

const startedAt = 1_000_000

// prettier-ignore
const grants = {
  'nothing':   { send: [],                       paused: [],                       receive: false },
  'open only': { send: ['microphone', 'camera'], paused: ['microphone', 'camera'], receive: false },
  'talk':      { send: ['microphone', 'camera'], paused: [],                       receive: true },
  'listen':    { send: ['microphone', 'camera'], paused: ['microphone'],           receive: true },
} satisfies Record<string, Grant>

export function endpointChecks(who: Endpoint, { call, effects }: Last) {
  const leg = () => legOf(call, who)
  const tell = () => effects.find((effect) => viewIn(effect)?.legId === leg().id)
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
    hasLegs: (count: number) =>
      same(call.legs.filter((one) => one.session === who.session).length, count, `legs of ${who.name}`),
    /** By the last step; an end with its reason. */
    wasTold: (event: 'call.incoming' | 'call.changed' | 'call.ended', reason?: ReasonName) =>
      same(told(), reason === undefined ? event : `${event} ${reason}`, `${who.name} was told`),
    wasToldNothing: () => same(told(), 'nothing', `${who.name} was told`),
    ringExpires: (clock: Clock) => same(clockOf(expiryOf(tell())), clock, `the ring of ${who.name} expires`),
    sees: (part: Partial<CallView>) => {
      const seen = Object.entries(viewOf(call, leg().id)).filter(([name]) => name in part)
      same(Object.fromEntries(seen), part, `${who.name} sees`)
    },
    /** The others in his view, each as 'bob Connected' or 'bob Connected muted'. */
    seesOthers: (...others: string[]) => {
      const { participants } = viewOf(call, leg().id)
      const inWords = participants.map((one) => `${one.displayName} ${one.state}${one.isMuted ? ' muted' : ''}`)
      same(inWords, others, `${who.name} sees`)
    },
    may: (what: keyof typeof grants) => same(grantOf(leg()), grants[what], `${who.name} may`),
    wasGranted: (what: keyof typeof grants) => same(granted(), [grants[what]], `${who.name} was granted`),
    wasGrantedNothing: () => same(granted(), [], `${who.name} was granted`),
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
export function legOf(call: Call, who: Endpoint): Leg {
  const legs = call.legs.filter((leg) => leg.session === who.session)
  const leg = legs.find(isLive) ?? legs.at(-1)
  if (leg === undefined) throw new Error(`${who.name} has no leg in the call.`)
  return leg
}

export function epochOf(clock: Clock): EpochMs {
  return (startedAt + Number.parseFloat(clock) * 1000) as EpochMs // the story's own epoch
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

/**
 * The vocabulary of the tests: one call, told step by step on a clock that moves only when told.
 *
 *   const { given, at, then } = story()
 *   given(ann.phone).calls(bob.laptop, bob.tablet)
 *   at('2 s').when(bob.laptop).accepts()
 *   then(bob.tablet).wasTold('call.ended', 'acceptedElsewhere')
 *
 * `then` and `thenTheCall` look at the call as it is and at what the last step did (checks.ts). Every step keeps the
 * promises of promises.ts, and tells all clients enough to know the call (client.ts), or the story ends there.
 */
import { defaultLimits, type Limits, type NodeId, type Place, type ReasonName, type Role } from '@parley/protocol'
import { meet, open, step, type Call, type CallEvent, type Step } from '../src/index.ts'
import { asks, type Ways } from './asks.ts'
import { callChecks, epochOf, endpointChecks, legOf, saying, type Clock, type Last } from './checks.ts'
import { Clients } from './client.ts'
import { ann, bob, callId, cid, group, node, otherNode, resource, room, type Endpoint, type Party } from './people.ts'
import { checkPromises, deepFreeze } from './promises.ts'

type Coming = Ways & Partial<Pick<Endpoint, 'transferOf'>>
type Met = Coming & { closesAt?: Clock }

export function story(limits: Limits = defaultLimits) {
  let now = epochOf('0 s')
  let last: Last | undefined
  const clients = new Clients()

  const take = (before: Call | undefined, after: Step, event?: CallEvent) => {
    checkPromises(before, deepFreeze(after), event)
    clients.follow(after)
    last = { before, ...after }
  }
  const present = (): Last => {
    if (last === undefined) throw new Error('Nobody has called yet.')
    return last
  }
  const happens = (event: CallEvent) => {
    take(present().call, step(present().call, deepFreeze(event), now, limits), event)
  }
  const common = { id: callId, resourceId: resource, mediaNode: node }

  const given = (who: Endpoint, { isMuted = false, ...more }: Coming = {}) => ({
    /** These devices ring: their people are called, and Bob when there are none. */
    calls: (...devices: Party[]) => {
      const people = new Set(devices.map(({ user }) => user))
      const to = people.size === 0 ? [bob.laptop.user] : [...people]
      const placed = { ...common, caller: { ...who, ...more, isMuted }, to, devices }
      take(undefined, open(deepFreeze(placed), now, limits))
    },
    comesTo: (place: Place, { hasLobby = false, closesAt, waits = false, ...role }: Met = {}) => {
      const closes = closesAt === undefined ? {} : { closesAt: epochOf(closesAt) }
      const joiner = { ...who, ...more, ...role, isMuted }
      take(undefined, meet(deepFreeze({ ...common, place, ...closes, hasLobby, joiner, waits }), now, limits))
    },
  })

  const when = (who: Endpoint) =>
    asks(who, { legId: () => legOf(present().call, who).id, hasLobby: () => present().call.hasLobby }, happens)

  /** What no participant does. */
  const theClockLooks = () => happens({ type: 'fellDue' })
  const mediaMoves = (mediaNode: NodeId = otherNode) => happens({ type: 'placed', mediaNode })
  const theServerApp = {
    makes: ({ user }: Party, role: Role) => happens({ type: 'roleChanged', user, role }),
    uninvites: ({ user }: Party) => happens({ type: 'uninvited', user }),
    closesTheRoomAt: (clock: Clock) => happens({ type: 'hoursChanged', closesAt: epochOf(clock) }),
    closesTheRoom: () => happens({ type: 'roomClosed' }),
  }
  /** What another call, to which this one is transferred, has to say. */
  const theTransfer = (id: string) => ({
    succeeds: () => happens({ type: 'transferDone', id }),
    fails: (reason: ReasonName) => happens({ type: 'transferFailed', id, reason }),
  })
  const bot = (who: Party) => {
    const legId = () => legOf(present().call, who).id
    return {
      getsMedia: (generation = 1) => happens({ type: 'mediaUp', legId: legId(), generation }),
      losesMedia: (generation = 1) => happens({ type: 'mediaLost', legId: legId(), generation }),
    }
  }

  const at = (clock: Clock) => {
    now = epochOf(clock)
    return { when, theClockLooks, theServerApp, theTransfer }
  }
  const then = (who: Party) => endpointChecks(who, present())
  const thenTheCall = () => callChecks(present())
  const thenWhat = (who: Endpoint, what: Parameters<typeof saying>[1], ...to: Party[]) =>
    saying(who, what, present(), to.length === 0 ? undefined : to)

  return {
    given,
    at,
    when,
    bot,
    theClockLooks,
    mediaMoves,
    theServerApp,
    theTransfer,
    then,
    thenTheCall,
    thenWhat,
  }
}

/** A story in which Ann and Bob talk since 2 s. */
export function talking() {
  const it = story()
  it.given(ann.phone).calls(bob.laptop)
  it.when(ann.phone).getsMedia()
  it.when(bob.laptop).getsMedia()
  it.at('2 s').when(bob.laptop).accepts()
  it.then(ann.phone).is('Connected')
  it.then(bob.laptop).is('Connected')
  return it
}

/** A story in which Ann, Bob and Cid have met in a group, and talk. */
export function meeting({ hasLobby = false }: { hasLobby?: boolean } = {}) {
  const it = story()
  it.given(ann.phone).comesTo(group, hasLobby ? { hasLobby, role: 'Presenter' } : {})
  for (const device of [bob.laptop, cid.phone]) it.when(device).joins()
  for (const device of [ann.phone, bob.laptop, cid.phone]) it.when(device).getsMedia()
  it.then(cid.phone).seesOthers('ann Connected', 'bob Connected')
  return it
}

/** A story in which Ann leads a room, Bob attends and Cid only watches. */
export function inRoom({ hasLobby = false }: { hasLobby?: boolean } = {}) {
  const it = story()
  it.given(ann.phone).comesTo(room, { role: 'Presenter', hasLobby, closesAt: '900 s' })
  it.when(bob.laptop).joins({ role: 'Attendee' })
  it.when(cid.phone).joins({ role: 'Consumer' })
  for (const device of [ann.phone, bob.laptop, cid.phone]) it.when(device).getsMedia()
  it.then(ann.phone).seesOthers('bob Connected', 'cid Connected muted')
  return it
}

/**
 * The vocabulary of the tests: one call, told step by step on a clock that moves only when told.
 *
 *   const { given, at, then } = story()
 *   given(ann.phone).calls(bob.laptop, bob.tablet)
 *   at('2 s').when(bob.laptop).accepts()
 *   then(bob.tablet).wasTold('call.ended', 'acceptedElsewhere')
 *
 * `then` and `thenTheCall` look at the call as it is and at what the last step did (checks.ts). Every step keeps the
 * promises of promises.ts, or the story ends there.
 */
import { defaultLimits, type ReasonName } from '@parley/protocol'
import { open, step, type Call, type CallEvent, type Step } from '../src/index.ts'
import { callChecks, epochOf, endpointChecks, legOf, type Clock, type Last } from './checks.ts'
import { ann, bob, callId, node, otherNode, resource, type Endpoint } from './people.ts'
import { checkPromises, deepFreeze } from './promises.ts'

type Muted = { isMuted?: boolean }

export function story() {
  let now = epochOf('0 s')
  let last: Last | undefined

  const take = (before: Call | undefined, after: Step) => {
    checkPromises(before, deepFreeze(after))
    last = { before, ...after }
  }
  const present = (): Last => {
    if (last === undefined) throw new Error('Nobody has called yet.')
    return last
  }
  const happens = (event: CallEvent) => {
    take(present().call, step(present().call, deepFreeze(event), now, defaultLimits))
  }

  const given = (who: Endpoint, { isMuted = false }: Muted = {}) => ({
    calls: (...devices: Endpoint[]) => {
      const placed = { id: callId, resourceId: resource, mediaNode: node, caller: { ...who, isMuted }, devices }
      take(undefined, open(deepFreeze(placed), now, defaultLimits))
    },
  })

  const when = (who: Endpoint) => {
    const { session } = who
    const legId = () => legOf(present().call, who).id
    return {
      accepts: ({ isMuted = false }: Muted = {}) => happens({ type: 'accepted', session, isMuted }),
      rejects: () => happens({ type: 'rejected', session }),
      hangsUp: () => happens({ type: 'hungUp', session }),
      mutes: () => happens({ type: 'muted', session, isMuted: true }),
      unmutes: () => happens({ type: 'muted', session, isMuted: false }),
      losesLink: () => happens({ type: 'linkLost', session }),
      getsLinkBack: () => happens({ type: 'linkBack', session }),
      leaves: (reason: ReasonName) => happens({ type: 'sessionEnded', session, reason }),
      getsMedia: (generation = 1) => happens({ type: 'mediaUp', legId: legId(), generation }),
      losesMedia: (generation = 1) => happens({ type: 'mediaLost', legId: legId(), generation }),
      connects: () => happens({ type: 'deviceCame', device: who }),
      callsBack: ({ isMuted = false }: Muted = {}) => happens({ type: 'calledBack', device: { ...who, isMuted } }),
    }
  }

  /** What no participant does. */
  const theClockLooks = () => happens({ type: 'fellDue' })
  const mediaMoves = () => happens({ type: 'placed', mediaNode: otherNode })

  const at = (clock: Clock) => {
    now = epochOf(clock)
    return { when, theClockLooks }
  }
  const then = (who: Endpoint) => endpointChecks(who, present())
  const thenTheCall = () => callChecks(present())

  return { given, at, when, theClockLooks, mediaMoves, then, thenTheCall }
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

/** What a person at a device does, and what his link and his media do, as words for stories. */
import type {
  LegId,
  PhoneCodec,
  PhoneProgress,
  RawId,
  ReasonName,
  Role,
  SessionId,
  TransferView,
} from '@parley/protocol'
import type { CallEvent } from '../src/index.ts'
import { otherCall, type Endpoint, type Party } from './people.ts'

type Muted = { isMuted?: boolean }
/** How someone comes: muted, as what, and whether he waits to be let in; the lobby may come or go with him. */
export type Ways = Muted & { role?: Role; waits?: boolean; hasLobby?: boolean }

/** What the words need of the call as it is: the device's own leg, for reports about it, and whether there is a lobby. */
type Now = { legId: () => LegId; hasLobby: () => boolean }

export function asks(who: Endpoint, now: Now, happens: (event: CallEvent) => void) {
  const { session } = who
  return {
    ...ownWords(who, session, now, happens),
    ...linkWords(who, now.legId, happens),
    ...leadingWords(session, happens),
  }
}

function ownWords(who: Endpoint, session: SessionId, now: Now, happens: (event: CallEvent) => void) {
  return {
    accepts: ({ isMuted = false }: Muted = {}) => happens({ type: 'accepted', session, isMuted }),
    rejects: () => happens({ type: 'rejected', session }),
    hangsUp: () => happens({ type: 'hungUp', session }),
    mutes: () => happens({ type: 'muted', session, isMuted: true }),
    unmutes: () => happens({ type: 'muted', session, isMuted: false }),
    holds: () => happens({ type: 'held', session }),
    resumes: () => happens({ type: 'resumed', session }),
    callsBack: ({ isMuted = false }: Muted = {}) => happens({ type: 'calledBack', device: { ...who, isMuted } }),
    joins: ({ isMuted = false, waits = false, hasLobby = now.hasLobby(), ...role }: Ways = {}) =>
      happens({ type: 'joined', device: { ...who, ...role, isMuted }, waits, hasLobby }),
    shares: () => happens({ type: 'shared', session, isOn: true }),
    unshares: () => happens({ type: 'shared', session, isOn: false }),
    raisesHand: () => happens({ type: 'handRaised', session, isUp: true }),
    lowersHand: () => happens({ type: 'handRaised', session, isUp: false }),
    /** Asks the other side to call someone instead, or, without a name, to come into another call. */
    transfersTo: (to: Party | undefined, id = 't1') =>
      happens({ type: 'transferAsked', session, id, to: targetOf(to), legId: who.legId }),
  }
}

function linkWords({ session, ...who }: Endpoint, legId: () => LegId, happens: (event: CallEvent) => void) {
  return {
    connects: () => happens({ type: 'deviceCame', device: { ...who, session } }),
    losesLink: () => happens({ type: 'linkLost', session }),
    getsLinkBack: () => happens({ type: 'linkBack', session }),
    leaves: (reason: ReasonName) => happens({ type: 'sessionEnded', session, reason }),
    /** What the network of a phone says. */
    progresses: (progress?: PhoneProgress, codec?: PhoneCodec) =>
      happens({ type: 'progressed', session, progress, codec }),
    getsMedia: (generation = 1) => happens({ type: 'mediaUp', legId: legId(), generation }),
    losesMedia: (generation = 1) => happens({ type: 'mediaLost', legId: legId(), generation }),
  }
}

/** Where nobody is named, everybody else is meant. */
function leadingWords(session: SessionId, happens: (event: CallEvent) => void) {
  return {
    endsForAll: () => happens({ type: 'endedForAll', session }),
    adds: (...devices: Party[]) => happens({ type: 'added', session, devices }),
    removes: ({ user: who }: Party) => happens({ type: 'removed', session, who }),
    mutesOthers: (...some: Party[]) => happens({ type: 'mutedOthers', session, ...named(some) }),
    forbids: (source: 'microphone' | 'camera', ...some: Party[]) =>
      happens({ type: 'permitted', session, source, isPermitted: false, ...named(some) }),
    permits: (source: 'microphone' | 'camera', ...some: Party[]) =>
      happens({ type: 'permitted', session, source, isPermitted: true, ...named(some) }),
    admits: (...some: Party[]) => happens({ type: 'admitted', session, ...named(some) }),
    denies: (...some: Party[]) => happens({ type: 'denied', session, ...named(some) }),
    lowersHands: (...some: Party[]) => happens({ type: 'handsLowered', session, ...named(some) }),
    spotlights: (...some: Party[]) => happens({ type: 'spotlit', session, isOn: true, ...named(some) }),
    unspotlights: (...some: Party[]) => happens({ type: 'spotlit', session, isOn: false, ...named(some) }),
  }
}

function named(some: Party[]): { who?: RawId[] } {
  return some.length === 0 ? {} : { who: some.map(({ user }) => user) }
}

function targetOf(to: Party | undefined): TransferView['to'] {
  return to === undefined ? { callId: otherCall } : { user: to.user }
}

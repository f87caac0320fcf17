/** Diagnostics of others, from those who send theirs, and sending one's own (ACS: UserFacingDiagnostics.remote). */
import type { LegId, Saying } from '@parley/protocol'
import type { RemoteParticipant } from '../contract/call.ts'
import type { FeatureContext, Stop } from '../contract/features.ts'
import { Emitter } from '../emitter.ts'
import type {
  DiagnosticChange,
  MediaDiagnostic,
  NetworkDiagnostic,
  NewMediaDiagnostic,
  ServerDiagnostic,
} from './diagnostics.ts'
import { type Listenable, listenable } from './feature.ts'

type Name = NetworkDiagnostic | MediaDiagnostic | NewMediaDiagnostic | ServerDiagnostic
export type RemoteDiagnostic = Readonly<DiagnosticChange<Exclude<Name, NewMediaDiagnostic>>> & {
  /** Of the device that sent it. */
  readonly participantId: string
  readonly rawId: string
  readonly remoteParticipant?: RemoteParticipant
}
export type RemoteDiagnosticsData = { diagnostics: RemoteDiagnostic[] }
type Events = { diagnosticChanged: (changed: RemoteDiagnosticsData) => void }
export type RemoteDiagnostics = Listenable<Events> & {
  /** The latest of each, of everyone who is there. */
  getLatest(): RemoteDiagnosticsData
  /** What was raised until now goes out at once. */
  startSendingDiagnostics(): void
  stopSendingDiagnostics(): void
  readonly isSendingDiagnosticsEnabled: boolean
}

export function remoteDiagnostics(context: FeatureContext): { remote: RemoteDiagnostics; stop: Stop } {
  const events = new Emitter<Events>()
  let latest: RemoteDiagnostic[] = []
  let isSending = false
  const { network, media, server } = context.diagnostics
  const groups = [network, media, server] as const
  const send = (change: DiagnosticChange<Name>): void => {
    const saying: Saying = { kind: 'diagnostic', ...change }
    context.ask('call.say', { saying }).catch((error: unknown) => context.log.warn('diagnostic.notSent', { error }))
  }
  const stopSending = (): void => {
    isSending = false
    for (const group of groups) group.off('diagnosticChanged', send)
  }
  const remote: RemoteDiagnostics = {
    ...listenable(events),
    get isSendingDiagnosticsEnabled() {
      return isSending
    },
    getLatest: () => ({ diagnostics: latest }),
    startSendingDiagnostics: () => {
      if (isSending) return
      isSending = true
      for (const group of groups) {
        for (const change of group.changes()) send(change)
        group.on('diagnosticChanged', send)
      }
    },
    stopSendingDiagnostics: stopSending,
  }
  const isOf = (leg: LegId, diagnostic: string) => (one: RemoteDiagnostic) =>
    one.participantId === leg && one.diagnostic === diagnostic
  const stops = [
    stopSending,
    context.onSaid(({ from, legId, saying }) => {
      if (saying.kind !== 'diagnostic') return
      const { kind: _kind, ...change } = saying
      const remoteParticipant = context.person(from)
      const found = {
        ...change,
        participantId: legId,
        rawId: from,
        ...(remoteParticipant === undefined ? {} : { remoteParticipant }),
      } as RemoteDiagnostic // the sender's SDK took it out of the same table; an app ignores a name that it does not know
      latest = [...latest.filter((one) => !isOf(legId, saying.diagnostic)(one)), found]
      events.emit('diagnosticChanged', { diagnostics: [found] })
    }),
    context.onView(({ participants }) => {
      const legs: string[] = participants.flatMap(({ legIds }) => legIds)
      latest = latest.filter(({ participantId }) => legs.includes(participantId))
    }),
  ]
  return { remote, stop: () => stops.forEach((stop) => stop()) }
}

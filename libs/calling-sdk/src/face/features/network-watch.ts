/** What the person should know of his network: whether there is one, and how good it is both ways. */
import type { FeatureContext, Stop } from '../contract/features.ts'
import type { MediaFigures } from '../../media/media-figures.ts'
import { DiagnosticQuality } from './diagnostics.ts'
import { listenTo } from './listen-to.ts'
import { lossOf, type Look, lookEvery } from './measure.ts'

const lookMs = 3000

// From here on a conversation suffers, and from here on it breaks off.
// prettier-ignore
const limits = {
  loss:      { poor: 0.04, bad: 0.12 },
  jitterMs:  { poor: 60,   bad: 150 },
  roundTrip: { poor: 400,  bad: 1000 },
}

export function watchNetwork(context: FeatureContext): Stop {
  const { network, server } = context.diagnostics
  const setOnline = (): void => network.set('noNetwork', 'onLine' in navigator && !navigator.onLine)
  const follow = ({ diagnostic, value }: { diagnostic: string; value: DiagnosticQuality | boolean }): void => {
    if (diagnostic === 'networkReconnect') server.set('serverConnection', value)
  }
  setOnline()
  network.on('diagnosticChanged', follow)
  const [receive, send] = [twice(), twice()]
  const stops = [
    listenTo(globalThis.window, ['online', 'offline'], setOnline),
    lookEvery(context, lookMs, (look) => {
      network.set('networkReceiveQuality', receive(qualityOf(look, 'received')))
      network.set('networkSendQuality', send(qualityOf(look, 'sent')))
    }),
    () => network.off('diagnosticChanged', follow),
  ]
  return () => stops.forEach((stop) => stop())
}

/** Changes its mind when it has been told the same twice: a single bad moment is none that people need to hear of. */
function twice(): (quality: DiagnosticQuality) => DiagnosticQuality {
  let last: DiagnosticQuality = DiagnosticQuality.Good
  let settled: DiagnosticQuality = last
  return (quality) => {
    if (quality === last) settled = quality
    last = quality
    return settled
  }
}

/** The worst of what is known. */
function qualityOf({ now, before }: Look, side: 'sent' | 'received'): DiagnosticQuality {
  const tracks = now[side]
  const jitter = Math.max(0, ...tracks.map(({ jitterMs }) => jitterMs ?? 0))
  return qualityFor(lossOf(tracks, before?.[side], side), jitter, roundTripOf(now, side))
}

function roundTripOf({ transports }: MediaFigures, side: 'sent' | 'received'): number {
  const direction = side === 'sent' ? 'send' : 'receive'
  return Math.max(0, ...transports.map((one) => (one.direction === direction ? (one.roundTripTimeMs ?? 0) : 0)))
}

/** How good a call over a network with these figures is; also used before a call. */
export const qualityFor = (lossRatio: number, jitterMs: number, roundTripMs: number): DiagnosticQuality =>
  worst(grade(lossRatio, limits.loss), grade(jitterMs, limits.jitterMs), grade(roundTripMs, limits.roundTrip))

function grade(value: number, { poor, bad }: { poor: number; bad: number }): DiagnosticQuality {
  if (value >= bad) return DiagnosticQuality.Bad
  return value >= poor ? DiagnosticQuality.Poor : DiagnosticQuality.Good
}

// Qualities are numbers that grow as it gets worse.
const worst = (...qualities: DiagnosticQuality[]): DiagnosticQuality => Math.max(...qualities) as DiagnosticQuality

/** Reads what a browser counts (W3C webrtc-stats, one list for each transport) as one row for each track. */
import type { LegId, Source } from '@parley/protocol'
import type { types } from 'mediasoup-client'
import type { MediaFigures, TrackFigures, TransportFigures } from './media-figures.ts'

type Entry = Readonly<Record<string, unknown>> & { id: string; type: string }
type Transport = { id: string; report: RTCStatsReport }
/** Where MediaBuild writes whose track it is. */
type Marked = { source: Source; legId?: LegId }

/** What goes over two transports: the tracks that are sent, and those that are received. */
export function readFigures(
  send: Transport & { producers: Iterable<types.Producer> },
  receive: Transport & { consumers: Iterable<types.Consumer> },
): MediaFigures {
  const [outgoing, incoming] = [entriesOf(send.report), entriesOf(receive.report)]
  return {
    sent: [...send.producers].flatMap((producer) => sentTrack(outgoing, producer)),
    received: [...receive.consumers].flatMap((consumer) => receivedTrack(incoming, consumer)),
    transports: [
      { id: send.id, direction: 'send', ...path(outgoing) },
      { id: receive.id, direction: 'receive', ...path(incoming) },
    ],
  }
}

/** A picture is sent in several sizes, each a stream of its own. What the far end counts stands in reports of its own. */
function sentTrack(all: Entry[], { id, rtpParameters, appData }: types.Producer): TrackFigures[] {
  const streams = all.filter(({ type, mid }) => type === 'outbound-rtp' && mid === rtpParameters.mid)
  const reported = streams.flatMap((stream) =>
    all.filter((one) => one.type === 'remote-inbound-rtp' && one['localId'] === stream.id),
  )
  const captured = all.filter((one) => streams.some((stream) => stream['mediaSourceId'] === one.id))
  if (streams.length === 0) return []
  const figures = given({
    packetsLost: sum(reported, 'packetsLost'),
    jitterMs: inMs(most(reported, 'jitter')),
    roundTripTimeMs: inMs(most(reported, 'roundTripTime')),
    level: most(captured, 'audioLevel'),
    ...frames(streams),
    fps: most(streams, 'framesPerSecond') ?? stillness(captured),
  })
  const counts = { bytes: sum(streams, 'bytesSent') ?? 0, packets: sum(streams, 'packetsSent') ?? 0 }
  return [{ id, ...(appData as Marked), ...codec(all, streams), ...counts, ...figures }]
}

function receivedTrack(all: Entry[], { id, rtpParameters, appData }: types.Consumer): TrackFigures[] {
  const streams = all.filter(({ type, mid }) => type === 'inbound-rtp' && mid === rtpParameters.mid)
  const reported = streams.flatMap((stream) =>
    all.filter((one) => one.type === 'remote-outbound-rtp' && one['localId'] === stream.id),
  )
  if (streams.length === 0) return []
  const figures = given({
    packetsLost: sum(streams, 'packetsLost'),
    jitterMs: inMs(most(streams, 'jitter')),
    roundTripTimeMs: inMs(most(reported, 'roundTripTime')),
    framesDropped: sum(streams, 'framesDropped'),
    framesDecoded: sum(streams, 'framesDecoded'),
    freezeMs: inMs(sum(streams, 'totalFreezesDuration')),
    level: most(streams, 'audioLevel'),
    ...frames(streams),
  })
  const counts = { bytes: sum(streams, 'bytesReceived') ?? 0, packets: sum(streams, 'packetsReceived') ?? 0 }
  return [{ id, ...(appData as Marked), ...codec(all, streams), ...counts, ...figures }]
}

/** The pair of candidates that was chosen. */
function path(all: Entry[]): Omit<TransportFigures, 'id' | 'direction'> {
  const chosen = all.find(({ type }) => type === 'transport')?.['selectedCandidatePairId']
  // Firefox has no report of the transport: there the pair itself says that it is the one.
  const isChosen = (pair: Entry): boolean => (chosen === undefined ? pair['selected'] === true : pair.id === chosen)
  const pair = all.filter((one) => one.type === 'candidate-pair' && isChosen(one))
  const protocol = all.find(({ id }) => id === pair[0]?.['localCandidateId'])?.['protocol']
  return {
    ...(typeof protocol === 'string' ? { protocol } : {}),
    ...given({
      roundTripTimeMs: inMs(most(pair, 'currentRoundTripTime')),
      availableOutgoingBitrate: most(pair, 'availableOutgoingBitrate'),
      availableIncomingBitrate: most(pair, 'availableIncomingBitrate'),
    }),
  }
}

function frames(streams: Entry[]): Figures<'width' | 'height' | 'fps'> {
  return {
    width: most(streams, 'frameWidth'),
    height: most(streams, 'frameHeight'),
    fps: most(streams, 'framesPerSecond'),
  }
}

/** Chromium says nothing of how many frames a stream sends when it sends none; that there are none its source says. */
function stillness(captured: Entry[]): 0 | undefined {
  return most(captured, 'framesPerSecond') === 0 ? 0 : undefined
}

function codec(all: Entry[], [stream]: Entry[]): { codec?: string } {
  const name = all.find(({ id }) => id === stream?.['codecId'])?.['mimeType']
  return typeof name === 'string' ? { codec: name } : {}
}

function entriesOf(report: RTCStatsReport): Entry[] {
  const entries: Entry[] = []
  // Every entry of a report is an RTCStats: an id, a type, and what that type has.
  report.forEach((entry: Entry) => entries.push(entry))
  return entries
}

function numbers(entries: Entry[], name: string): number[] {
  return entries.flatMap((entry) => {
    const value = entry[name]
    return typeof value === 'number' ? value : []
  })
}

function sum(entries: Entry[], name: string): number | undefined {
  const all = numbers(entries, name)
  return all.length === 0 ? undefined : all.reduce((a, b) => a + b)
}

function most(entries: Entry[], name: string): number | undefined {
  const all = numbers(entries, name)
  return all.length === 0 ? undefined : Math.max(...all)
}

function inMs(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : seconds * 1000
}

type Figures<K extends string> = { [One in K]: number | undefined }

/** Without what is not known. */
function given<K extends string>(figures: Figures<K>): { [One in K]?: number } {
  const known = Object.entries(figures).filter(([, value]) => value !== undefined)
  return Object.fromEntries(known) as { [One in K]?: number } // the same names, fewer of them
}

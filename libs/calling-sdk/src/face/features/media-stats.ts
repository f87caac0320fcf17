/**
 * ACS: MediaStats. A sample each second; a summary after `dataPointsPerAggregation` intervals of `aggregationInterval`
 * seconds each, and of what there is when the call ends.
 */
import type { MediaFigures, TrackFigures } from '../../media/media-figures.ts'
import type { Stop } from '../contract/features.ts'
import { Emitter } from '../emitter.ts'
import { type Listenable, listenable, ofCall } from './feature.ts'
import { grown, type Look, lookEvery } from './measure.ts'

type Numbers =
  | 'bitrate'
  | 'jitterInMs'
  | 'packets'
  | 'packetsPerSecond'
  | 'packetsLost'
  | 'packetsLostPerSecond'
  | 'rttInMs'
  | 'audioInputLevel'
  | 'audioOutputLevel'
  | 'frameRateSent'
  | 'frameWidthSent'
  | 'frameHeightSent'
  | 'frameRateReceived'
  | 'frameRateDecoded'
  | 'frameWidthReceived'
  | 'frameHeightReceived'
  | 'framesDropped'
  | 'framesDecoded'
  | 'totalFreezeDurationInMs'
type Track<N, S> = { id: string; codecName?: S } & { [Key in Numbers]?: N }
type Transport<N> = { id: string } & {
  [Key in 'rttInMs' | 'availableIncomingBitrate' | 'availableOutgoingBitrate']?: N
}
type Ways<N, S> = { send: Track<N, S>[]; receive: Track<N, S>[] }
type Report<N, S> = { audio: Ways<N, S>; video: Ways<N, S>; screenShare: Ways<N, S>; transports: Transport<N>[] }

export type MediaStatsReportSample = Report<number, string>
export type MediaStatsReportSummary = Report<MediaStatValue<number>, MediaStatValue<string>>
export type MediaStatValue<T> = {
  /** Of numbers: one entry for each interval. */
  aggregation?: { count: number[]; sum: number[]; min: number[]; max: number[] }
  raw: T[]
  timestamp: Date
}
export type MediaStatsCollectorOptions = {
  /** Seconds; 10 when it is not given. */
  aggregationInterval?: number
  /** 6 when it is not given. */
  dataPointsPerAggregation?: number
}
type Events = {
  sampleReported: (sample: MediaStatsReportSample) => void
  summaryReported: (summary: MediaStatsReportSummary) => void
}
export type MediaStatsCollector = Listenable<Events> & { dispose(): void }

export const MediaStats = ofCall('MediaStats', (context, _events: Emitter<object>, until) => {
  const collectors = new Set<Stop>()
  const createCollector = ({
    aggregationInterval = 10,
    dataPointsPerAggregation = 6,
  }: MediaStatsCollectorOptions = {}): MediaStatsCollector => {
    const events = new Emitter<Events>()
    let samples: MediaStatsReportSample[] = []
    const summarize = (): void => {
      if (samples.length > 0) events.emit('summaryReported', summaryOf(samples, aggregationInterval))
      samples = []
    }
    const stop = lookEvery(context, 1000, (look) => {
      const sample = sampleOf(look)
      samples.push(sample)
      events.emit('sampleReported', sample)
      if (samples.length >= aggregationInterval * dataPointsPerAggregation) summarize()
    })
    const stops = [stop, context.onEnd(summarize)]
    const dispose = (): void => {
      for (const stop of stops) stop()
      collectors.delete(dispose)
    }
    collectors.add(dispose)
    return { ...listenable(events), dispose }
  }
  const disposeAllCollectors = (): void => {
    for (const dispose of collectors) dispose()
  }
  until(disposeAllCollectors)
  return { createCollector, disposeAllCollectors }
})

const reports = { microphone: 'audio', camera: 'video', screen: 'screenShare' } as const

function sampleOf({ now, before, seconds }: Look): MediaStatsReportSample {
  const ways = (name: string): Ways<number, string> => {
    const of = (side: 'sent' | 'received'): Track<number, string>[] =>
      now[side].filter(({ source }) => reports[source] === name).map((track) => trackOf(track, side, before, seconds))
    return { send: of('sent'), receive: of('received') }
  }
  return {
    audio: ways('audio'),
    video: ways('video'),
    screenShare: ways('screenShare'),
    transports: now.transports.map(({ id, roundTripTimeMs, availableIncomingBitrate, availableOutgoingBitrate }) =>
      said({ id, rttInMs: roundTripTimeMs, availableIncomingBitrate, availableOutgoingBitrate }),
    ),
  }
}

function trackOf(
  track: TrackFigures,
  side: 'sent' | 'received',
  before: MediaFigures | undefined,
  seconds: number,
): Track<number, string> {
  const perSecond = (count: 'bytes' | 'packets' | 'packetsLost', by = 1): number | undefined => {
    const more = grown(track, before?.[side], count)
    return more === undefined || seconds <= 0 ? undefined : (more * by) / seconds
  }
  const { id, codec, packets, packetsLost, width, height, fps, level } = track
  const isSent = side === 'sent'
  return said({
    id,
    // ACS names the codec alone.
    codecName: codec?.replace(/^\w+\//, ''),
    bitrate: perSecond('bytes', 8),
    jitterInMs: track.jitterMs,
    packets,
    packetsPerSecond: perSecond('packets'),
    packetsLost,
    packetsLostPerSecond: perSecond('packetsLost'),
    rttInMs: track.roundTripTimeMs,
    ...(isSent
      ? { audioInputLevel: level, frameRateSent: fps, frameWidthSent: width, frameHeightSent: height }
      : {
          audioOutputLevel: level,
          frameRateReceived: fps,
          frameRateDecoded: fps,
          frameWidthReceived: width,
          frameHeightReceived: height,
          framesDropped: track.framesDropped,
          framesDecoded: track.framesDecoded,
          totalFreezeDurationInMs: track.freezeMs,
        }),
  })
}

type Said<T> = { [Key in keyof T]: Exclude<T[Key], undefined> }
/** Without what nobody said: absent is absent. */
function said<T extends object>(values: T): Said<T> {
  // Exactly the keys without a value are gone, and they are optional wherever this is returned.
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Said<T>
}

function summaryOf(samples: MediaStatsReportSample[], interval: number): MediaStatsReportSummary {
  const ways = (name: 'audio' | 'video' | 'screenShare'): MediaStatsReportSummary['audio'] => ({
    send: merged(
      samples.map((sample) => sample[name].send),
      interval,
    ),
    receive: merged(
      samples.map((sample) => sample[name].receive),
      interval,
    ),
  })
  return {
    audio: ways('audio'),
    video: ways('video'),
    screenShare: ways('screenShare'),
    transports: merged(
      samples.map(({ transports }) => transports),
      interval,
    ),
  }
}

type Merged<T> = { id: string } & { [Key in Exclude<keyof T, 'id'>]: MediaStatValue<Exclude<T[Key], undefined>> }

/** One entry for each id, with the values of each of its keys over all samples. */
function merged<T extends { id: string }>(samples: T[][], interval: number): Merged<T>[] {
  const ids = new Set(samples.flatMap((entries) => entries.map(({ id }) => id)))
  return [...ids].map((id) => {
    const found: Partial<T>[] = samples.map((entries) => entries.find((entry) => entry.id === id) ?? {})
    const keys = new Set(found.flatMap((entry) => Object.keys(entry) as (keyof T)[]))
    keys.delete('id')
    const values = [...keys].map((key) => [
      key,
      valueOf(
        found.map((entry) => entry[key]),
        interval,
      ),
    ])
    // The keys are those of T, and each has a value of what T has there.
    return { id, ...Object.fromEntries(values) } as Merged<T>
  })
}

function valueOf(values: unknown[], interval: number): MediaStatValue<unknown> {
  const aggregation = { count: [], sum: [], min: [], max: [] } as Required<MediaStatValue<number>>['aggregation']
  for (let at = 0; at < values.length; at += interval) {
    const numbers = values.slice(at, at + interval).filter((value) => typeof value === 'number')
    if (numbers.length === 0) continue
    aggregation.count.push(numbers.length)
    aggregation.sum.push(numbers.reduce((sum, value) => sum + value, 0))
    aggregation.min.push(Math.min(...numbers))
    aggregation.max.push(Math.max(...numbers))
  }
  const raw = values.filter((value) => value !== undefined)
  return { raw, timestamp: new Date(), ...(aggregation.count.length > 0 ? { aggregation } : {}) }
}

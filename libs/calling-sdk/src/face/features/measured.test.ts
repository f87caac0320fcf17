import { afterEach, beforeEach, expect, it } from '@jest/globals'
import type { MediaFigures, TrackFigures, TransportFigures } from '../../media/media-figures.ts'
import { FakeCall } from '../../../test/fake-call.ts'
import { bobsLeg } from '../../../test/views.ts'
import { Features } from './features.ts'
import type { MediaStatsReportSample, MediaStatsReportSummary } from './media-stats.ts'
import { watchMicrophone } from './microphone-watch.ts'
import { watchNetwork } from './network-watch.ts'
import { watchPictures } from './picture-watch.ts'

const sound = (more: Partial<TrackFigures> = {}): TrackFigures => ({
  id: 'sound',
  source: 'microphone',
  codec: 'audio/opus',
  bytes: 0,
  packets: 0,
  packetsLost: 0,
  ...more,
})
const picture = (more: Partial<TrackFigures> = {}): TrackFigures => ({
  ...sound(),
  id: 'picture',
  source: 'camera',
  ...more,
})
const transports = (more: Partial<TransportFigures> = {}): TransportFigures[] => [
  { id: 'out', direction: 'send', protocol: 'udp', roundTripTimeMs: 20, ...more },
  { id: 'in', direction: 'receive', protocol: 'udp', roundTripTimeMs: 20 },
]
const figures = (more: Partial<MediaFigures> = {}): MediaFigures => ({
  sent: [],
  received: [],
  transports: transports(),
  ...more,
})

/** A track without a device. */
function track() {
  const events = new EventTarget()
  const fake = Object.assign(events, {
    muted: false,
    turns(isMuted: boolean) {
      fake.muted = isMuted
      events.dispatchEvent(new Event(isMuted ? 'mute' : 'unmute'))
    },
  })
  return { fake, track: fake as unknown as MediaStreamTrack }
}

let call: FakeCall
beforeEach(() => {
  call = new FakeCall()
})
afterEach(() => call.news.emit('end'))
const media = (name: keyof ReturnType<typeof call.diagnostics.media.getLatest>) =>
  call.diagnostics.media.getLatest()[name]?.value
const network = (name: 'networkReceiveQuality' | 'networkSendQuality') =>
  call.diagnostics.network.getLatest()[name]?.value

it('reports a sample each second, and nothing while there is no media', async () => {
  const collector = call.feature(Features.MediaStats).createCollector()
  const samples: MediaStatsReportSample[] = []
  collector.on('sampleReported', (sample) => samples.push(sample))
  await call.passes(1000)
  expect(samples).toEqual([])
  call.figures = figures({ sent: [sound({ bytes: 1000, packets: 50 })] })
  await call.passes(1000)
  call.figures = figures({
    sent: [sound({ bytes: 5000, packets: 100, packetsLost: 2, jitterMs: 5, roundTripTimeMs: 30, level: 0.5 })],
    received: [picture({ id: 'bob', legId: bobsLeg, width: 640, height: 360, fps: 30 })],
  })
  await call.passes(1000)
  expect(samples).toHaveLength(2)
  expect(samples[1]).toEqual({
    audio: {
      send: [
        {
          id: 'sound',
          codecName: 'opus',
          bitrate: 32_000,
          packets: 100,
          packetsPerSecond: 50,
          packetsLost: 2,
          packetsLostPerSecond: 2,
          jitterInMs: 5,
          rttInMs: 30,
          audioInputLevel: 0.5,
        },
      ],
      receive: [],
    },
    video: {
      send: [],
      receive: [
        {
          id: 'bob',
          codecName: 'opus',
          packets: 0,
          packetsLost: 0,
          frameRateReceived: 30,
          frameRateDecoded: 30,
          frameWidthReceived: 640,
          frameHeightReceived: 360,
        },
      ],
    },
    screenShare: { send: [], receive: [] },
    transports: [
      { id: 'out', rttInMs: 20 },
      { id: 'in', rttInMs: 20 },
    ],
  })
})

it('sums up by intervals, and what is left when the call ends', async () => {
  const summaries: MediaStatsReportSummary[] = []
  const options = { aggregationInterval: 2, dataPointsPerAggregation: 2 }
  const collector = call.feature(Features.MediaStats).createCollector(options)
  collector.on('summaryReported', (summary) => summaries.push(summary))
  for (let packets = 1; packets <= 5; packets++) {
    call.figures = figures({ sent: [sound({ packets })] })
    await call.passes(1000)
  }
  expect(summaries).toHaveLength(1)
  expect(summaries[0]?.audio.send[0]?.packets).toEqual({
    raw: [1, 2, 3, 4],
    aggregation: { count: [2, 2], sum: [3, 7], min: [1, 3], max: [2, 4] },
    timestamp: expect.any(Date),
  })
  expect(summaries[0]?.audio.send[0]?.codecName?.aggregation).toBeUndefined()
  call.news.emit('end')
  expect(summaries[1]?.audio.send[0]?.packets?.raw).toEqual([5])
  await call.passes(5000)
  expect(call.clock.waits).toBe(0)
})

it('stops measuring when all collectors are disposed of', async () => {
  const feature = call.feature(Features.MediaStats)
  feature.createCollector()
  feature.createCollector()
  feature.disposeAllCollectors()
  await call.passes(2000)
  expect(call.clock.waits).toBe(0)
})

it('says that the network is bad when packets get lost twice, and takes it back', async () => {
  watchNetwork(call.context())
  let [packets, packetsLost] = [0, 0]
  const arrive = async (more: number, lost: number) => {
    packets += more
    packetsLost += lost
    call.figures = figures({ received: [sound({ packets, packetsLost })] })
    await call.passes(3000, 3000)
  }
  await arrive(150, 0)
  await arrive(100, 50)
  expect(network('networkReceiveQuality')).toBeUndefined()
  await arrive(100, 50)
  expect(network('networkReceiveQuality')).toBe(3)
  expect(network('networkSendQuality')).toBeUndefined()
  await arrive(150, 0)
  await arrive(150, 0)
  expect(network('networkReceiveQuality')).toBe(1)
})

it('says that sending is poor when the way is long', async () => {
  watchNetwork(call.context())
  call.figures = figures({ transports: transports({ roundTripTimeMs: 500 }) })
  await call.passes(6000, 3000)
  expect(network('networkSendQuality')).toBe(2)
})

it('knows the server to be away as long as the network is', () => {
  watchNetwork(call.context())
  call.diagnostics.network.set('networkReconnect', 3)
  expect(call.diagnostics.server.getLatest().serverConnection?.value).toBe(3)
  call.diagnostics.network.set('networkReconnect', 1)
  expect(call.diagnostics.server.getLatest().serverConnection?.value).toBe(1)
})

it('hears someone speak who is muted, and not who is silent or unmuted', async () => {
  let level = 0.1
  let open = 0
  call.changesTrack('microphone', track().track)
  watchMicrophone(call.context(), () => {
    open++
    return { level: () => level, close: () => open-- }
  })
  await call.passes(1000)
  expect([open, media('speakingWhileMicrophoneIsMuted')]).toEqual([0, undefined])
  call.mutes(true)
  await call.passes(200)
  expect(media('speakingWhileMicrophoneIsMuted')).toBeUndefined()
  await call.passes(200)
  expect(media('speakingWhileMicrophoneIsMuted')).toBe(true)
  level = 0.001
  await call.passes(2500)
  expect(media('speakingWhileMicrophoneIsMuted')).toBe(false)
  level = 0.1
  await call.passes(500)
  expect(media('speakingWhileMicrophoneIsMuted')).toBe(true)
  call.mutes(false)
  expect([open, media('speakingWhileMicrophoneIsMuted')]).toEqual([0, false])
})

it('notices that the system has muted the microphone', () => {
  const { fake, track: microphone } = track()
  call.changesTrack('microphone', microphone)
  watchMicrophone(call.context())
  fake.turns(true)
  expect(media('microphoneMuteUnexpectedly')).toBe(true)
  fake.turns(false)
  expect(media('microphoneMuteUnexpectedly')).toBe(false)
})

it('notices a microphone without any sound', async () => {
  call.changesTrack('microphone', track().track)
  watchMicrophone(call.context())
  call.figures = figures({ sent: [sound({ level: 0 })] })
  await call.passes(8000)
  expect(media('microphoneNotMuteButSilent')).toBeUndefined()
  await call.passes(2000)
  expect(media('microphoneNotMuteButSilent')).toBe(true)
  call.figures = figures({ sent: [sound({ level: 0.01 })] })
  await call.passes(2000)
  expect(media('microphoneNotMuteButSilent')).toBe(false)
})

it('does not take a call on hold for one with broken devices', async () => {
  call.shows({ state: 'LocalHold' })
  call.changesTrack('microphone', track().track)
  call.changesTrack('camera', track().track)
  watchMicrophone(call.context())
  watchPictures(call.context())
  call.figures = figures({ sent: [sound({ level: 0 }), picture({ fps: 0 })] })
  await call.passes(15_000)
  expect([media('microphoneNotMuteButSilent'), media('cameraFreeze')]).toEqual([undefined, undefined])
})

it('notices a camera that stands still', async () => {
  const { fake, track: camera } = track()
  call.changesTrack('camera', camera)
  watchPictures(call.context())
  call.figures = figures({ sent: [picture({ fps: 0 })] })
  await call.passes(3000)
  expect(media('cameraFreeze')).toBeUndefined()
  await call.passes(3000)
  expect(media('cameraFreeze')).toBe(true)
  call.figures = figures({ sent: [picture({ fps: 15 })] })
  await call.passes(3000)
  expect(media('cameraFreeze')).toBe(false)
  fake.turns(true)
  expect(media('cameraFreeze')).toBe(true)
  call.changesTrack('camera', undefined)
  expect(media('cameraFreeze')).toBe(false)
})

it('wants fewer pictures when packets get lost, and tries one more after a while', async () => {
  const feature = call.feature(Features.OptimalVideoCount)
  let changes = 0
  feature.on('optimalVideoCountChanged', () => changes++)
  expect(feature.optimalVideoCount).toBe(9)
  const pictures = (packets: number, packetsLost: number) =>
    figures({ received: ['a', 'b', 'c', 'd'].map((id) => picture({ id, packets, packetsLost })) })
  call.figures = pictures(100, 0)
  await call.passes(3000)
  call.figures = pictures(150, 50)
  await call.passes(3000)
  expect([feature.optimalVideoCount, feature.lastOvcChangeReason, changes]).toEqual([2, 'bandwidth', 1])
  await call.passes(12_000)
  expect([feature.optimalVideoCount, changes]).toEqual([3, 2])
})

it('wants fewer pictures when they cannot be decoded in time', async () => {
  const feature = call.feature(Features.OptimalVideoCount)
  call.figures = figures({ received: [picture({ framesDropped: 0, framesDecoded: 0 })] })
  await call.passes(3000)
  call.figures = figures({ received: [picture({ framesDropped: 60, framesDecoded: 60 })] })
  await call.passes(3000)
  expect([feature.optimalVideoCount, feature.lastOvcChangeReason]).toEqual([1, 'performance'])
})

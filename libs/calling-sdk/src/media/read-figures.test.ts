import { describe, expect, it } from '@jest/globals'
import type { types } from 'mediasoup-client'
import { bobsLeg } from '../../test/views.ts'
import { readFigures } from './read-figures.ts'

type Row = { id: string; type: string; [name: string]: unknown }
const report = (...rows: Row[]) => new Map(rows.map((row) => [row.id, row])) as unknown as RTCStatsReport

// As much of them as is looked at.
const camera = {
  id: 'producer',
  rtpParameters: { mid: '1' },
  appData: { source: 'camera' },
} as unknown as types.Producer
const sound = {
  id: 'consumer',
  rtpParameters: { mid: '0' },
  appData: { source: 'microphone', legId: bobsLeg },
} as unknown as types.Consumer

const path: Row[] = [
  { id: 'T', type: 'transport', selectedCandidatePairId: 'P2' },
  { id: 'P1', type: 'candidate-pair', localCandidateId: 'L1', currentRoundTripTime: 9 },
  {
    id: 'P2',
    type: 'candidate-pair',
    localCandidateId: 'L2',
    currentRoundTripTime: 0.02,
    availableOutgoingBitrate: 900_000,
  },
  { id: 'L1', type: 'local-candidate', protocol: 'udp' },
  { id: 'L2', type: 'local-candidate', protocol: 'tcp' },
]
const read = (sent: Row[], received: Row[]) =>
  readFigures(
    { id: 'up', report: report(...sent), producers: [camera] },
    { id: 'down', report: report(...received), consumers: [sound] },
  )

describe('figures', () => {
  it('of a picture are those of all its sizes, and what the far end reported of them', () => {
    const { sent } = read(
      [
        { id: 'O1', type: 'outbound-rtp', mid: '1', codecId: 'C', bytesSent: 10, packetsSent: 1, frameWidth: 320 },
        {
          id: 'O2',
          type: 'outbound-rtp',
          mid: '1',
          codecId: 'C',
          bytesSent: 90,
          packetsSent: 2,
          frameWidth: 1280,
          frameHeight: 720,
          framesPerSecond: 30,
        },
        { id: 'O3', type: 'outbound-rtp', mid: '0', bytesSent: 5000 },
        { id: 'C', type: 'codec', mimeType: 'video/VP8' },
        { id: 'R1', type: 'remote-inbound-rtp', localId: 'O1', packetsLost: 1, jitter: 0.002, roundTripTime: 0.03 },
        { id: 'R2', type: 'remote-inbound-rtp', localId: 'O2', packetsLost: 2, jitter: 0.004, roundTripTime: 0.03 },
      ],
      [],
    )
    expect(sent).toEqual([
      {
        id: 'producer',
        source: 'camera',
        codec: 'video/VP8',
        bytes: 100,
        packets: 3,
        packetsLost: 3,
        jitterMs: 4,
        roundTripTimeMs: 30,
        width: 1280,
        height: 720,
        fps: 30,
      },
    ])
  })

  it('of a camera that stands still say so, though the browser counts no frames of what is sent', () => {
    const stream = { id: 'O1', type: 'outbound-rtp', mid: '1', bytesSent: 10, packetsSent: 1, mediaSourceId: 'S' }
    const source = (framesPerSecond: number) => ({ id: 'S', type: 'media-source', framesPerSecond })
    expect(read([stream, source(0)], []).sent[0]).toMatchObject({ fps: 0 })
    // It gives frames, and the network takes none of them.
    expect(read([stream, source(15)], []).sent[0]).not.toHaveProperty('fps')
  })

  it('of a sound say whose it is; what the browser does not tell is absent', () => {
    const { received } = read(
      [],
      [
        {
          id: 'I',
          type: 'inbound-rtp',
          mid: '0',
          bytesReceived: 7,
          packetsReceived: 1,
          packetsLost: 0,
          audioLevel: 0.5,
        },
      ],
    )
    const figures = { bytes: 7, packets: 1, packetsLost: 0, level: 0.5 }
    expect(received).toEqual([{ id: 'consumer', source: 'microphone', legId: bobsLeg, ...figures }])
  })

  it('of a track that the browser does not count yet are not there', () => {
    expect(read([], [])).toMatchObject({ sent: [], received: [] })
  })

  it('of a transport are those of the path that was chosen', () => {
    const firefox: Row[] = [
      { id: 'P', type: 'candidate-pair', selected: true, localCandidateId: 'L', currentRoundTripTime: 0.01 },
      { id: 'Q', type: 'candidate-pair', localCandidateId: 'M' },
      { id: 'L', type: 'local-candidate', protocol: 'udp' },
    ]
    expect(read(path, firefox).transports).toEqual([
      { id: 'up', direction: 'send', protocol: 'tcp', roundTripTimeMs: 20, availableOutgoingBitrate: 900_000 },
      { id: 'down', direction: 'receive', protocol: 'udp', roundTripTimeMs: 10 },
    ])
  })
})

/** An sfu without media: it carries every order out at once, and what it opens is up. */
import { randomUUID } from 'node:crypto'
import { publishAlive, publishReport, serveMedia, type Bus, type MediaCarriers } from '@parley/bus'
import { NodeId, Refused, TransportId, type JoinedMedia, type OrderBody, type TransportOptions } from '@parley/protocol'

const beatMs = 200
const srtpParameters = { cryptoSuite: 'AEAD_AES_128_GCM', keyBase64: `${'A'.repeat(38)}==` } as const

export class SfuStandIn {
  readonly id = NodeId.parse(`node_${randomUUID()}`)
  readonly #stops: (() => void)[] = []

  constructor(private readonly bus: Bus) {
    const beat = setInterval(() => this.#beat(), beatMs)
    this.#stops.push(() => clearInterval(beat), serveMedia(bus, this.id, this.#carriers))
    this.#beat()
  }

  close(): void {
    for (const stop of this.#stops.splice(0)) stop()
  }

  readonly #carriers: MediaCarriers = {
    openLeg: async (body) => this.#opened(body, mediaOf(body.generation)),
    openPlain: async (body) => {
      const { generation } = body
      const place = { ip: '127.0.0.1', port: 9, srtpParameters }
      return this.#opened(body, { generation, ...place, consumers: [], streams: [] })
    },
    openBot: async (body) => this.#opened(body, {}),
    setGrant: nothing,
    closeLeg: nothing,
    send: async () => ({ id: randomUUID() }),
    receive: nothing,
    unsend: nothing,
    watch: () => Promise.reject(new Refused('unknownMedia')),
    size: nothing,
    unwatch: nothing,
  }

  #opened<T>({ callId, legId, generation }: OrderBody<'openBot' | 'openLeg' | 'openPlain'>, media: T): T {
    publishReport(this.bus, { report: 'legUp', node: this.id, callId, legId, generation })
    return media
  }

  #beat(): void {
    const rtpCapabilities = { codecs: [], headerExtensions: [] }
    publishAlive(this.bus, { node: this.id, role: 'sfu', load: 0, isReady: true, rtpCapabilities })
  }
}

function mediaOf(generation: number): JoinedMedia {
  const warmth = { id: 'warmth', dataProducerId: 'warmth', sctpStreamParameters: {}, label: '', protocol: '' }
  return { generation, send: transport(), receive: transport(), consumers: [], warmth, streams: [] }
}

function transport(): TransportOptions {
  const id = TransportId.parse(randomUUID())
  return { id, iceParameters: {}, iceCandidates: [], dtlsParameters: {}, sctpParameters: {} }
}

async function nothing(): Promise<Record<string, never>> {
  return {}
}

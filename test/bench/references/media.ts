/**
 * Reference: a call between two pages over mediasoup and a bare socket, with no rules, no database and no checks. The
 * caller's sound is held back until the callee accepts.
 */
import { createWorker, type types } from 'mediasoup'
import { WebSocketServer, type WebSocket } from 'ws'
import type { MediaEvent, MediaRequest } from './media-messages.ts'
import { announce } from './serve.ts'

const worker = await createWorker({ logLevel: 'error' })
const webRtcServer = await worker.createWebRtcServer({
  listenInfos: [
    { protocol: 'udp', ip: '127.0.0.1' },
    { protocol: 'tcp', ip: '127.0.0.1' },
  ],
})
const router = await worker.createRouter({
  mediaCodecs: [
    {
      kind: 'audio',
      mimeType: 'audio/opus',
      preferredPayloadType: 111,
      clockRate: 48_000,
      channels: 2,
      parameters: { minptime: 10, useinbandfec: 1, usedtx: 1 },
    },
  ],
})
const feed = await (await router.createDirectTransport()).produceData()

class Side {
  readonly #ws: WebSocket
  send: types.WebRtcTransport | undefined
  receive: types.WebRtcTransport | undefined
  rtpCapabilities: types.RtpCapabilities = {}
  voice: types.Producer | undefined
  isCaller = false
  readonly consumers = new Map<string, types.Consumer>()

  constructor(ws: WebSocket) {
    this.#ws = ws
  }

  tell(event: MediaEvent): void {
    this.#ws.send(JSON.stringify(event))
  }

  /** Announces a voice once there is one, and something to hear it over. */
  async hear(voice: types.Producer | undefined): Promise<void> {
    if (this.receive === undefined || voice === undefined || this.consumers.size > 0) return
    const { rtpCapabilities } = this
    const consumer = await this.receive.consume({ producerId: voice.id, rtpCapabilities, paused: true })
    this.consumers.set(consumer.id, consumer)
    const { id, producerId, kind, rtpParameters } = consumer
    this.tell({ event: 'consumer', body: { id, producerId, kind, rtpParameters } } as MediaEvent) // for the other library
  }

  end(): void {
    this.send?.close()
    this.receive?.close()
    this.send = this.receive = this.voice = undefined
    this.consumers.clear()
    this.tell({ event: 'ended', body: {} })
  }
}

const sides: Side[] = []
const server = new WebSocketServer({ host: '127.0.0.1', port: 0 })
server.on('connection', (ws) => {
  const side = new Side(ws)
  sides.push(side)
  ws.on('message', (data) => {
    const request = JSON.parse(data.toString()) as MediaRequest // only the benchmark speaks to us
    carryOut(side, request).then(
      (ok) => ws.send(JSON.stringify({ re: request.id, ok })),
      (error: unknown) => {
        console.error(error)
        process.exit(1)
      },
    )
  })
})
server.on('listening', () => announce(server))

async function carryOut(side: Side, { verb, body }: MediaRequest): Promise<object> {
  const other = sides.find((one) => one !== side)
  switch (verb) {
    case 'hello':
      return { rtpCapabilities: router.rtpCapabilities }
    case 'call':
      side.isCaller = true
      other?.tell({ event: 'ring', body: {} })
      return {}
    case 'accept':
      await other?.voice?.resume()
      if (other !== undefined) other.isCaller = false
      return {}
    case 'end':
      for (const one of sides) one.end()
      return {}
    case 'transports':
      return openTransports(side, body.rtpCapabilities, other)
    case 'warmth':
      return warmthOf(side)
    case 'connect':
      await [side.send, side.receive].find((one) => one?.id === body.transportId)?.connect(body)
      return {}
    case 'produce':
      side.voice = await side.send?.produce({ ...body, paused: side.isCaller })
      await other?.hear(side.voice)
      return { id: side.voice?.id }
    case 'produceData':
      return { id: (await side.send?.produceData(body as types.DataProducerOptions))?.id }
    case 'resume':
      await side.consumers.get(body.consumerId)?.resume()
      return {}
  }
}

async function openTransports(side: Side, rtpCapabilities: types.RtpCapabilities, other: Side | undefined) {
  const open = () =>
    router.createWebRtcTransport({ webRtcServer, enableUdp: true, enableTcp: true, preferUdp: true, enableSctp: true })
  const [send, receive] = await Promise.all([open(), open()])
  Object.assign(side, { send, receive, rtpCapabilities })
  void side.hear(other?.voice)
  return { send: optionsOf(send), receive: optionsOf(receive) }
}

async function warmthOf({ receive }: Side): Promise<object> {
  const consumer = await receive?.consumeData({ dataProducerId: feed.id })
  return {
    id: consumer?.id,
    dataProducerId: feed.id,
    sctpStreamParameters: consumer?.sctpStreamParameters,
    label: consumer?.label,
    protocol: consumer?.protocol,
  }
}

function optionsOf({ id, iceParameters, iceCandidates, dtlsParameters, sctpParameters }: types.WebRtcTransport) {
  return { id, iceParameters, iceCandidates, dtlsParameters, sctpParameters }
}

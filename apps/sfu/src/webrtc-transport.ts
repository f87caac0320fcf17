/** The two WebRtcTransports of a browser's leg, one for each direction, on the port of their worker. */
import { isDeepStrictEqual } from 'node:util'
import type { types } from 'mediasoup'
import { Refused, TransportId, type DtlsParameters, type JoinedMedia, type TransportOptions } from '@parley/protocol'
import type { CallRouter } from './call-router.ts'
import type { LegLines, LegTransport } from './leg-transport.ts'
import type { SfuLimits } from './limits.ts'
import { forMediasoup, withClientsParameters } from './mediasoup-shapes.ts'
import { WebRtcConnectivity } from './webrtc-connectivity.ts'

/** Where congestion control starts: enough for one picture, little enough for a phone network. mediasoup: 600 kbit/s. */
const initialOutgoingBps = 1_000_000

export type WebRtcOpened = Pick<JoinedMedia, 'send' | 'receive' | 'warmth'>

/** Opens both transports, and the data channel that brings the second one up before there is a sound. */
export async function openWebRtcLines(place: CallRouter, limits: SfuLimits): Promise<LegLines<WebRtcOpened>> {
  const lines: WebRtcLegTransport[] = []
  const close = (): void => {
    for (const line of lines) line.close()
  }
  const openLine = async (): Promise<WebRtcLegTransport> => {
    const line = await WebRtcLegTransport.open(place, limits)
    lines.push(line)
    return line
  }
  try {
    const send = await openLine()
    const receive = await openLine()
    const heat = await receive.transport.consumeData({ dataProducerId: place.warmth.id })
    const { id, dataProducerId, sctpStreamParameters = {}, label, protocol } = heat
    const warmth = { id, dataProducerId, sctpStreamParameters, label, protocol }
    return {
      kind: 'webRtc',
      send,
      receive,
      opened: { send: send.options, receive: receive.options, warmth },
      watch: (on) => new WebRtcConnectivity([send.transport, receive.transport], limits.iceGraceMs, on),
      close,
    }
  } catch (error) {
    close()
    throw error
  }
}

class WebRtcLegTransport implements LegTransport {
  readonly transport: types.WebRtcTransport
  #connectedWith: DtlsParameters | undefined

  static async open({ router, server }: CallRouter, limits: SfuLimits): Promise<WebRtcLegTransport> {
    const transport = await router.createWebRtcTransport({
      webRtcServer: server,
      enableUdp: true,
      enableTcp: true,
      preferUdp: true,
      enableSctp: true,
      iceConsentTimeout: limits.iceConsentS,
      initialAvailableOutgoingBitrate: initialOutgoingBps,
    })
    return new WebRtcLegTransport(transport)
  }

  private constructor(transport: types.WebRtcTransport) {
    this.transport = transport
  }

  /** What the client builds its side from. */
  get options(): TransportOptions {
    const { id, iceParameters, iceCandidates, dtlsParameters, sctpParameters = {} } = this.transport
    return { id: TransportId.parse(id), iceParameters, iceCandidates, dtlsParameters, sctpParameters }
  }

  /** Media that is sent on its way now flows when DTLS is done. */
  get isConnected(): boolean {
    return this.#connectedWith !== undefined
  }

  /** The same parameters again change nothing. */
  async connect(dtlsParameters: DtlsParameters): Promise<void> {
    if (this.#connectedWith !== undefined) {
      if (isDeepStrictEqual(this.#connectedWith, dtlsParameters)) return
      throw new Refused('badMedia', { path: 'dtlsParameters', detail: 'The transport is connected with other ones.' })
    }
    const parameters = { dtlsParameters: forMediasoup.dtlsParameters(dtlsParameters) }
    await withClientsParameters(() => this.transport.connect(parameters))
    this.#connectedWith = dtlsParameters
  }

  close(): void {
    this.transport.close()
  }
}

/** One of a leg's two WebRtcTransports, on the port of its worker. */
import { isDeepStrictEqual } from 'node:util'
import type { types } from 'mediasoup'
import { Refused, TransportId, type DtlsParameters, type TransportOptions } from '@parley/protocol'
import type { SfuLimits } from './limits.ts'
import { forMediasoup, withClientsParameters } from './mediasoup-shapes.ts'

/** Where congestion control starts: enough for one picture, little enough for a phone network. mediasoup: 600 kbit/s. */
const initialOutgoingBps = 1_000_000

export class LegTransport {
  readonly transport: types.WebRtcTransport
  #connectedWith: DtlsParameters | undefined

  static async open(router: types.Router, server: types.WebRtcServer, limits: SfuLimits): Promise<LegTransport> {
    const transport = await router.createWebRtcTransport({
      webRtcServer: server,
      enableUdp: true,
      enableTcp: true,
      preferUdp: true,
      enableSctp: true,
      iceConsentTimeout: limits.iceConsentS,
      initialAvailableOutgoingBitrate: initialOutgoingBps,
    })
    return new LegTransport(transport)
  }

  private constructor(transport: types.WebRtcTransport) {
    this.transport = transport
  }

  /** What the client builds its side from. */
  get options(): TransportOptions {
    const { id, iceParameters, iceCandidates, dtlsParameters, sctpParameters = {} } = this.transport
    return { id: TransportId.parse(id), iceParameters, iceCandidates, dtlsParameters, sctpParameters }
  }

  /** True once the client's DTLS parameters are here: media may be sent on its way, and flows when DTLS is done. */
  get isConnected(): boolean {
    return this.#connectedWith !== undefined
  }

  /** Takes the client's DTLS parameters; the same ones again change nothing. @throws {Refused} badMedia */
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

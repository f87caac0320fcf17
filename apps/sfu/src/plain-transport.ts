/**
 * The one PlainTransport of a leg without a browser: RTP and RTCP of both directions on one UDP port, encrypted by SRTP
 * with the keys that came with the order. Where the client is, mediasoup learns from the first packet that it can
 * decrypt.
 */
import type { types } from 'mediasoup'
import { Refused, SrtpParameters, type PlainMedia } from '@parley/protocol'
import type { CallRouter } from './call-router.ts'
import type { LegLines, LegTransport } from './leg-transport.ts'
import type { SfuLimits } from './limits.ts'
import { withClientsParameters } from './mediasoup-shapes.ts'
import { PlainConnectivity } from './plain-connectivity.ts'
import type { SfuSettings } from './settings.ts'

export type PlainOpened = Pick<PlainMedia, 'ip' | 'port' | 'srtpParameters'>

/** @throws {Refused} badMedia for keys that mediasoup does not take */
export async function openPlainLines(
  { router }: CallRouter,
  { listenIp, announcedAddress, plainPorts }: SfuSettings,
  limits: SfuLimits,
  clientsKeys: SrtpParameters,
): Promise<LegLines<PlainOpened>> {
  const announced = announcedAddress === listenIp ? {} : { announcedAddress }
  const transport = await router.createPlainTransport({
    listenInfo: { protocol: 'udp', ip: listenIp, portRange: plainPorts, ...announced },
    comedia: true,
    rtcpMux: true,
    enableSrtp: true,
    srtpCryptoSuite: clientsKeys.cryptoSuite,
  })
  try {
    await withClientsParameters(() => transport.connect({ srtpParameters: clientsKeys }))
    const line = new PlainLegTransport(transport)
    const { localAddress: ip, localPort: port } = transport.tuple
    const srtpParameters = SrtpParameters.parse(transport.srtpParameters)
    return {
      kind: 'plain',
      send: line,
      receive: line,
      opened: { ip, port, srtpParameters },
      watch: (on) => new PlainConnectivity(transport, limits, on),
      close: () => line.close(),
    }
  } catch (error) {
    transport.close()
    throw error
  }
}

class PlainLegTransport implements LegTransport {
  readonly transport: types.PlainTransport
  readonly isConnected = true

  constructor(transport: types.PlainTransport) {
    this.transport = transport
  }

  connect(): Promise<void> {
    return Promise.reject(
      new Refused('badMedia', { path: 'dtlsParameters', detail: 'This leg has SRTP keys and no DTLS.' }),
    )
  }

  close(): void {
    this.transport.close()
  }
}

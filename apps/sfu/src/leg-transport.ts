/** What legs send and receive over, whatever kind of transport it is. */
import type { types } from 'mediasoup'
import type { DtlsParameters } from '@parley/protocol'

export interface LegTransport {
  readonly transport: types.WebRtcTransport | types.PlainTransport
  /** True once the client's keys are known: media may be sent on its way. */
  readonly isConnected: boolean
  /** Takes what a client says with an order to send or to receive. @throws {Refused} badMedia */
  connect(dtlsParameters: DtlsParameters): Promise<void>
  close(): void
}

/** Whether a leg's media can flow, told until it is closed. */
export type Watch = { close(): void }
export type WatchEars = { up: () => void; lost: () => void }

/** The transports of one leg. `Opened` is what its client is told of them. */
export type LegLines<Opened> = {
  readonly kind: 'webRtc' | 'plain'
  readonly send: LegTransport
  readonly receive: LegTransport
  readonly opened: Opened
  watch(on: WatchEars): Watch
  close(): void
}

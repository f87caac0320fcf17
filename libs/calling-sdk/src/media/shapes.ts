/**
 * mediasoup-client's types and the wire's describe the same objects; they differ in how they write optional fields. What
 * the server makes is passed on to the library as it is, and the other way round.
 */
import type {
  ConsumerOptions,
  DataConsumerOptions,
  DtlsParameters,
  RtpCapabilities,
  RtpParameters,
  SctpStreamParameters,
  TransportOptions,
} from '@parley/protocol'
import type { types } from 'mediasoup-client'

// Each cast below changes the name of a shape, not the shape: the server took it from mediasoup, or gives it to it.
export const forLibrary = {
  rtpCapabilities: (it: RtpCapabilities) => it as types.RtpCapabilities,
  transport: (it: TransportOptions) => it as unknown as types.TransportOptions,
  consumer: (it: ConsumerOptions) => it as unknown as types.ConsumerOptions,
  dataConsumer: (it: DataConsumerOptions) => it as unknown as types.DataConsumerOptions,
}
export const forWire = {
  rtpCapabilities: (it: types.RtpCapabilities) => it as RtpCapabilities,
  rtpParameters: (it: types.RtpParameters) => it as RtpParameters,
  dtlsParameters: (it: types.DtlsParameters) => it as DtlsParameters,
  sctpStreamParameters: ({ streamId, ordered, maxPacketLifeTime, maxRetransmits }: types.SctpStreamParameters) =>
    ({ streamId, ordered, maxPacketLifeTime, maxRetransmits }) as SctpStreamParameters,
}

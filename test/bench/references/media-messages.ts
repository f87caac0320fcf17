/** What pages and the bare media server say to each other: mediasoup's own shapes, and nothing is checked. */
import type { types as client } from 'mediasoup-client'

export type MediaVerbs = {
  hello: { body: { who: string }; result: { rtpCapabilities: client.RtpCapabilities } }
  call: { body: { whom: string }; result: object }
  accept: { body: object; result: object }
  end: { body: object; result: object }
  transports: {
    body: { rtpCapabilities: client.RtpCapabilities }
    result: { send: client.TransportOptions; receive: client.TransportOptions }
  }
  warmth: { body: object; result: client.DataConsumerOptions }
  connect: { body: { transportId: string; dtlsParameters: client.DtlsParameters }; result: object }
  produce: { body: { kind: client.MediaKind; rtpParameters: client.RtpParameters }; result: { id: string } }
  produceData: { body: { sctpStreamParameters: client.SctpStreamParameters }; result: { id: string } }
  resume: { body: { consumerId: string }; result: object }
}

export type MediaEvent =
  | { event: 'ring'; body: object }
  | { event: 'consumer'; body: client.ConsumerOptions }
  | { event: 'ended'; body: object }

export type MediaRequest = {
  [V in keyof MediaVerbs]: { id: number; verb: V; body: MediaVerbs[V]['body'] }
}[keyof MediaVerbs]

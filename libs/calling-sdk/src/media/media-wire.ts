import type { JoinedMedia, RequestBody, RequestResult, RtpCapabilities, Verb } from '@parley/protocol'

type MediaVerb = Exclude<Extract<Verb, `media.${string}`>, 'media.join'>

/** What media needs of the link: to ask about the media of one call. A Leg is one. */
export type MediaWire = {
  join(generation: number, rtpCapabilities: RtpCapabilities): Promise<JoinedMedia>
  ask<V extends MediaVerb>(verb: V, body: Omit<RequestBody<V>, 'callId'>): Promise<RequestResult<V>>
}

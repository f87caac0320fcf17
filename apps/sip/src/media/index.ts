/**
 * The sound of phone legs: RTP towards the phone, one plain transport towards the sfu, and what is between them. It
 * knows no SIP and no bus. All packets live in worker threads; signalling is never made to wait by sound.
 *
 *     const media = new PhoneMedia({ listenIp, ports: { min: 30_000, max: 30_999 } })
 *     const leg = await media.open({ call: callId })       // ports and keys for SDP and for media.joinPlain
 *     leg.on((event) => ...)                               // digits, silence, the first packet
 *     const track = await leg.connect(agreed)              // what SDP has agreed on; the track for media.send
 *     await leg.bridge(joined.media)                       // what media.joinPlain has answered; the same track
 *     await leg.hear(joined.media.consumers)               // and media.receive resumes them
 */
export type { Agreed, PhoneCodec, SdesKeys } from './agreed.ts'
export type { LegEvent } from './leg-events.ts'
export type { PhoneLeg } from './phone-leg.ts'
export { NoPortLeft, PhoneMedia } from './phone-media.ts'

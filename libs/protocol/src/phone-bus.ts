/**
 * Phones, as api and the sip nodes speak of them over the bus.
 *
 * A phone's leg has a session that a sip node holds, and the node is to api what an SDK is: it asks with the verbs of
 * the socket, in the name of that session, and hears the same events. What only a phone has is told here: that it is to
 * be dialled, how far the network has got with it, how its end is called, keys, and how a call comes in from a trunk.
 */
import * as z from 'zod/mini'
import { CallId, EpochMs, LegId, NodeId, SessionId } from './ids.ts'
import { Dial, PhoneCodec, PhoneProgress, Tones } from './phones.ts'
import { PhoneNumber } from './raw-id.ts'
import { ReasonName } from './reasons.ts'
import { verbs, type Verb } from './socket.ts'
import { CallView } from './views.ts'

const leg = { callId: CallId, legId: LegId, session: SessionId }
const empty = z.object({})

/** Orders to the sip node that holds a phone, with their results. Each is carried out once. */
export const phoneOrders = {
  /**
   * Dials. Answered when the order is understood; what becomes of it is told by *phone.progress* and *phone.ended*.
   * `callerName` is for phones that have registered at the node: to a phone network a caller is his number.
   */
  dial: { body: z.object({ ...leg, dial: Dial, callerName: z.optional(z.string()), until: EpochMs }), result: empty },
  /** Presses keys towards the phone, one after the other. */
  press: { body: z.object({ ...leg, tones: Tones }), result: empty },
  /** Hangs up a phone that no row knows. */
  drop: { body: z.object(leg), result: empty },
} as const
export type PhoneVerb = keyof typeof phoneOrders
export type PhoneOrderBody<V extends PhoneVerb> = z.infer<(typeof phoneOrders)[V]['body']>

/** Who calls from the phone network, as far as the network says so and may be believed. */
export const PhoneCaller = z.object({
  number: z.optional(PhoneNumber),
  name: z.optional(z.string().check(z.maxLength(256))),
})
export type PhoneCaller = z.infer<typeof PhoneCaller>

const { 'call.accept': accept, 'call.reject': reject, 'call.hangUp': hangUp, 'call.mute': mute } = verbs
const { 'call.hold': hold, 'call.resume': resume, 'call.start': start, 'call.transfer': transfer } = verbs
const { 'call.say': say, 'media.joinPlain': joinPlain, 'media.send': send, 'media.receive': receive } = verbs

/**
 * How long a sip node waits for an answer. A server app may think for five seconds about who gets a call. A phone whose
 * *phone.incoming* takes longer is sent away, and api takes it out of its call again.
 */
export const phoneAskLimitMs = 10_000

/** What a sip node asks in the name of a phone's session. */
export const phoneAsks = {
  /**
   * A phone calls. `callId` is proposed as in *call.start*; the call may be another one, where people meet.
   * `refused` says why it leads nowhere, or does not take the phone. Asked again, it gives the same call.
   */
  'phone.incoming': {
    body: z.object({
      callId: CallId,
      /** The number that was called, or the user of the address. */
      to: z.string().check(z.minLength(1), z.maxLength(128)),
      from: PhoneCaller,
      /** The trunk over which it came; absent for a phone on this machine. */
      trunk: z.optional(z.string()),
      codec: z.optional(PhoneCodec),
    }),
    result: z.union([z.object({ call: CallView }), z.object({ refused: ReasonName })]),
  },
  /** The network has got further with a phone that is dialled; or is in the call, with another codec now. */
  'phone.progress': {
    body: z.object({
      callId: CallId,
      progress: z.optional(PhoneProgress),
      codec: z.optional(PhoneCodec),
      /** The trunk that has taken the call. */
      trunk: z.optional(z.string()),
    }),
    result: empty,
  },
  /**
   * The phone's call is over, or was never answered. Without a `callId` all calls of the phone are: it does not know which
   * one it has come into, because its *phone.incoming* was not answered.
   */
  'phone.ended': {
    /** `sipStatus` is the final response that ended it before it was answered. */
    body: z.object({ callId: z.optional(CallId), reason: ReasonName, sipStatus: z.optional(z.int()) }),
    result: empty,
  },
  'call.accept': accept,
  'call.reject': reject,
  'call.hangUp': hangUp,
  'call.mute': mute,
  'call.hold': hold,
  'call.resume': resume,
  'call.start': start,
  'call.transfer': transfer,
  'call.say': say,
  'media.joinPlain': joinPlain,
  'media.send': send,
  'media.receive': receive,
} as const satisfies Partial<Record<Verb, unknown>> & Record<`phone.${string}`, unknown>
export type PhoneAsk = keyof typeof phoneAsks
export type PhoneAskBody<A extends PhoneAsk> = z.infer<(typeof phoneAsks)[A]['body']>
export type PhoneAskResult<A extends PhoneAsk> = z.infer<(typeof phoneAsks)[A]['result']>

/** The frame around what a sip node asks. */
export const PhoneAskFrame = z.object({ node: NodeId, session: SessionId, ask: z.string(), body: z.unknown() })

/**
 * All phones that a sip node holds; sent at start and every 30 s. api drops what no row knows. `asking` are those whose
 * *phone.incoming* is under way: the node does not know yet which leg is theirs.
 */
export const PhoneInventory = z.object({ node: NodeId, phones: z.array(z.object(leg)), asking: z.array(SessionId) })
export type PhoneInventory = z.infer<typeof PhoneInventory>

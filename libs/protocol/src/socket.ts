/**
 * The wire between an SDK and api: one WebSocket, JSON frames, protocol version 1.
 *
 *   client                                   api
 *     { id, verb, body } ────────────────────▶      a request; each gets exactly one reply
 *     ◀──────────────── { re, ok } or { re, error }  `re` is the id; absent when the frame had none that could be read
 *     ◀──────────────────── { seq, event, body }     an event; `seq` grows by one, and survives the socket
 *
 * The first request on a socket is *hello* (with a token) or *resume* (with a session's id and key). After a resume the
 * events with a `seq` above `seenSeq` follow in order, or, when they are not there any more, the reply carries a
 * snapshot. A request that is sent again with the same id gets the first reply: it is carried out once.
 */
import * as z from 'zod/mini'
import { CallId, ConsumerId, EpochMs, LegId, ProducerId, SessionId } from './ids.ts'
import { Refusal } from './failures.ts'
import { maxRung } from './limits.ts'
import {
  ConsumerOptions,
  DtlsParameters,
  JoinedMedia,
  PlainMedia,
  RtpCapabilities,
  RtpParameters,
  SctpStreamParameters,
  Source,
  SrtpParameters,
  StreamView,
} from './media.ts'
import { Tones } from './phones.ts'
import { Place } from './places.ts'
import { PhoneNumber, RawId, UserId } from './raw-id.ts'
import { End } from './reasons.ts'
import { Saying, Survey } from './sayings.ts'
import { CallView, PeopleView, TransferView } from './views.ts'

/** The version of this wire; *hello* names the one that the client speaks. */
export const protocolVersion = 1

/** The path of the socket door. */
export const socketPath = '/agent'

/** Close codes of the socket, beside those of RFC 6455: why the server hung up, and whether a resume may work. */
export const closeCodes = {
  /** The server stops; resume in a moment. */
  goingAway: 1001,
  /** A frame above the limit. */
  tooLarge: 1009,
  /** No valid first message in time, or a refused one. Start with a token. */
  unauthenticated: 4401,
  /** The session has ended (revoked, deleted, disposed). Do not resume. */
  sessionGone: 4410,
  /** Another socket took this session over. */
  takenOver: 4409,
  /** The client did not read: resume when able. */
  tooSlow: 4408,
  /** More messages than allowed: resume after a while. */
  tooMany: 4429,
} as const

const Token = z.string().check(z.minLength(1), z.maxLength(8192))
const DisplayName = z.string().check(
  z.maxLength(256),
  // Half a surrogate pair is no character: JSON carries it, and PostgreSQL refuses to store it.
  // eslint-disable-next-line no-control-regex
  z.regex(/^[^\u0000-\u001f\u007f\ud800-\udfff]*$/u, { error: 'has control characters or half a character' }),
)
const Generation = z.int().check(z.gte(1), z.lte(1_000_000))

/** Media that a request takes along: the device's capabilities and which build of the leg's media this is. */
const Join = z.object({ generation: Generation, rtpCapabilities: RtpCapabilities })

const empty = z.object({})
/** Some participants of a call. */
const Some = z.array(RawId).check(z.minLength(1), z.maxLength(350))

/** Every verb with the body that it takes and the result that it gives. */
export const verbs = {
  /** Opens a session. Refused with *unauthenticated* for a bad token and *forbidden* without the voip scope. */
  hello: {
    body: z.object({
      protocol: z.literal(protocolVersion),
      token: Token,
      displayName: z.optional(DisplayName),
      /** One browser tab or app instance; a reload makes a new one. */
      device: z.string().check(z.regex(/^[A-Za-z0-9-]{8,64}$/)),
    }),
    result: z.object({
      session: SessionId,
      /** Whoever has it may resume. Only its hash is kept. */
      key: z.string(),
      user: UserId,
      serverTime: EpochMs,
      /** What the routers can: the same everywhere, so that the device is loaded once. */
      rtpCapabilities: RtpCapabilities,
      idlePingMs: z.number(),
      callPingMs: z.number(),
    }),
  },
  /** Takes a session over onto this socket. Refused with *sessionGone* when it has ended. */
  resume: {
    body: z.object({
      session: SessionId,
      key: z.string().check(z.maxLength(128)),
      seenSeq: z.int().check(z.gte(0)),
      /** The calls that the client has: of those that are over meanwhile it wants to know how they ended. */
      calls: z.optional(z.array(CallId).check(z.maxLength(256))),
    }),
    result: z.object({
      serverTime: EpochMs,
      /**
       * The live calls of the session, and those that the client has named and that are over for it, as Disconnected; when
       * missed events cannot be replayed. Events go on after `seq`.
       */
      snapshot: z.optional(z.object({ seq: z.int(), calls: z.array(CallView) })),
    }),
  },
  /** The heartbeat. `seenSeq` lets the server forget events that have arrived. */
  ping: {
    body: z.object({ seenSeq: z.int().check(z.gte(0)) }),
    result: z.object({ serverTime: EpochMs }),
  },
  /** Hands in a fresh token of the same user. */
  token: { body: z.object({ token: Token }), result: empty },
  /** Ends the session and its calls. */
  bye: { body: empty, result: empty },

  /**
   * Calls someone, or several people at once, who then are a group. When the one who is called is calling us right now,
   * it answers theirs (glare: the id differs). `join` is absent where media is joined on its own.
   */
  'call.start': {
    body: z.object({
      callId: CallId,
      to: z.array(RawId).check(z.minLength(1), z.maxLength(maxRung, { error: `may have at most ${maxRung} entries` })),
      isMuted: z.boolean(),
      join: z.optional(Join),
      /** What phones among them show (ACS: alternateCallerId). */
      callerId: z.optional(PhoneNumber),
      /** The call that was transferred to `to`, by its id, with the id of the transfer. */
      transfer: z.optional(z.object({ callId: CallId, id: z.string().check(z.maxLength(64)) })),
    }),
    /** `media` is absent when the call ended at once (nobody to ring). */
    result: z.object({ call: CallView, media: z.optional(JoinedMedia) }),
  },
  /** Goes where people meet. The first one opens the call; `callId` is its id then, and is taken for no more else. */
  'call.join': {
    body: z.object({ callId: CallId, place: Place, isMuted: z.boolean(), join: z.optional(Join) }),
    result: z.object({ call: CallView, media: z.optional(JoinedMedia) }),
  },
  'call.accept': {
    body: z.object({ callId: CallId, isMuted: z.boolean() }),
    result: z.object({ call: CallView }),
  },
  'call.reject': { body: z.object({ callId: CallId }), result: empty },
  /** Leaves; in a 1:1 call that ends it. For a caller whose call still rings it cancels. */
  'call.hangUp': { body: z.object({ callId: CallId }), result: empty },
  /** Says whether one's microphone is muted. The sfu pauses it too. */
  'call.mute': { body: z.object({ callId: CallId, isMuted: z.boolean() }), result: empty },

  /** Ends the call for all. Refused in rooms. */
  'call.endForAll': { body: z.object({ callId: CallId }), result: empty },
  /** Stops media both ways, and lets it flow again. In a 1:1 call the other side is told. */
  'call.hold': { body: z.object({ callId: CallId }), result: empty },
  'call.resume': { body: z.object({ callId: CallId }), result: empty },

  /** Rings people to join this call; a 1:1 call becomes a group call. Who cannot be rung shows as Disconnected. */
  'call.add': {
    body: z.object({
      callId: CallId,
      who: z.array(RawId).check(z.minLength(1), z.maxLength(maxRung)),
      callerId: z.optional(PhoneNumber),
    }),
    result: z.object({ call: CallView }),
  },
  'call.remove': { body: z.object({ callId: CallId, who: RawId }), result: empty },
  /** Mutes someone, or everybody else. They may unmute themselves. */
  'call.muteOthers': { body: z.object({ callId: CallId, who: z.optional(Some) }), result: empty },
  /** Permits, or forbids, others to send: some, or everybody else who has no such right himself. */
  'call.permit': {
    body: z.object({
      callId: CallId,
      source: z.enum(['microphone', 'camera']),
      who: z.optional(Some),
      isPermitted: z.boolean(),
    }),
    result: empty,
  },
  /** Lets people in from the lobby, or sends them away: some, or all. */
  'call.admit': { body: z.object({ callId: CallId, who: z.optional(Some) }), result: empty },
  'call.deny': { body: z.object({ callId: CallId, who: z.optional(Some) }), result: empty },
  /** Begins or ends to share one's screen; whoever shared before stops. The track is sent after it. */
  'call.share': { body: z.object({ callId: CallId, isOn: z.boolean() }), result: empty },
  'call.raiseHand': { body: z.object({ callId: CallId, isUp: z.boolean() }), result: empty },
  /** Lowers others' hands: some, or all. */
  'call.lowerHands': { body: z.object({ callId: CallId, who: z.optional(Some) }), result: empty },
  /** Puts people into the spotlight, or takes them, or all, out of it. */
  'call.spotlight': {
    body: z.object({ callId: CallId, who: z.optional(Some), isOn: z.boolean() }),
    result: empty,
  },
  /** Asks the other side of a 1:1 call to call someone else instead, or to come into another call of ours. */
  'call.transfer': {
    body: z.object({ callId: CallId, to: TransferView.shape.to }),
    result: z.object({ call: CallView }),
  },
  /** Presses keys towards the phones in the call. */
  'call.press': { body: z.object({ callId: CallId, tones: Tones }), result: empty },
  /** Says something to the others, or to some of them. */
  'call.say': { body: z.object({ callId: CallId, saying: Saying, to: z.optional(Some) }), result: empty },
  /** Keeps what someone thought of a call that he was in, live or ended. */
  'call.survey': { body: z.object({ callId: CallId, survey: Survey }), result: z.object({ id: z.string() }) },

  /**
   * Builds a leg's media over one plain transport. Refused with *forbidden* unless the token was issued for it: it is
   * for integration tests and bots, which have no browser.
   */
  'media.joinPlain': {
    body: z.object({
      callId: CallId,
      generation: Generation,
      rtpCapabilities: RtpCapabilities,
      /** With what the client encrypts what it sends. */
      srtpParameters: SrtpParameters,
    }),
    result: z.object({ media: PlainMedia }),
  },
  /** Builds a leg's transports: for a callee while it rings, for anyone after *mediaLost*. */
  'media.join': {
    body: z.object({ callId: CallId, join: Join }),
    result: z.object({ media: JoinedMedia }),
  },
  /** Connects the send transport (first time: with `dtlsParameters`) and produces a track, or data to warm it up. */
  'media.send': {
    body: z.object({
      callId: CallId,
      generation: Generation,
      dtlsParameters: z.optional(DtlsParameters),
      track: z.optional(z.object({ source: Source, kind: z.enum(['audio', 'video']), rtpParameters: RtpParameters })),
      data: z.optional(SctpStreamParameters),
    }),
    /** The id of the producer or data producer. */
    result: z.object({ id: z.string() }),
  },
  /** Connects the receive transport (first time: with `dtlsParameters`) and lets consumers flow. */
  'media.receive': {
    body: z.object({
      callId: CallId,
      generation: Generation,
      dtlsParameters: z.optional(DtlsParameters),
      /** The consumers that the client has set up. */
      resume: z.array(ConsumerId).check(z.maxLength(64)),
    }),
    result: empty,
  },
  /** Stops sending a track. */
  'media.unsend': {
    body: z.object({ callId: CallId, generation: Generation, producerId: ProducerId }),
    result: empty,
  },
  /** Asks for a picture. It flows after *media.receive* with its consumer. */
  'media.watch': {
    body: z.object({ callId: CallId, generation: Generation, streamId: ProducerId }),
    result: z.object({ consumer: ConsumerOptions }),
  },
  /** Says how large a picture is shown, in device pixels, so that no larger layer is sent. */
  'media.size': {
    body: z.object({
      callId: CallId,
      generation: Generation,
      consumerId: ConsumerId,
      width: z.int().check(z.gte(0), z.lte(16_384)),
      height: z.int().check(z.gte(0), z.lte(16_384)),
    }),
    result: empty,
  },
  /** Stops a picture. */
  'media.unwatch': {
    body: z.object({ callId: CallId, generation: Generation, consumerId: ConsumerId }),
    result: empty,
  },
} as const

export type Verb = keyof typeof verbs
export type RequestBody<V extends Verb> = z.infer<(typeof verbs)[V]['body']>
export type RequestResult<V extends Verb> = z.infer<(typeof verbs)[V]['result']>

/** The frame around a request; its body is checked against its verb in a second step, so that the reply finds its id. */
export const RequestFrame = z.object({
  id: z.string().check(z.minLength(1), z.maxLength(64)),
  verb: z.string().check(z.maxLength(64)),
  body: z.unknown(),
})

/** Every event with its body. Media events come from sfu and touch no row. */
export const events = {
  /** Somebody calls this device. The client may warm its media up with *media.join*. */
  'call.incoming': z.object({ call: CallView }),
  /** The call changed for this leg; `call` is all of it. */
  'call.changed': z.object({ call: CallView }),
  /** The call changed for others only. */
  'call.people': PeopleView,
  /** Someone said something beside sound and picture. */
  'call.said': z.object({ callId: CallId, from: RawId, legId: LegId, saying: Saying }),
  /** The call is over for this leg; nothing follows for it. */
  'call.ended': z.object({ call: CallView }),
  /** The session has ended (its tokens were revoked); the socket closes after it. */
  'session.ended': z.object({ end: End }),
  /** A sound that is to be heard. */
  'media.consumer': z.object({ callId: CallId, generation: z.int(), consumer: ConsumerOptions }),
  /** A sound or picture that has stopped for good. */
  'media.consumerClosed': z.object({ callId: CallId, generation: z.int(), consumerId: ConsumerId }),
  /**
   * Who speaks now, loudest first, after each change; and who spoke last, the latest first. One's own legs are among
   * them. Comes from sound levels at the sfu.
   */
  'media.speakers': z.object({
    callId: CallId,
    generation: z.int(),
    speaking: z.array(LegId),
    lately: z.array(LegId),
  }),
  /** Pictures that came and went. */
  'media.streams': z.object({
    callId: CallId,
    generation: z.int(),
    added: z.array(StreamView),
    removed: z.array(ProducerId),
  }),
} as const

export type EventName = keyof typeof events
export type EventBody<E extends EventName> = z.infer<(typeof events)[E]>
/** An event on its way to an agent, before the session numbers it. */
export type AgentEvent = { [E in EventName]: { event: E; body: EventBody<E> } }[EventName]

/** The frames that a client receives. */
export const ReplyFrame = z.union([
  z.object({ re: z.string(), ok: z.unknown() }),
  z.object({ re: z.optional(z.string()), error: Refusal }),
])
export type ReplyFrame = z.infer<typeof ReplyFrame>
export const EventFrame = z.object({ seq: z.int(), event: z.string(), body: z.unknown() })
export type EventFrame = z.infer<typeof EventFrame>

/** The body of `POST /agent/bye`, which a page that is closed sends as a beacon: ends the session at once. */
export const Bye = z.object({ session: SessionId, key: z.string().check(z.maxLength(128)) })

/**
 * Every id that crosses a wire. Ids are branded and opaque: only their maker looks inside.
 * User ids (rawIds) have a grammar of their own, see raw-id.ts.
 */
import * as z from 'zod/mini'

const guid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/
const opaque = (prefix: string) => z.string().check(z.regex(new RegExp(`^${prefix}_[a-z0-9-]{8,40}$`)))

/** One tenant: its identities, keys and calls. A lower-case GUID. */
export const ResourceId = z.string().check(z.regex(guid)).brand<'ResourceId'>()
export type ResourceId = z.infer<typeof ResourceId>

/** One call. A lower-case GUID, proposed by the client that starts the call, so that a repeated start is the same call. */
export const CallId = z.string().check(z.regex(guid)).brand<'CallId'>()
export type CallId = z.infer<typeof CallId>

/** One participant at one endpoint in one call; the SDK shows it as `participantId`. Made by api; sfu only carries it. */
export const LegId = opaque('leg').brand<'LegId'>()
export type LegId = z.infer<typeof LegId>

/** One connected SDK agent, surviving its sockets, or one phone. Made by api, and for a phone that calls by its sip node. */
export const SessionId = opaque('ses').brand<'SessionId'>()
export type SessionId = z.infer<typeof SessionId>

/** One process that takes part: an api, an sfu or a sip node. Made by the process itself, anew at each start. */
export const NodeId = opaque('node').brand<'NodeId'>()
export type NodeId = z.infer<typeof NodeId>

/** Ids that mediasoup makes. */
export const TransportId = z.string().check(z.minLength(1), z.maxLength(64)).brand<'TransportId'>()
export type TransportId = z.infer<typeof TransportId>
export const ProducerId = z.string().check(z.minLength(1), z.maxLength(64)).brand<'ProducerId'>()
export type ProducerId = z.infer<typeof ProducerId>
export const ConsumerId = z.string().check(z.minLength(1), z.maxLength(64)).brand<'ConsumerId'>()
export type ConsumerId = z.infer<typeof ConsumerId>

/** An instant, in milliseconds since 1970, by the clock of whoever made it (inside api: the database's). */
export const EpochMs = z.number().brand<'EpochMs'>()
export type EpochMs = z.infer<typeof EpochMs>

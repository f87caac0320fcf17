/**
 * The grammar of rawIds, the strings that ACS gives to everyone who can be in a call
 * (ACS: createIdentifierFromRawId and getIdentifierRawId of @azure/communication-common).
 */
import * as z from 'zod/mini'
import type { ResourceId } from './ids.ts'

/** Any rawId: what a client may name as a callee. At most 256 characters, no white space, no control characters. */
export const RawId = z
  .string()
  .check(z.minLength(1), z.maxLength(256), z.regex(/^[\x21-\x7e]+$/, { error: 'is no identifier' }))
  .brand<'RawId'>()
export type RawId = z.infer<typeof RawId>

/** The rawId of a user that this platform made: `8:acs:<resource guid>_<guid>`, exactly one underscore. */
export const UserId = z
  .string()
  .check(z.regex(/^8:acs:[0-9a-f-]{36}_[0-9a-f-]{36}$/))
  .brand<'UserId'>()
export type UserId = z.infer<typeof UserId>

/** Participants that the server makes. `echo` greets, records what it hears and plays it back (ACS: 8:echo123). */
export const Bot = z.enum(['echo'])
export type Bot = z.infer<typeof Bot>

/** The bot that a rawId names. */
export function asBot(rawId: string): Bot | undefined {
  return rawId === '8:echo123' ? 'echo' : undefined
}

/** A user id as what it is to others: one rawId among many. */
export function rawIdOf(user: UserId): RawId {
  return user as string as RawId // the grammar of user ids is a part of that of rawIds; their brands do not know it
}

/** Makes the rawId of a user out of its resource and a GUID that is his alone. */
export function userIdOf(resourceId: ResourceId, guid: string): UserId {
  return UserId.parse(`8:acs:${resourceId}_${guid}`)
}

/** Reads a user id out of a rawId; undefined for phones, bots, Teams users and anything unknown. */
export function asUserId(rawId: string): UserId | undefined {
  const read = UserId.safeParse(rawId)
  return read.success ? read.data : undefined
}

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

/**
 * A telephone number: E.164 with its plus, or a short code that one trunk or one house knows.
 * ACS: PhoneNumberIdentifier.phoneNumber.
 */
export const PhoneNumber = z
  .string()
  .check(z.regex(/^(\+[1-9][0-9]{6,14}|[0-9]{2,8})$/, { error: 'is no telephone number, such as +4930123456' }))
  .brand<'PhoneNumber'>()
export type PhoneNumber = z.infer<typeof PhoneNumber>

/** The rawId of a phone whose number may not be shown, or is not known. */
export const anonymousPhone = '4:anonymous' as RawId // the grammar holds it, see RawId

/** The rawId of a number (ACS: `4:+4930123456`). */
export function rawIdOfNumber(number: PhoneNumber): RawId {
  return `4:${number}` as RawId // the grammar of numbers is a part of that of rawIds
}

/** Whether a rawId names a phone, well or badly. */
export function isPhone(rawId: string): boolean {
  return rawId.startsWith('4:')
}

/** The number that a rawId names; undefined for who is no phone, and for what is no number. */
export function asPhoneNumber(rawId: string): PhoneNumber | undefined {
  const read = PhoneNumber.safeParse(rawId.slice(2))
  return isPhone(rawId) && read.success ? read.data : undefined
}

/** Participants that the server makes. `echo` greets, records what it hears and plays it back (ACS: 8:echo123). */
export const Bot = z.enum(['echo'])
export type Bot = z.infer<typeof Bot>

/** The bot that repeats what it hears. */
export const echoBot = '8:echo123' as RawId // the grammar holds it, see RawId

/** The bot that a rawId names. */
export function asBot(rawId: string): Bot | undefined {
  return rawId === echoBot ? 'echo' : undefined
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

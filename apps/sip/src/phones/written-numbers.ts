/** Numbers as they stand in URIs, and who is meant by them. */
import { echoBot, numberAsReceived, PhoneNumber, RawId, rawIdOfNumber, type Trunk } from '@parley/protocol'
import { userOf, type Uri } from '@parley/sip'

/** How a trunk writes numbers. */
export type Writing = Pick<Trunk, 'numberFormat' | 'countryCode' | 'nationalPrefix'>

/** The user of an address without what RFC 3966 may put behind a number; undefined where there is none. */
export function writtenIn(uri: Uri): string | undefined {
  const user = userOf(uri)?.split(';', 1)[0]
  return user === '' ? undefined : user
}

/** The number in an address. A phone of this machine writes it in full, or as a short code. */
export function numberIn(uri: Uri, writing: Writing | undefined): PhoneNumber | undefined {
  const written = writtenIn(uri)
  if (written === undefined) return undefined
  if (writing !== undefined) return numberAsReceived(written, writing)
  const read = PhoneNumber.safeParse(written)
  return read.success ? read.data : undefined
}

/** Whom a phone names as the one to be called: a number, or a user by his rawId. */
export function rawIdIn(uri: Uri, writing: Writing | undefined): RawId | undefined {
  const written = writtenIn(uri)
  if (written === 'echo' && writing === undefined) return echoBot
  if (written?.startsWith('8:') === true) return RawId.safeParse(written).data
  const number = numberIn(uri, writing)
  return number && rawIdOfNumber(number)
}

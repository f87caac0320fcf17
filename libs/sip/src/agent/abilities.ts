/** What this user agent can do, as it tells others: RFC 3261 sections 20.5 and 20.37. */
import { Allow, MinSE, Require, SessionExpires, Supported, type Headers, type Request } from '../messages/index.ts'

const methods = ['INVITE', 'ACK', 'BYE', 'CANCEL', 'OPTIONS', 'PRACK', 'UPDATE', 'INFO', 'REFER', 'NOTIFY']
const allowed = methods.join(', ')
const extensions = ['100rel', 'timer', 'replaces', 'norefersub']

export function tellAbilities(headers: Headers, without: readonly string[] = []): void {
  // One line each: an INVITE has to fit into a datagram.
  headers.setText('Allow', allowed)
  headers.setText('Supported', extensions.filter((one) => !without.includes(one)).join(', '))
}

/** Option tags of a Require that we do not know (RFC 3261 section 8.2.2.3). */
export function unknownAmong(required: readonly string[]): string[] {
  return required.filter((tag) => !extensions.includes(tag.toLowerCase()))
}

/**
 * Reads what will be needed when somebody has thought about the request: a GrammarError is thrown now, while it still
 * becomes a 400, and not when nobody is there any more to catch it.
 */
export function readAhead({ headers }: Request): void {
  for (const kind of [Allow, Require, Supported]) headers.all(kind)
  headers.get(SessionExpires)
  headers.get(MinSE)
}

/** SIP, SIPS and tel URIs (RFC 3261 section 19.1, RFC 3966). URIs of other schemes are kept as they came. */
import { may } from './characters.ts'
import { noParameters, readUriParameters, unescaped, writeUriParameters, type Parameters } from './parameters.ts'
import { GrammarError, Reader, type Meter } from './reader.ts'

/** User, password and parameters are as they came, with their escapes: `unescaped` reads them, `escaped` makes them. */
export type SipUri = {
  kind: 'sip'
  scheme: 'sip' | 'sips'
  user?: string
  password?: string
  /** In small letters; an address of IPv6 has its brackets. */
  host: string
  port?: number
  parameters: Parameters
  headers: ReadonlyMap<string, string>
}
export type TelUri = { kind: 'tel'; number: string; parameters: Parameters }
export type OtherUri = { kind: 'other'; scheme: string; rest: string }
export type Uri = SipUri | TelUri | OtherUri

/** Reads a whole text as a URI. Throws a GrammarError. */
export function parseUri(text: string, meter?: Meter): Uri {
  const reader = new Reader(text, meter)
  const scheme = reader.some(may.scheme, 'URI').toLowerCase()
  reader.expect(':', 'URI')
  if (scheme === 'sip' || scheme === 'sips') return readSipUri(reader, scheme)
  if (scheme === 'tel') return readTelUri(reader)
  const rest = reader.until(' \t<>"')
  if (rest === '' || !reader.isAtEnd) throw new GrammarError('URI: malformed')
  return { kind: 'other', scheme, rest }
}

function readSipUri(reader: Reader, scheme: 'sip' | 'sips'): SipUri {
  const userPart = readUserPart(reader)
  const host = readHost(reader)
  const port = reader.skip(':') ? { port: reader.number('URI port', 65_535) } : {}
  const parameters = readUriParameters(reader)
  const headers = reader.skip('?') ? readUriHeaders(reader) : noHeaders
  if (!reader.isAtEnd) throw new GrammarError('URI: malformed')
  return { kind: 'sip', scheme, ...userPart, host, ...port, parameters, headers }
}

/** Only the user part may hold what looks like parameters, and only an @ tells that there was one. */
function readUserPart(reader: Reader): { user?: string; password?: string } {
  reader.meter.steps += reader.text.length - reader.at
  if (!reader.text.includes('@', reader.at)) return {}
  const user = reader.some(may.user, 'URI user')
  const password = reader.skip(':') ? { password: reader.while(may.password) } : {}
  reader.expect('@', 'URI user')
  return { user, ...password }
}

/** A name or an address, in small letters. */
export function readHost(reader: Reader): string {
  if (!reader.skip('[')) return reader.some(may.host, 'host').toLowerCase()
  const address = reader.some(may.ipv6, 'host')
  reader.expect(']', 'host')
  return `[${address.toLowerCase()}]`
}

const noHeaders: ReadonlyMap<string, string> = new Map()

function readUriHeaders(reader: Reader): ReadonlyMap<string, string> {
  const headers = new Map<string, string>()
  do {
    const name = reader.some(may.uriHeader, 'URI header').toLowerCase()
    reader.expect('=', 'URI header')
    headers.set(name, reader.while(may.uriHeader))
  } while (reader.skip('&'))
  return headers
}

function readTelUri(reader: Reader): TelUri {
  const number = reader.some(may.phone, 'telephone number')
  const parameters = readUriParameters(reader)
  if (!reader.isAtEnd) throw new GrammarError('telephone number: malformed')
  return { kind: 'tel', number, parameters }
}

/** As it stands in a message. Its parts are written as they are: `escaped` makes of a text what may stand there. */
export function writeUri(uri: Uri): string {
  if (uri.kind === 'other') return `${uri.scheme}:${uri.rest}`
  if (uri.kind === 'tel') return `tel:${uri.number}${writeUriParameters(uri.parameters)}`
  const user = uri.user === undefined ? '' : `${uri.user}${uri.password === undefined ? '' : `:${uri.password}`}@`
  const port = uri.port === undefined ? '' : `:${uri.port}`
  const headers = [...uri.headers].map(([name, value]) => `${name}=${value}`).join('&')
  const after = `${writeUriParameters(uri.parameters)}${headers === '' ? '' : `?${headers}`}`
  return `${uri.scheme}:${user}${uri.host}${port}${after}`
}

/** A SIP URI with nothing but what is given. */
export function sipUri(
  to: Pick<SipUri, 'host'> & Partial<Omit<SipUri, 'kind' | 'parameters'>> & { parameters?: Record<string, string> },
): SipUri {
  const parameters = to.parameters === undefined ? noParameters : new Map(Object.entries(to.parameters))
  return { kind: 'sip', scheme: 'sip', headers: noHeaders, ...to, parameters }
}

/** What a user part, or a telephone number, says once its escapes are gone; undefined when there is none to be read. */
export function userOf(uri: Uri): string | undefined {
  if (uri.kind === 'tel') return uri.number
  return uri.kind === 'sip' && uri.user !== undefined ? unescaped(uri.user) : undefined
}

// RFC 3261 section 19.1.4: of these parameters, one that stands in one URI only makes the two different.
const tellingParameters = ['user', 'ttl', 'method', 'maddr', 'transport']

/** Whether two URIs mean the same (RFC 3261 section 19.1.4). */
export function isSameUri(one: Uri, other: Uri): boolean {
  if (one.kind !== 'sip' || other.kind !== 'sip') return writeUri(one) === writeUri(other)
  return (
    one.scheme === other.scheme &&
    plain(one.user) === plain(other.user) &&
    plain(one.password) === plain(other.password) &&
    one.host === other.host &&
    one.port === other.port &&
    haveSameParameters(one.parameters, other.parameters) &&
    haveSameHeaders(one.headers, other.headers)
  )
}

function plain(part: string | undefined): string | undefined {
  return part === undefined ? undefined : (unescaped(part) ?? part)
}

function haveSameParameters(one: Parameters, other: Parameters): boolean {
  for (const [name, value] of one) {
    if (other.has(name) && plain(value)?.toLowerCase() !== plain(other.get(name))?.toLowerCase()) return false
  }
  return tellingParameters.every((name) => one.has(name) === other.has(name))
}

function haveSameHeaders(one: ReadonlyMap<string, string>, other: ReadonlyMap<string, string>): boolean {
  return one.size === other.size && [...one].every(([name, value]) => plain(other.get(name)) === plain(value))
}

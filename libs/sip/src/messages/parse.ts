/**
 * Bytes become a message, a refusal or nothing. A request that cannot be read, yet says where it comes from, is answered
 * (RFC 3261 section 16.3 for proxies, taken for all); a response or an ACK that cannot be read is dropped, for nobody
 * waits for an answer to it. What is tolerated beyond the grammar follows RFC 4475.
 */
import { consistsOf, may } from '../grammar/characters.ts'
import { splitHead, type Head } from '../grammar/head.ts'
import { GrammarError, type Meter } from '../grammar/reader.ts'
import { parseUri, type Uri } from '../grammar/uri.ts'
import { Headers } from './headers.ts'
import {
  CallId,
  Contact,
  CSeq,
  From,
  isContactStar,
  MaxForwards,
  RecordRoute,
  Route,
  To,
  Via,
} from './kinds/routing.ts'
import { responseTo, statedLength, type Message, type Request, type Response } from './message.ts'
import { reasonPhrase } from './status.ts'

export type Parsed =
  | { is: 'message'; message: Message }
  /** The response that tells the sender what is wrong. */
  | { is: 'refused'; response: Response }
  | { is: 'dropped'; why: string }

export type MessageLimits = {
  messageBytes: number
  headers: number
  lineLength: number
  hops: number
  bodyBytes: number
}

export const messageLimits: MessageLimits = {
  messageBytes: 65_536,
  headers: 512,
  lineLength: 8192,
  hops: 64,
  bodyBytes: 49_152,
}

export type ParseOptions = {
  limits?: MessageLimits
  meter?: Meter
}

/** Reads a datagram, or what a `Framer` has cut out of a stream. Never throws; the cost grows with the length alone. */
export function parseMessage(bytes: Uint8Array, options: ParseOptions = {}): Parsed {
  const limits = options.limits ?? messageLimits
  const meter = options.meter ?? { steps: 0 }
  if (bytes.length > limits.messageBytes) return { is: 'dropped', why: 'longer than a message may be' }
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const start = firstLetter(buffer)
  const end = buffer.indexOf('\r\n\r\n', start)
  meter.steps += end === -1 ? buffer.length : end
  if (end === -1) return { is: 'dropped', why: 'no end of the headers' }
  const head = splitHead(buffer.toString('utf8', start, end), meter)
  const headers = new Headers(head.lines, meter)
  const rest = buffer.subarray(end + 4)
  if (head.startLine.startsWith('SIP/')) return parseResponse(head, headers, rest, limits)
  return parseRequest(head, headers, rest, { limits, meter })
}

/** RFC 3261 section 7.5: line ends before the first line are passed over. */
function firstLetter(buffer: Buffer): number {
  let start = 0
  while (buffer[start] === 0x0d || buffer[start] === 0x0a) start += 1
  return start
}

type Around = { limits: MessageLimits; meter: Meter }

function parseRequest(head: Head, headers: Headers, rest: Buffer, around: Around): Parsed {
  const [method = '', uriText = '', version = '', ...more] = head.startLine.trimEnd().split(' ')
  if (!consistsOf(method, may.token)) return { is: 'dropped', why: 'no request' }
  let uri: Uri = { kind: 'other', scheme: '', rest: '' }
  try {
    if (more.length > 0 || version === '') throw new GrammarError('malformed request line')
    if (version.toUpperCase() !== 'SIP/2.0') return refused(method, uri, headers, 505)
    uri = requestUri(uriText, around.meter)
    checkHead(head, headers, around.limits)
    if (headers.need(CSeq).method !== method) throw new GrammarError('CSeq: names another method')
    const body = bodyIn(headers, rest)
    if (body.length > around.limits.bodyBytes) return refused(method, uri, headers, 413)
    return { is: 'message', message: { kind: 'request', method, uri, headers, body } }
  } catch (error) {
    if (!(error instanceof GrammarError)) throw error
    return refused(method, uri, headers, 400, error.what)
  }
}

/** RFC 3261 section 19.1.1: a Request-URI has no headers. */
function requestUri(text: string, meter: Meter): Uri {
  const uri = parseUri(text, meter)
  if (uri.kind === 'sip' && uri.headers.size > 0) throw new GrammarError('Request-URI: headers do not belong there')
  return uri
}

function parseResponse(head: Head, headers: Headers, rest: Buffer, limits: MessageLimits): Parsed {
  const [version = '', status = '', ...words] = head.startLine.split(' ')
  const code = Number(status)
  if (version.toUpperCase() !== 'SIP/2.0') return { is: 'dropped', why: 'a version that is not known' }
  if (!consistsOf(status, may.digit) || status.length !== 3 || code < 100 || code > 699) {
    return { is: 'dropped', why: 'a status that is none' }
  }
  try {
    checkHead(head, headers, limits)
    const body = bodyIn(headers, rest)
    if (body.length > limits.bodyBytes) return { is: 'dropped', why: 'the body is too long' }
    return { is: 'message', message: { kind: 'response', status: code, reason: words.join(' '), headers, body } }
  } catch (error) {
    if (!(error instanceof GrammarError)) throw error
    return { is: 'dropped', why: error.what }
  }
}

/** What every message must have (RFC 3261 section 8.1.1), read here once so that nobody behind has to doubt it. */
function checkHead(head: Head, headers: Headers, limits: MessageLimits): void {
  const [fault] = head.faults
  if (fault !== undefined) throw new GrammarError(fault)
  if (head.lines.length > limits.headers) throw new GrammarError('too many headers')
  if (head.lines.some(({ value }) => value.length > limits.lineLength)) throw new GrammarError('a header is too long')
  const hops = headers.all(Via)
  if (hops.length === 0) throw new GrammarError('Via: missing or malformed')
  if (hops.length > limits.hops) throw new GrammarError('Via: too many')
  headers.need(From)
  headers.need(To)
  headers.need(CallId)
  headers.need(CSeq)
  // RFC 2543 knew no Max-Forwards; who does not send it is not refused for it.
  headers.get(MaxForwards)
  for (const kind of pathKinds) headers.all(kind)
  if (!isContactStar(headers)) headers.all(Contact)
}

/** What says where later messages go. To overlook one that cannot be read would send them elsewhere. */
const pathKinds = [Route, RecordRoute]

function bodyIn(headers: Headers, rest: Buffer): Uint8Array {
  const stated = statedLength(headers) ?? rest.length
  if (stated > rest.length) throw new GrammarError('Content-Length: more than there is')
  // RFC 3261 section 18.3: what follows in a datagram does not belong to the message.
  return rest.subarray(0, stated)
}

function refused(method: string, uri: Uri, headers: Headers, status: number, what?: string): Parsed {
  const why = what ?? reasonPhrase(status)
  if (method === 'ACK' || !isAnswerable(headers)) return { is: 'dropped', why }
  const request: Request = { kind: 'request', method, uri, headers, body: new Uint8Array(0) }
  const reason = what === undefined ? reasonPhrase(status) : `${reasonPhrase(status)} (${what})`
  return { is: 'refused', response: responseTo(request, status, { reason }) }
}

/** Whether it is known where an answer would go, and what it would be the answer to. */
function isAnswerable(headers: Headers): boolean {
  try {
    return headers.all(Via).length > 0 && ['From', 'To', 'Call-ID', 'CSeq'].every((name) => headers.has(name))
  } catch (error) {
    if (error instanceof GrammarError) return false
    throw error
  }
}

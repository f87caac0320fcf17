/**
 * Requests and responses (RFC 3261 section 7), and how a response is made out of its request.
 *
 * Here lives what a message says; how one travels and what follows from it is told by transports, transactions and
 * dialogs, which know this folder and are not known by it.
 */
import { writeUri, type Uri } from '../grammar/uri.ts'
import { withParameter } from '../grammar/name-addr.ts'
import { contentLength } from '../grammar/head.ts'
import { Headers } from './headers.ts'
import { tagOf, To } from './kinds/routing.ts'
import { reasonPhrase } from './status.ts'

export type Request = { kind: 'request'; method: string; uri: Uri; headers: Headers; body: Uint8Array }
export type Response = { kind: 'response'; status: number; reason: string; headers: Headers; body: Uint8Array }
export type Message = Request | Response

export const noBody = new Uint8Array(0)

export type ResponseParts = { reason?: string; toTag?: string; contentType?: string; body?: Uint8Array | string }

/** RFC 3261 section 8.2.6: a response has its request's Via, From, To, Call-ID and CSeq; To gets our tag. */
export function responseTo(request: Request, status: number, parts: ResponseParts = {}): Response {
  const headers = new Headers().copy(request.headers, 'Via', 'From', 'To', 'Call-ID', 'CSeq')
  const to = status === 100 || parts.toTag === undefined ? undefined : request.headers.get(To)
  if (to !== undefined && tagOf(to) === undefined) headers.set(To, withParameter(to, 'tag', parts.toTag))
  if (status === 100) headers.copy(request.headers, 'Timestamp')
  // Whoever sees a dialog made by this response learns the way through the proxies from it (RFC 3261 section 12.1.1).
  if (status > 100 && status < 300) headers.copy(request.headers, 'Record-Route')
  return {
    kind: 'response',
    status,
    reason: parts.reason ?? reasonPhrase(status),
    headers,
    ...bodyOf(headers, parts),
  }
}

/** Sets Content-Type for a body and gives the body as bytes. */
export function bodyOf(headers: Headers, parts: Pick<ResponseParts, 'contentType' | 'body'>): { body: Uint8Array } {
  if (parts.body === undefined) return { body: noBody }
  if (parts.contentType !== undefined) headers.setText('Content-Type', parts.contentType)
  return { body: typeof parts.body === 'string' ? Buffer.from(parts.body) : parts.body }
}

/** The bytes of a message. Content-Length is always told, and always right. */
export function writeMessage(message: Message): Uint8Array {
  let head = `${startLine(message)}\r\n`
  for (const { name, key, value } of message.headers.lines) {
    if (key !== 'content-length') head += `${name}: ${value}\r\n`
  }
  const bytes = Buffer.from(`${head}Content-Length: ${message.body.length}\r\n\r\n`)
  return message.body.length === 0 ? bytes : Buffer.concat([bytes, message.body])
}

function startLine(message: Message): string {
  if (message.kind === 'request') return `${message.method} ${writeUri(message.uri)} SIP/2.0`
  return `SIP/2.0 ${message.status} ${message.reason.replace(/[\r\n]/g, ' ')}`
}

const utf8 = new TextDecoder()

/** The body as UTF-8; what is none becomes replacement characters. */
export function bodyText({ body }: Message): string {
  return utf8.decode(body)
}

/** How many bytes of body a message says that it has; undefined when it does not say. */
export function statedLength(headers: Headers): number | undefined {
  return contentLength(headers.lines)
}

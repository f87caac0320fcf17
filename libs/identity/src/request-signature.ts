/**
 * The signature that server apps put on their REST requests (ACS: HMAC-SHA256 with an access key). It covers verb,
 * path and query as sent, date, host and the body's hash; nothing of it is ever taken from a parsed form of the request.
 */
import { createHmac, createSecretKey, hash, randomBytes, timingSafeEqual, type KeyObject } from 'node:crypto'

/** How far a request's date may be from our clock when nothing else is set. */
export const defaultToleranceMs = 5 * 60_000

/** What is signed. `target` is path and query, byte for byte as in the request line. */
export type SignableRequest = { method: string; target: string; host: string; body: Uint8Array }

/** The headers that make a request a signed one; `host` is sent by the client anyway. */
export type SignatureHeaders = { 'x-ms-date': string; 'x-ms-content-sha256': string; authorization: string }

/** A request as it came in: `rawHeaders` are Node's, names and values in turn, so that duplicates can be seen. */
export type ReceivedRequest = { method: string; target: string; rawHeaders: readonly string[]; body: Uint8Array }

/** What is wrong with a signature. An unknown key and a wrong signature look the same, on purpose. */
export type SignatureProblem =
  | 'missing'
  | 'malformed'
  | 'duplicateHeader'
  | 'noDate'
  | 'badDate'
  | 'dateTooFar'
  | 'bodyChanged'
  | 'wrongSignature'

export type SignatureCheck = { ok: true } | { ok: false; problem: SignatureProblem }

/** Signs a request with an access key (the decoded bytes) as of `now`, in whole seconds as HTTP dates have them. */
export function signRequest(request: SignableRequest, key: Uint8Array, now: number): SignatureHeaders {
  const date = new Date(now).toUTCString()
  const contentHash = hashOf(request.body)
  const signature = hmac(key, stringToSign({ ...request, date, contentHash })).toString('base64')
  return {
    'x-ms-date': date,
    'x-ms-content-sha256': contentHash,
    authorization: `HMAC-SHA256 SignedHeaders=x-ms-date;host;x-ms-content-sha256&Signature=${signature}`,
  }
}

/**
 * Checks a request's signature against every key that is valid now (primary and secondary). A signature that was seen
 * before is no problem: clients retry with the same one, and two equal requests within a second have the same one.
 */
export function verifyRequest(
  request: ReceivedRequest,
  keys: readonly Uint8Array[],
  now: number,
  toleranceMs: number = defaultToleranceMs,
): SignatureCheck {
  const headers = signedHeadersOf(request.rawHeaders)
  if (headers === 'duplicate') return { ok: false, problem: 'duplicateHeader' }

  const { authorization, host, 'x-ms-content-sha256': contentHash } = headers
  if (authorization === undefined) return { ok: false, problem: 'missing' }
  const given = signatureIn(authorization)
  if (given === undefined || host === undefined || contentHash === undefined) return { ok: false, problem: 'malformed' }

  // ACS lets a client that cannot set Date name x-ms-date instead; where both came, x-ms-date counts.
  const date = headers['x-ms-date'] ?? headers.date
  if (date === undefined) return { ok: false, problem: 'noDate' }
  const signedAt = readHttpDate(date)
  if (signedAt === undefined) return { ok: false, problem: 'badDate' }
  if (Math.abs(now - signedAt) > toleranceMs) return { ok: false, problem: 'dateTooFar' }

  if (contentHash !== hashOf(request.body)) return { ok: false, problem: 'bodyChanged' }

  const { method } = request
  const expected = targetsOf(request.target).map((target) => stringToSign({ method, target, date, host, contentHash }))
  return matchesOne(given, keys, expected) ? { ok: true } : { ok: false, problem: 'wrongSignature' }
}

const signedNames = ['authorization', 'host', 'x-ms-date', 'date', 'x-ms-content-sha256'] as const
type SignedHeaders = Partial<Record<(typeof signedNames)[number], string>>

/** Takes the headers that count, refusing one that came twice: two parts of a server could read different ones. */
function signedHeadersOf(rawHeaders: readonly string[]): SignedHeaders | 'duplicate' {
  const found: SignedHeaders = {}
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = signedNames.find((known) => known === rawHeaders[i]?.toLowerCase())
    if (name === undefined) continue
    if (found[name] !== undefined) return 'duplicate'
    found[name] = rawHeaders[i + 1] ?? ''
  }
  return found
}

const scheme = /^HMAC-SHA256 SignedHeaders=(?:x-ms-date|date);host;x-ms-content-sha256&Signature=([A-Za-z0-9+/]{43}=)$/i

/** The signature out of the Authorization header: base64 of exactly 32 bytes. */
function signatureIn(authorization: string): Buffer | undefined {
  const signature = scheme.exec(authorization)?.[1]
  return signature === undefined ? undefined : Buffer.from(signature, 'base64')
}

// Java's RFC 1123 formatter writes the day of the month without its leading zero.
const httpDate = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{1,2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/

function readHttpDate(text: string): number | undefined {
  if (!httpDate.test(text)) return undefined
  const at = Date.parse(text)
  return Number.isNaN(at) ? undefined : at
}

/**
 * The targets that a client may have signed: the one it sent, and its query written anew as a form. Microsoft's
 * JavaScript client signs the latter but sends the former, which differ in a query with, say, `%20` or `:`.
 */
function targetsOf(target: string): string[] {
  const mark = target.indexOf('?')
  if (mark < 0) return [target]
  const query = new URLSearchParams(target.slice(mark + 1)).toString()
  const path = target.slice(0, mark)
  const rewritten = query === '' ? path : `${path}?${query}`
  return rewritten === target ? [target] : [target, rewritten]
}

type Signed = { method: string; target: string; date: string; host: string; contentHash: string }

function stringToSign({ method, target, date, host, contentHash }: Signed): string {
  return `${method.toUpperCase()}\n${target}\n${date};${host};${contentHash}`
}

/** Without a key the answer takes as long as with a wrong one. */
const noKey = randomBytes(64)

/** Compares with every key and every target, whatever matched before, so that time tells nothing about which. */
function matchesOne(given: Buffer, keys: readonly Uint8Array[], texts: readonly string[]): boolean {
  let matches = false
  for (const key of keys.length === 0 ? [noKey] : keys) {
    for (const text of texts) {
      if (timingSafeEqual(hmac(key, text), given)) matches = true
    }
  }
  return matches && keys.length > 0
}

/** Making ready a key out of its bytes takes five times as long as the signature that is made with it. */
const readyKeys = new WeakMap<Uint8Array, KeyObject>()

function readyKey(key: Uint8Array): KeyObject {
  const known = readyKeys.get(key)
  if (known !== undefined) return known
  const made = createSecretKey(key)
  readyKeys.set(key, made)
  return made
}

function hmac(key: Uint8Array, text: string): Buffer {
  return createHmac('sha256', readyKey(key)).update(text, 'utf8').digest()
}

function hashOf(body: Uint8Array): string {
  return hash('sha256', body, 'base64')
}

/**
 * Reads a session description: line by line, forwards only, so that it takes as long as the text is. Tolerant where
 * telephones are careless (line ends, order, lines that are missing), strict where a guess would send sound elsewhere.
 */
import {
  connectionTo,
  type Attribute,
  type Connection,
  type MediaDescription,
  type Origin,
  type SessionDescription,
} from './description.ts'

/** `what` is fit for the Warning or the reason phrase of a 400. */
export class SdpError extends Error {
  readonly what: string

  constructor(what: string) {
    super(what)
    this.name = 'SdpError'
    this.what = what
  }
}

export type SdpLimits = { characters: number; lines: number; media: number; formats: number }
const defaultLimits: SdpLimits = { characters: 49_152, lines: 2000, media: 32, formats: 128 }

type Draft = { origin?: Origin; name: string; connection?: Connection; attributes: Attribute[]; media: MediaDraft[] }
type MediaDraft = MediaDescription & { attributes: Attribute[] }

/** Throws an SdpError. */
export function parseSdp(text: string, limits: SdpLimits = defaultLimits): SessionDescription {
  if (text.length > limits.characters) throw new SdpError('the description is too long')
  const lines = text.split('\n', limits.lines + 1)
  if (lines.length > limits.lines) throw new SdpError('the description has too many lines')
  const draft: Draft = { name: '-', attributes: [], media: [] }
  for (const line of lines) takeLine(draft, line.trimEnd(), limits)
  if (draft.origin === undefined) throw new SdpError('o= is missing')
  return { ...draft, origin: draft.origin }
}

// Of the others (v, t, b, r, z, k, i, u, e, p) nothing follows for a call.
function takeLine(draft: Draft, line: string, limits: SdpLimits): void {
  if (line === '') return
  if (line.charAt(1) !== '=') throw new SdpError('a line is no type=value')
  // What is one line for us could be two for those whom we answer.
  if (line.includes('\r') || line.includes('\0')) throw new SdpError('a line end, or a zero, within a line')
  const value = line.slice(2).trim()
  const medium = draft.media.at(-1)
  switch (line.charAt(0)) {
    case 'o':
      draft.origin ??= readOrigin(value)
      return
    case 's':
      draft.name = value
      return
    case 'c':
      takeConnection(medium ?? draft, readConnection(value))
      return
    case 'a':
      ;(medium ?? draft).attributes.push(readAttribute(value))
      return
    case 'm':
      if (draft.media.length === limits.media) throw new SdpError('too many m= lines')
      draft.media.push(readMedia(value, limits))
      return
    default:
  }
}

/** RFC 8866 section 5.7 allows several for layered multicast, which no call uses: the first counts. */
function takeConnection(place: { connection?: Connection }, connection: Connection): void {
  place.connection ??= connection
}

function readOrigin(value: string): Origin {
  const [username = '', sessionId = '', version = '', ...rest] = value.split(/ +/, 7)
  if (!isNumber(sessionId) || !isNumber(version)) throw new SdpError('o= is malformed')
  return { username, sessionId, version, connection: readConnection(rest.join(' ')) }
}

function readConnection(value: string): Connection {
  const [net = '', family = '', written = ''] = value.split(/ +/, 4)
  if (net.toUpperCase() !== 'IN') throw new SdpError('a network that is not IN')
  // A slash and a time to live may follow, for multicast.
  const [address = ''] = written.split('/', 1)
  if (!/^[0-9A-Za-z.:%_-]{1,255}$/.test(address)) throw new SdpError('an address is malformed')
  // What the address looks like counts: the family beside it is sometimes wrong.
  if (family !== 'IP4' && family !== 'IP6') throw new SdpError('an address of a family that is not known')
  return address.includes(':') ? connectionTo(address) : { family, address }
}

function readAttribute(value: string): Attribute {
  const colon = value.indexOf(':')
  if (colon === -1) return { name: value }
  return { name: value.slice(0, colon), value: value.slice(colon + 1).trim() }
}

function readMedia(value: string, limits: SdpLimits): MediaDraft {
  const [type = '', ports = '', protocol = '', ...formats] = value.split(/ +/, limits.formats + 3)
  const [port = ''] = ports.split('/', 1)
  if (!isNumber(port) || Number(port) > 65_535) throw new SdpError('m= has no port')
  if (type === '' || protocol === '') throw new SdpError('m= is malformed')
  return { type: type.toLowerCase(), port: Number(port), protocol, formats, attributes: [] }
}

function isNumber(text: string): boolean {
  return /^[0-9]{1,20}$/.test(text)
}

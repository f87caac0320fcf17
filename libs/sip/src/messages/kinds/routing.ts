/** The headers by which messages find their way and their place: RFC 3261 section 20. */
import { may } from '../../grammar/characters.ts'
import { readParameters, writeParameters, type Parameters } from '../../grammar/parameters.ts'
import type { Reader } from '../../grammar/reader.ts'
import { readHost } from '../../grammar/uri.ts'
import type { Headers } from '../headers.ts'
import { address, addresses, list, number, single } from './kind.ts'

/** One hop. `transport` is in capital letters; `port` is absent when it was not written. */
export type ViaHop = { transport: string; host: string; port?: number; parameters: Parameters }

export const Via = list<ViaHop>('Via', readVia, writeVia)
export const From = address('From')
export const To = address('To')
export const Contact = addresses('Contact')
export const Route = addresses('Route')
export const RecordRoute = addresses('Record-Route')
export const Path = addresses('Path') // RFC 3327
export const ServiceRoute = addresses('Service-Route') // RFC 3608
export const MaxForwards = number('Max-Forwards', 255)
export const CallId = single('Call-ID', readCallId, String)

export type CSeqValue = { number: number; method: string }

// RFC 3261 section 8.1.1.5: below 2^31.
export const CSeq = single<CSeqValue>(
  'CSeq',
  (reader) => {
    const number = reader.number('CSeq', 2_147_483_647)
    reader.skipSpaces()
    return { number, method: reader.some(may.token, 'CSeq') }
  },
  ({ number, method }) => `${number} ${method}`,
)

/** RFC 3261 section 8.1.1.7: who follows it begins his branches with this; what comes after it must not be empty. */
const cookie = 'z9hG4bK'

/** The branch of a hop, if it was made by RFC 3261 and so is the name of a transaction. */
export function branchOf(hop: ViaHop): string | undefined {
  const branch = hop.parameters.get('branch')
  return branch !== undefined && branch.length > cookie.length && branch.startsWith(cookie) ? branch : undefined
}

/** Marked as one of RFC 3261, which says that it is unique. */
export function newBranch(random: string): string {
  return `${cookie}${random}`
}

/** Which side of a dialog an address is; undefined before there is one. */
export function tagOf({ parameters }: { parameters: Parameters }): string | undefined {
  return parameters.get('tag')
}

/** Whether Contact says `*`: all bindings (RFC 3261 section 10.2.2). */
export function isContactStar(headers: Headers): boolean {
  return headers.text('Contact') === '*'
}

function readVia(reader: Reader): ViaHop {
  for (const part of ['protocol', 'version']) {
    reader.some(may.token, `Via ${part}`)
    reader.skipSpaces()
    reader.expect('/', 'Via')
    reader.skipSpaces()
  }
  const transport = reader.some(may.token, 'Via transport').toUpperCase()
  reader.skipSpaces()
  const host = readHost(reader)
  const port = reader.skipSeparator(':') ? { port: reader.number('Via port', 65_535) } : {}
  return { transport, host, ...port, parameters: readParameters(reader, 'Via') }
}

// Values that came bare go out bare, also those that are no tokens: our own Via is the only other one who reads a branch.
function writeVia({ transport, host, port, parameters }: ViaHop): string {
  const place = `${host}${port === undefined ? '' : `:${port}`}`
  return `SIP/2.0/${transport} ${place}${writeParameters(parameters, may.token | may.uriParam)}`
}

/** word [ "@" word ] */
export function readCallId(reader: Reader): string {
  const word = reader.some(may.word, 'Call-ID')
  return reader.skip('@') ? `${word}@${reader.some(may.word, 'Call-ID')}` : word
}

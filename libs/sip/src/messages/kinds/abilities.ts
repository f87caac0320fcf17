/** What the two sides can do, how long things last, what a body is: RFC 3261 section 20 and its extensions. */
import { may } from '../../grammar/characters.ts'
import { quote, readParameters, writeParameters, type Parameters } from '../../grammar/parameters.ts'
import type { Reader } from '../../grammar/reader.ts'
import { list, number, seconds, single, tokens } from './kind.ts'

export const Allow = tokens('Allow')
export const Supported = tokens('Supported')
export const Require = tokens('Require')
export const ProxyRequire = tokens('Proxy-Require')
export const Unsupported = tokens('Unsupported')
export const Expires = seconds('Expires')
export const MinExpires = seconds('Min-Expires')

/** A value with parameters behind it, as many headers have. */
export type WithParameters = { value: string; parameters: Parameters }

const valued = (name: string) => (reader: Reader) => ({
  value: reader.some(may.token, name),
  parameters: readParameters(reader, name),
})
const writeValued = ({ value, parameters }: WithParameters): string => `${value}${writeParameters(parameters)}`

export const Event = single<WithParameters>('Event', valued('Event'), writeValued) // RFC 6665
export const SubscriptionState = single<WithParameters>('Subscription-State', valued('Subscription-State'), writeValued)
export const Reason = list<WithParameters>('Reason', valued('Reason'), writeValued) // RFC 3326

const media = (name: string) => (reader: Reader) => {
  const type = reader.some(may.token, name)
  reader.skipSpaces()
  reader.expect('/', name)
  reader.skipSpaces()
  const subtype = reader.some(may.token, name)
  return { value: `${type}/${subtype}`.toLowerCase(), parameters: readParameters(reader, name) }
}

/** Type and subtype, in small letters. */
export const ContentType = single<WithParameters>('Content-Type', media('Content-Type'), writeValued)
/** As Content-Type; either part may be `*`. A header that is there and empty: no body is welcome. */
export const Accept = list<WithParameters>('Accept', media('Accept'), writeValued)

/** Seconds after which one may ask again; a comment may say why. */
export const RetryAfter = single<{ seconds: number; parameters: Parameters }>(
  'Retry-After',
  (reader) => {
    const seconds = reader.number('Retry-After', Infinity)
    reader.skipSpaces()
    if (reader.isNext('(')) reader.comment('Retry-After')
    return { seconds, parameters: readParameters(reader, 'Retry-After') }
  },
  ({ seconds, parameters }) => `${seconds}${writeParameters(parameters)}`,
)

/** RFC 4028 section 4: how long a session lives without a refresh, and whose task that is. */
export type SessionExpiry = { seconds: number; refresher?: 'uac' | 'uas' }

export const SessionExpires = single<SessionExpiry>(
  'Session-Expires',
  (reader) => {
    const seconds = reader.number('Session-Expires', longestSession)
    const refresher = readParameters(reader, 'Session-Expires').get('refresher')?.toLowerCase()
    return { seconds, ...(refresher === 'uac' || refresher === 'uas' ? { refresher } : {}) }
  },
  ({ seconds, refresher }) => `${seconds}${refresher === undefined ? '' : `;refresher=${refresher}`}`,
)
const longestSession = 4_294_967_295

export const MinSE = single<number>(
  'Min-SE',
  (reader) => {
    const seconds = reader.number('Min-SE', longestSession)
    readParameters(reader, 'Min-SE')
    return seconds
  },
  String,
)

/** RFC 3262 section 7: which reliable provisional response this is, and which one is acknowledged. */
export const RSeq = number('RSeq', 4_294_967_295)
export type ReliableAck = { rseq: number; cseq: number; method: string }
export const RAck = single<ReliableAck>(
  'RAck',
  (reader) => {
    const rseq = reader.number('RAck', 4_294_967_295)
    reader.skipSpaces()
    const cseq = reader.number('RAck', 2_147_483_647)
    reader.skipSpaces()
    return { rseq, cseq, method: reader.some(may.token, 'RAck') }
  },
  ({ rseq, cseq, method }) => `${rseq} ${cseq} ${method}`,
)

/** RFC 3261 section 20.43: why something is not as it should be; `agent` is who says so. */
export type WarningValue = { code: number; agent: string; text: string }
export const Warning = list<WarningValue>(
  'Warning',
  (reader) => {
    const code = reader.number('Warning', 999)
    reader.skipSpaces()
    const agent = reader.some(may.token | may.uriParam, 'Warning')
    reader.skipSpaces()
    return { code, agent, text: reader.quotedString('Warning') }
  },
  ({ code, agent, text }) => `${code} ${agent} ${quote(text)}`,
)

/** Names of products with comments among them: RFC 3261 section 20.35. */
export const UserAgentName = single<string[]>('User-Agent', readProducts, (products) => products.join(' '))

function readProducts(reader: Reader): string[] {
  const products: string[] = []
  while (!reader.isAtEnd) {
    if (reader.isNext('(')) reader.comment('User-Agent')
    else products.push(readProduct(reader))
    reader.skipSpaces()
  }
  return products
}

function readProduct(reader: Reader): string {
  const name = reader.some(may.token, 'User-Agent')
  return reader.skip('/') ? `${name}/${reader.some(may.token, 'User-Agent')}` : name
}

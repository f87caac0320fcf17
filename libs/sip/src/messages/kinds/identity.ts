/** Who somebody says that he is, how he proves it, and whom a call is handed to. */
import { may } from '../../grammar/characters.ts'
import { isToken, quote, readParameters, writeParameters } from '../../grammar/parameters.ts'
import type { Reader } from '../../grammar/reader.ts'
import type { ListKind } from '../headers.ts'
import { address, addresses, list, single } from './kind.ts'
import { readCallId } from './routing.ts'

export const PAssertedIdentity = addresses('P-Asserted-Identity') // RFC 3325
export const PPreferredIdentity = addresses('P-Preferred-Identity') // RFC 3325
export const RemotePartyId = addresses('Remote-Party-ID')
export const Diversion = addresses('Diversion') // RFC 5806
export const ReferTo = address('Refer-To') // RFC 3515
export const ReferredBy = address('Referred-By') // RFC 3892

/** RFC 3323 section 4.2: what is to be kept from the other side, in small letters. Some write commas where semicolons belong. */
export const Privacy = list<string[]>(
  'Privacy',
  (reader) => {
    const wishes: string[] = []
    do wishes.push(reader.some(may.token, 'Privacy').toLowerCase())
    while (reader.skipSeparator(';'))
    return wishes
  },
  (wishes) => wishes.join(';'),
)

/** RFC 3891 section 6.1: the dialog whose place a new one takes, by the tags as its answerer sees them. */
export type ReplacedDialog = { callId: string; toTag: string; fromTag: string; isEarlyOnly: boolean }

export const Replaces = single<ReplacedDialog>(
  'Replaces',
  (reader) => {
    const callId = readCallId(reader)
    const parameters = readParameters(reader, 'Replaces')
    const toTag = parameters.get('to-tag') ?? ''
    const fromTag = parameters.get('from-tag') ?? ''
    return { callId, toTag, fromTag, isEarlyOnly: parameters.has('early-only') }
  },
  ({ callId, toTag, fromTag, isEarlyOnly }) => {
    const tags = new Map<string, string | undefined>([
      ['to-tag', toTag],
      ['from-tag', fromTag],
    ])
    return `${callId}${writeParameters(isEarlyOnly ? tags.set('early-only', undefined) : tags)}`
  },
)

/** A scheme with its values, as in challenges and in answers to them. Names of values are in small letters. */
export type AuthValues = { scheme: string; values: ReadonlyMap<string, string> }

export const WwwAuthenticate = challenge('WWW-Authenticate')
export const ProxyAuthenticate = challenge('Proxy-Authenticate')
export const Authorization = credentials('Authorization')
export const ProxyAuthorization = credentials('Proxy-Authorization')

// RFC 7616 sections 3.3 and 3.4: qop is quoted when it is offered and bare when it is chosen.
function challenge(name: string): ListKind<AuthValues> {
  return list(name, (reader) => readAuth(reader, name), writeAuth(['stale', 'algorithm', 'userhash']))
}

function credentials(name: string): ListKind<AuthValues> {
  return list(name, (reader) => readAuth(reader, name), writeAuth(['algorithm', 'qop', 'nc', 'userhash']))
}

/** The commas between the values make that one line holds one challenge or one answer. */
function readAuth(reader: Reader, name: string): AuthValues {
  const scheme = reader.some(may.token, name)
  const values = new Map<string, string>()
  do {
    reader.skipSpaces()
    const key = reader.while(may.token).toLowerCase()
    // A scheme that is not known may have anything behind it (RFC 4475 section 3.3.7), also base64 with its equals signs.
    if (key === '' || !reader.skipSeparator('=') || reader.isAtEnd || reader.isNext('=')) {
      reader.until('')
      break
    }
    const value = reader.isNext('"') ? reader.quotedString(name) : reader.some(may.token | may.uriParam, name)
    if (!values.has(key)) values.set(key, value)
  } while (reader.skipSeparator(','))
  return { scheme, values }
}

function writeAuth(bare: readonly string[]): (auth: AuthValues) => string {
  return ({ scheme, values }) => {
    const written = [...values].map(([key, value]) =>
      bare.includes(key) && isToken(value) ? `${key}=${value}` : `${key}=${quote(value)}`,
    )
    return `${scheme} ${written.join(', ')}`
  }
}

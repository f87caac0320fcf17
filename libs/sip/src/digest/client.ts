/**
 * Answers challenges (RFC 3261 section 22.2 and 22.3, RFC 7616, RFC 8760) and remembers them, so that the next request
 * to the same realm carries its proof from the start.
 */
import { randomBytes } from 'node:crypto'
import { writeUri } from '../grammar/index.ts'
import {
  Authorization,
  ProxyAuthenticate,
  ProxyAuthorization,
  WwwAuthenticate,
  type AuthValues,
  type ListKind,
  type Request,
  type Response,
} from '../messages/index.ts'
import { algorithmNamed, weakness, type AlgorithmChoice } from './algorithms.ts'
import { AuthenticationInfo } from './authentication-info.ts'
import { digestResponse, secretOf } from './response.ts'

/** Who somebody is for one realm. */
export type Credentials = { username: string; password: string }
/** Whom to be for a realm; undefined for realms that are no business of ours. */
export type CredentialsFor = (realm: string) => Credentials | undefined

/** Those who challenge: servers by 401, proxies by 407. Each has headers of its own. */
type Door = { status: number; challenge: ListKind<AuthValues>; proof: ListKind<AuthValues> }
const doors: readonly Door[] = [
  { status: 401, challenge: WwwAuthenticate, proof: Authorization },
  { status: 407, challenge: ProxyAuthenticate, proof: ProxyAuthorization },
]

type Challenge = {
  door: Door
  realm: string
  nonce: string
  opaque: string | undefined
  qop: 'auth' | 'auth-int' | undefined
  algorithm: AlgorithmChoice
  isStale: boolean
  /** How often the nonce has been used. */
  uses: number
}

/** Answers for one who asks, whatever realms he meets on the way. */
export class DigestClient {
  readonly #credentialsFor: CredentialsFor
  readonly #challenges = new Map<string, Challenge>()

  constructor(credentials: CredentialsFor) {
    this.#credentialsFor = credentials
  }

  /** Puts proofs for all challenges that are known into a request that has none yet, or that will be sent anew. */
  authorize(request: Request): void {
    for (const door of doors) {
      const proofs = [...this.#challenges.values()]
        .filter((challenge) => challenge.door === door)
        .flatMap((challenge) => this.#proof(challenge, request) ?? [])
      if (proofs.length > 0) request.headers.setAll(door.proof, proofs)
    }
  }

  /**
   * Learns from a 401 or 407. True when it is worth sending the request again: somebody asked whom we know, and he has
   * not refused the same proof already. `request` is the one that was refused.
   */
  learn(request: Request, response: Response): boolean {
    const door = doors.find(({ status }) => status === response.status)
    if (door === undefined) return false
    const challenges = strongestOfEachRealm(door, response)
    const answerable = challenges.filter(({ realm }) => this.#credentialsFor(realm) !== undefined)
    const isNew = answerable.some((challenge) => this.#isWorthAnswering(challenge, request))
    for (const challenge of answerable) this.#challenges.set(keyOf(challenge), challenge)
    return isNew
  }

  /** RFC 7616 section 3.5: a response may name the nonce to use next. */
  note(response: Response): void {
    const next = response.headers.get(AuthenticationInfo)?.get('nextnonce')
    if (next === undefined) return
    // It names no realm: the header comes from the server itself, and of those there is one behind an account.
    const ofServer = [...this.#challenges.values()].filter(({ door }) => door.status === 401)
    const [only] = ofServer
    if (only === undefined || ofServer.length > 1) return
    only.nonce = next
    only.uses = 0
  }

  /**
   * RFC 3261 section 22.2: credentials that were refused are not offered again, unless only the nonce was too old. A
   * nonce that we remembered may have been forgotten by a server that does not say `stale`; a fresh one was not.
   */
  #isWorthAnswering(challenge: Challenge, request: Request): boolean {
    const offered = request.headers
      .all(challenge.door.proof)
      .find(({ values }) => values.get('realm') === challenge.realm)
    if (offered === undefined) return true
    if (offered.values.get('nonce') === challenge.nonce) return false
    const known = this.#challenges.get(keyOf(challenge))
    return challenge.isStale || (known !== undefined && known.uses > 1)
  }

  #proof(challenge: Challenge, request: Request): AuthValues | undefined {
    const credentials = this.#credentialsFor(challenge.realm)
    if (credentials === undefined) return undefined
    const { algorithm, realm, nonce, qop, opaque } = challenge
    challenge.uses += 1
    const needsCnonce = qop !== undefined || algorithm.isSession
    const cnonce = needsCnonce ? randomBytes(12).toString('base64url') : undefined
    const nc = challenge.uses.toString(16).padStart(8, '0')
    const uri = writeUri(request.uri)
    const response = digestResponse({
      algorithm,
      secret: secretOf(algorithm.hash, credentials.username, realm, credentials.password),
      method: request.method,
      uri,
      nonce,
      body: request.body,
      ...(qop === undefined || cnonce === undefined ? {} : { protection: { qop, nc, cnonce } }),
    })
    const values: [string, string | undefined][] = [
      ['username', credentials.username],
      ['realm', realm],
      ['nonce', nonce],
      ['uri', uri],
      ['response', response],
      ['algorithm', algorithm.name],
      ['cnonce', cnonce],
      ['qop', qop],
      ['nc', qop === undefined ? undefined : nc],
      ['opaque', opaque],
    ]
    return {
      scheme: 'Digest',
      values: new Map(values.flatMap(([key, value]) => (value === undefined ? [] : [[key, value]]))),
    }
  }
}

function keyOf({ door, realm }: Challenge): string {
  return `${door.status} ${realm}`
}

/** RFC 8760 section 2.4: of several challenges for one realm one is answered. Ours is the strongest, then the first. */
function strongestOfEachRealm(door: Door, response: Response): Challenge[] {
  const found = new Map<string, Challenge>()
  for (const { scheme, values } of response.headers.all(door.challenge)) {
    const challenge = scheme.toLowerCase() === 'digest' ? readChallenge(door, values) : undefined
    if (challenge === undefined) continue
    const other = found.get(challenge.realm)
    if (other === undefined || weakness(challenge.algorithm) < weakness(other.algorithm)) {
      found.set(challenge.realm, challenge)
    }
  }
  return [...found.values()]
}

function readChallenge(door: Door, values: ReadonlyMap<string, string>): Challenge | undefined {
  const algorithm = algorithmNamed(values.get('algorithm'))
  const realm = values.get('realm')
  const nonce = values.get('nonce')
  const offered = values
    .get('qop')
    ?.split(',')
    .map((one) => one.trim().toLowerCase())
  // What middle boxes do to bodies makes auth-int fail where auth holds: it is taken when nothing else is offered.
  const qop = (['auth', 'auth-int'] as const).find((one) => offered?.includes(one))
  if (algorithm === undefined || realm === undefined || nonce === undefined) return undefined
  if (offered !== undefined && qop === undefined) return undefined
  const isStale = values.get('stale')?.toLowerCase() === 'true'
  return { door, realm, nonce, opaque: values.get('opaque'), qop, algorithm, isStale, uses: 0 }
}

/** Challenges those who want something, and looks at their proofs (RFC 3261 section 22, RFC 7616, RFC 8760). */
import { randomBytes, timingSafeEqual } from 'node:crypto'
import { GrammarError, parseUri, userOf } from '../grammar/index.ts'
import {
  Authorization,
  ProxyAuthenticate,
  ProxyAuthorization,
  responseTo,
  WwwAuthenticate,
  type AuthValues,
  type Request,
  type Response,
} from '../messages/index.ts'
import { algorithmNamed, type DigestAlgorithm } from './algorithms.ts'
import { Nonces, type NonceLimits } from './nonces.ts'
import { digestResponse, secretOf } from './response.ts'

/** What is known of somebody: the password, or only what `secretOf` makes of it, for each hash in use. */
export type DigestAccount = { password: string } | { secrets: Partial<Record<DigestAlgorithm, string>> }

export type DigestServerOptions = {
  realm: string
  /** Finds an account; undefined for names that nobody has. */
  accountOf: (username: string) => DigestAccount | undefined | Promise<DigestAccount | undefined>
  /** A server says 401, a proxy 407. */
  as?: 'server' | 'proxy'
  /** In the order in which they are offered; SHA-256 and MD5 when absent (MD5 for phones that know no better). */
  algorithms?: readonly DigestAlgorithm[]
  qop?: readonly ('auth' | 'auth-int')[]
  limits?: Partial<NonceLimits>
  /** Milliseconds since 1970. */
  now?: () => number
  /** Seals nonces; nodes behind one name share it. */
  key?: Buffer
}

export type DigestVerdict =
  | { is: 'accepted'; username: string }
  /** Answer with `challenge(request, isStale)`. */
  | { is: 'unproven'; isStale: boolean }
  /** Somebody tried and was wrong: worth counting, answered as unproven so that names cannot be guessed. */
  | { is: 'wrong'; username: string }

const defaults = { lifetimeMs: 60_000, inUse: 50_000 }
const statuses = { server: 401, proxy: 407 }

/** One realm: challenges, and remembers which nonces were used how often, so that no proof counts twice. */
export class DigestServer {
  readonly #options: Required<Pick<DigestServerOptions, 'realm' | 'accountOf' | 'as' | 'algorithms' | 'qop'>>
  readonly #nonces: Nonces

  constructor(options: DigestServerOptions) {
    this.#options = { as: 'server', algorithms: ['SHA-256', 'MD5'], qop: ['auth'], ...options }
    this.#nonces = new Nonces({ ...defaults, ...options.limits }, options.now ?? Date.now, options.key)
  }

  /**
   * A 401 or 407 with one challenge for each algorithm, the preferred first (RFC 8760 section 2.3).
   * @param to the address from which the request came, as `verify` has it: a proof is taken from there only. So nobody
   *   who writes somebody else's address as his own can be wrong in his name
   */
  challenge(request: Request, { isStale = false, to = '' }: { isStale?: boolean; to?: string } = {}): Response {
    const { realm, as, algorithms, qop } = this.#options
    const response = responseTo(request, statuses[as])
    const nonce = this.#nonces.issue(to)
    const challenges = algorithms.map((algorithm): AuthValues => {
      const values = new Map([
        ['realm', realm],
        ['nonce', nonce],
        ['algorithm', algorithm],
        ['qop', qop.join(',')],
      ])
      return { scheme: 'Digest', values: isStale ? values.set('stale', 'true') : values }
    })
    response.headers.setAll(as === 'server' ? WwwAuthenticate : ProxyAuthenticate, challenges)
    return response
  }

  /** @param from the address from which it came, where challenges are given by address */
  async verify(request: Request, from = ''): Promise<DigestVerdict> {
    const proof = this.#proofIn(request)
    if (proof === undefined || isForAnother(proof.uri, request)) return { is: 'unproven', isStale: false }
    const nonce = this.#nonces.judge(proof.nonce, from)
    if (nonce === 'forged') return { is: 'unproven', isStale: false }
    const account = await this.#options.accountOf(proof.username)
    // A name that nobody has costs much the same work as a wrong password.
    const known = secretFor(account, proof.algorithm.hash, proof.username, this.#options.realm)
    const isRight = isEqual(digestResponse({ ...proof, secret: known ?? noSecret }), proof.response)
    if (known === undefined || !isRight) return { is: 'wrong', username: proof.username }
    // Only who knows the password learns that his nonce is old (RFC 7616 section 3.3, stale).
    if (nonce === 'expired' || !this.#nonces.count(proof.nonce, from, proof.count))
      return { is: 'unproven', isStale: true }
    return { is: 'accepted', username: proof.username }
  }

  /** The proof for our realm, if it has all its parts. */
  #proofIn(request: Request) {
    const kind = this.#options.as === 'server' ? Authorization : ProxyAuthorization
    const values = request.headers
      .all(kind)
      .find((one) => one.scheme.toLowerCase() === 'digest' && one.values.get('realm') === this.#options.realm)?.values
    const algorithm = algorithmNamed(values?.get('algorithm'))
    const [username, nonce, uri, response] = ['username', 'nonce', 'uri', 'response'].map((name) => values?.get(name))
    if (username === undefined || nonce === undefined || uri === undefined || response === undefined) return undefined
    if (algorithm === undefined || !this.#options.algorithms.includes(algorithm.hash)) return undefined
    const use = this.#useIn(values ?? noValues)
    return use === undefined
      ? undefined
      : { algorithm, username, nonce, uri, response, method: request.method, body: request.body, ...use }
  }

  /** How the nonce was used. Who does not count, as RFC 2069 did not, may use each nonce once. */
  #useIn(values: ReadonlyMap<string, string>) {
    const [qop, nc, cnonce] = [values.get('qop'), values.get('nc'), values.get('cnonce')]
    if (qop === undefined) return { count: 1 }
    const known = this.#options.qop.find((one) => one === qop.toLowerCase())
    if (known === undefined || cnonce === undefined || nc === undefined || !/^[0-9a-f]{1,8}$/i.test(nc))
      return undefined
    return { count: Number.parseInt(nc, 16), protection: { qop: known, nc, cnonce } }
  }
}

/**
 * Whether a proof was made for somebody else's number: what was overheard would pay for any call otherwise. RFC 7616
 * section 3.4.6 wants both URIs to be equivalent, RFC 3261 section 22.4 lets them differ, because proxies rewrite them:
 * hosts, ports and parameters do differ among telephones that mean well, and are not compared.
 */
function isForAnother(uri: string, request: Request): boolean {
  const [proven, wanted] = [userIn(uri), userOf(request.uri)]
  return proven !== undefined && wanted !== undefined && proven !== wanted
}

/** Undefined also for what is no URI: some write the number alone. */
function userIn(uri: string): string | undefined {
  try {
    return userOf(parseUri(uri))
  } catch (error) {
    if (error instanceof GrammarError) return undefined
    throw error
  }
}

const noValues: ReadonlyMap<string, string> = new Map()
const noSecret = randomBytes(32).toString('hex')

function secretFor(
  account: DigestAccount | undefined,
  hash: DigestAlgorithm,
  username: string,
  realm: string,
): string | undefined {
  if (account === undefined) return undefined
  return 'password' in account ? secretOf(hash, username, realm, account.password) : account.secrets[hash]
}

/** Takes the same time wherever the first difference is. */
function isEqual(ours: string, theirs: string): boolean {
  const [one, other] = [Buffer.from(ours), Buffer.from(theirs.toLowerCase())]
  return one.length === other.length && timingSafeEqual(one, other)
}

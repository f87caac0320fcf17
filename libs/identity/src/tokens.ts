/**
 * User tokens: JWTs that carry the claims which ACS clients read, our public URL (so that a client finds the platform
 * from its token alone) and the identity's token epoch (so that a revocation voids what was issued before).
 */
import jwt from 'jsonwebtoken'
import { asUserId, EpochMs, ResourceId, type UserId } from '@parley/protocol'
import * as z from 'zod/mini'
import type { SigningKeys } from './signing-keys.ts'

/** ACS: what a token allows. `voip` may start and join calls, `voip.join` may join them. */
export const tokenScopes = ['chat', 'voip', 'chat.join', 'chat.join.limited', 'voip.join'] as const
export type TokenScope = (typeof tokenScopes)[number]

/** How long a token lives: ACS's limits, in minutes. */
export const tokenLifetimeMin = { least: 60, most: 1440, unsaid: 1440 } as const

/** Longer ones are refused unread. */
export const maxTokenBytes = 8192

/** How far the clocks of two of our nodes may be apart. */
export const tokenSkewS = 60

/** Who our tokens are for, and thereby: no token made for something else by the same key is taken for one. */
export const tokenAudience = 'parley'

/**
 * ACS's tokens show this number, and sample code that reads tokens expects one. Nobody decodes it; what a token allows
 * stands in acsScope.
 */
const acsScp = 1792

const algorithm = 'ES256'

/** Whose token it is and what it allows. The epoch must still be compared with the identity's own. */
export type Access = {
  user: UserId
  resourceId: ResourceId
  scopes: TokenScope[]
  epoch: number
  /** Ours: its holder may send media without a browser. */
  mayUsePlainMedia: boolean
  expiresAt: EpochMs
}

/** What to issue a token for. Plain media is allowed by those only that say so. */
export type TokenRequest = Omit<Access, 'expiresAt' | 'mayUsePlainMedia'> & {
  mayUsePlainMedia?: boolean
  lifetimeMs: number
}

export type IssuedToken = { token: string; expiresAt: EpochMs }

/** `why` is for our log and holds nothing of the token. */
export type TokenVerdict = { ok: true; access: Access } | { ok: false; problem: 'expired' | 'invalid'; why: string }

export type TokenParts = { keys: SigningKeys; issuer: string; now: () => number }

/** Issues and verifies the tokens of one platform, whose public URL is `issuer`. */
export class Tokens {
  readonly #keys: SigningKeys
  readonly #issuer: string
  readonly #now: () => number

  constructor({ keys, issuer, now }: TokenParts) {
    this.#keys = keys
    this.#issuer = issuer
    this.#now = now
  }

  /** Issues a token, signed with the newest key. Its times are whole seconds, so it never outlives `lifetimeMs`. */
  issue({ user, resourceId, scopes, epoch, mayUsePlainMedia = false, lifetimeMs }: TokenRequest): IssuedToken {
    const iat = Math.floor(this.#now() / 1000)
    const exp = iat + Math.floor(lifetimeMs / 1000)
    const claims: Claims = {
      skypeid: skypeIdOf(user),
      scp: acsScp,
      csi: String(iat),
      acsScope: scopes.join(','),
      resourceId,
      epoch,
      ...(mayUsePlainMedia ? { parley_plain: true } : {}),
      iat,
      exp,
      iss: this.#issuer,
      aud: tokenAudience,
      sub: user,
    }
    const { id, privateKey } = this.#keys.newest
    const header = { alg: algorithm, typ: 'JWT', kid: id }
    return { token: jwt.sign(claims, privateKey, { algorithm, header }), expiresAt: EpochMs.parse(exp * 1000) }
  }

  /** Verifies a token that came from outside. Never throws for what it holds. */
  verify(token: string): TokenVerdict {
    if (token.length > maxTokenBytes) return invalid('is too long')
    const header = readHeader(token)
    if (header === undefined) return invalid('has no header of ours')
    const key = this.#keys.find(header.kid)
    if (key === undefined) return invalid('names no key of ours')
    const nowS = Math.floor(this.#now() / 1000)
    let payload: unknown
    try {
      payload = jwt.verify(token, key.publicKey, {
        algorithms: [algorithm],
        issuer: this.#issuer,
        audience: tokenAudience,
        clockTimestamp: nowS,
        clockTolerance: tokenSkewS,
      })
    } catch (error) {
      if (error instanceof jwt.TokenExpiredError) return { ok: false, problem: 'expired', why: 'has expired' }
      return invalid(error instanceof Error ? error.message : 'cannot be read')
    }
    return readClaims(payload, nowS)
  }
}

// Exactly what we write: a header that says more (crit, jku, jwk, x5u, zip ...) is none of ours. RFC 8725 section 3.
const Header = z.strictObject({ alg: z.literal(algorithm), typ: z.literal('JWT'), kid: z.string() })

const Claims = z.object({
  sub: z.string(),
  skypeid: z.string(),
  acsScope: z.string(),
  resourceId: ResourceId,
  epoch: z.number().check(z.int(), z.gte(0)),
  parley_plain: z.optional(z.literal(true)),
  iat: z.number(),
  exp: z.number(),
  iss: z.string(),
  aud: z.string(),
  scp: z.number(),
  csi: z.string(),
})
type Claims = z.input<typeof Claims>

function readHeader(token: string): z.infer<typeof Header> | undefined {
  const parts = token.split('.')
  // Node reads base64url with anything in it; we take the one way in which each value is written.
  if (parts.length !== 3 || !parts.every(isBase64Url)) return undefined
  try {
    const header: unknown = JSON.parse(Buffer.from(parts[0] ?? '', 'base64url').toString('utf8'))
    return Header.safeParse(header).data
  } catch {
    return undefined // no JSON
  }
}

function isBase64Url(text: string): boolean {
  return text !== '' && Buffer.from(text, 'base64url').toString('base64url') === text
}

function readClaims(payload: unknown, nowS: number): TokenVerdict {
  const read = Claims.safeParse(payload)
  if (!read.success) return invalid('lacks a claim')
  const { sub, skypeid, acsScope, resourceId, epoch, parley_plain: mayUsePlainMedia = false, iat, exp } = read.data
  if (iat > nowS + tokenSkewS) return invalid('comes from the future')
  const user = asUserId(sub)
  if (user === undefined || skypeid !== skypeIdOf(user)) return invalid('names no user')
  if (!user.startsWith(`8:acs:${resourceId}_`)) return invalid('names a user of another resource')
  const scopes = acsScope === '' ? [] : acsScope.split(',')
  if (!scopes.every(isScope)) return invalid('names a scope that does not exist')
  const expiresAt = EpochMs.parse(exp * 1000)
  return { ok: true, access: { user, resourceId, scopes, epoch, mayUsePlainMedia, expiresAt } }
}

function isScope(text: string): text is TokenScope {
  return tokenScopes.some((scope) => scope === text)
}

/** ACS writes the user id without its leading `8:`; sample code puts it back. */
function skypeIdOf(user: UserId): string {
  return user.slice('8:'.length)
}

function invalid(why: string): TokenVerdict {
  return { ok: false, problem: 'invalid', why }
}

/** The identities of one resource: made, given tokens, revoked, deleted. */
import { randomUUID } from 'node:crypto'
import type { IssuedToken, Tokens, TokenScope } from '@parley/identity'
import { asUserId, userIdOf, type ResourceId, type UserId } from '@parley/protocol'
import { AcsError } from '../acs-error.ts'
import type { Identity, IdentityStore } from './identity-store.ts'
import type { TokensVoid } from './tokens-void.ts'

export type IdentityParts = {
  resourceId: ResourceId
  tokens: Tokens
  store: IdentityStore
  tokensVoid: TokensVoid
}

/** What a token shall allow, and for how long. */
export type TokenWish = { scopes: readonly TokenScope[]; lifetimeMin: number; mayUsePlainMedia?: boolean }

export class Identities {
  constructor(private readonly parts: IdentityParts) {}

  async create(): Promise<Identity> {
    const { resourceId, store } = this.parts
    return store.create(resourceId, userIdOf(resourceId, randomUUID()))
  }

  async createWithToken(wish: TokenWish): Promise<{ user: UserId; issued: IssuedToken }> {
    const identity = await this.create()
    return { user: identity.user, issued: this.#issueTo(identity, wish) }
  }

  /** @throws AcsError 401 */
  async issueToken(rawId: string, wish: TokenWish): Promise<IssuedToken> {
    const user = readUser(rawId)
    const identity = await this.parts.store.find(this.parts.resourceId, user)
    if (identity === undefined) throw unknownIdentity()
    return this.#issueTo(identity, wish)
  }

  /** Voids every token issued so far and ends what was opened with one. @throws AcsError 401 */
  async revokeTokens(rawId: string): Promise<void> {
    const user = readUser(rawId)
    if (!(await this.parts.store.revokeTokens(this.parts.resourceId, user))) throw unknownIdentity()
    await this.parts.tokensVoid.onTokensVoid(user)
  }

  /** @throws AcsError 401 */
  async delete(rawId: string): Promise<void> {
    // The row goes last: when ending the connections fails, the client's retry still finds it and does it again.
    await this.revokeTokens(rawId)
    await this.parts.store.delete(this.parts.resourceId, readUser(rawId))
  }

  #issueTo(
    { user, resourceId, tokenEpoch: epoch }: Identity,
    { lifetimeMin, scopes, ...wish }: TokenWish,
  ): IssuedToken {
    return this.parts.tokens.issue({
      user,
      resourceId,
      epoch,
      scopes: [...scopes],
      ...wish,
      lifetimeMs: lifetimeMin * 60_000,
    })
  }
}

function readUser(rawId: string): UserId {
  const user = asUserId(rawId)
  if (user === undefined) throw unknownIdentity()
  return user
}

/** ACS's own answer, 401. One for an id that is malformed, deleted or another resource's: nobody learns which ids exist. */
function unknownIdentity(): AcsError {
  return new AcsError(401, 'IdentityNotOwned', 'The resource has no such identity.')
}

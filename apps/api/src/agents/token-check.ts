/** What a token says, once it is known to be good: well signed, not expired, not revoked, and for calls. */
import type { Tokens, TokenScope } from '@parley/identity'
import { Refused, type EpochMs, type ResourceId, type UserId } from '@parley/protocol'
import type { IdentityStore } from '../rest/identities/identity-store.ts'

export type TokenHolder = {
  user: UserId
  resourceId: ResourceId
  tokenEpoch: number
  expiresAt: EpochMs
  /** One at least of voip, which may start and join, and voip.join, which may join. */
  scopes: TokenScope[]
  /** Whether he may send media without a browser. */
  mayUsePlainMedia: boolean
}

export class TokenCheck {
  constructor(
    private readonly tokens: Tokens,
    private readonly identities: Pick<IdentityStore, 'find'>,
  ) {}

  /** @throws Refused 'unauthenticated' for a bad, expired or revoked token, 'forbidden' without a scope for calls */
  async check(token: string): Promise<TokenHolder> {
    const read = this.tokens.verify(token)
    if (!read.ok) throw new Refused('unauthenticated', { detail: `It ${read.why}.` })
    const { user, resourceId, scopes, epoch, expiresAt, mayUsePlainMedia } = read.access
    const identity = await this.identities.find(resourceId, user)
    if (identity?.tokenEpoch !== epoch) throw new Refused('unauthenticated', { detail: 'It has been revoked.' })
    if (!scopes.some((scope) => scope === 'voip' || scope === 'voip.join')) {
      throw new Refused('forbidden', { detail: 'It needs the scope voip, or voip.join.' })
    }
    return { user, resourceId, tokenEpoch: epoch, expiresAt, scopes, mayUsePlainMedia }
  }
}

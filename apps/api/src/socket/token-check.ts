/** What a token says, once it is known to be good. Implemented with libs/identity and the identity store. */
import type { EpochMs, ResourceId, UserId } from '@parley/protocol'

export type TokenHolder = { user: UserId; resourceId: ResourceId; tokenEpoch: number; expiresAt: EpochMs }

export interface TokenCheck {
  /** @throws Refused 'unauthenticated' for a bad, expired or revoked token, 'forbidden' without the voip scope */
  check(token: string): Promise<TokenHolder>
}

/** What the identity doors ask of whoever holds connections. */
import type { UserId } from '@parley/protocol'

export interface TokensVoid {
  /** Every token of this user is void from now on: his open connections end, on every node. */
  onTokensVoid(user: UserId): Promise<void>
}

/** Tokens that the platform itself would not give out, signed with its own key: expired ones, and short ones. */
import { openKeyFiles, Tokens } from '@parley/identity'
import { asUserId } from '@parley/protocol'
import type { AccessToken } from './person/sdk-user.ts'
import type { Platform } from './platform.ts'

/** `epoch` is 0 until the identity's tokens are revoked for the first time. */
export async function forgeToken(
  platform: Platform,
  { user, issuedAgoMs = 0, lifetimeMs }: { user: string; issuedAgoMs?: number; lifetimeMs: number },
): Promise<AccessToken> {
  const userId = asUserId(user)
  if (userId === undefined) throw new Error(`${user} is no user of the platform.`)
  const { signingKeys, resourceId } = await openKeyFiles(platform.dataDir)
  const tokens = new Tokens({ keys: signingKeys, issuer: platform.publicUrl, now: () => Date.now() - issuedAgoMs })
  const { token, expiresAt } = tokens.issue({ user: userId, resourceId, scopes: ['voip'], epoch: 0, lifetimeMs })
  return { token, expiresOnTimestamp: expiresAt }
}

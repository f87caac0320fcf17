/** What the identity doors ask of a store. */
import type { ResourceId, UserId } from '@parley/protocol'

export type Identity = { user: UserId; resourceId: ResourceId; tokenEpoch: number }

export interface IdentityStore {
  create(resourceId: ResourceId, user: UserId): Promise<Identity>
  /** A live identity of this resource. */
  find(resourceId: ResourceId, user: UserId): Promise<Identity | undefined>
  /** Raises the identity's token epoch: every token issued before is void. False when there is no such identity. */
  revokeTokens(resourceId: ResourceId, user: UserId): Promise<boolean>
  /** Deletes an identity; its id is never given out again. False when there is no such identity. */
  delete(resourceId: ResourceId, user: UserId): Promise<boolean>
}

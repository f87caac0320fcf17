/** The port of the identity doors in memory: small, real, and forgotten at the end of a test. */
import type { ResourceId, UserId } from '@parley/protocol'
import type { Identity, IdentityStore } from '../../src/rest/identities/identity-store.ts'

export class MemoryIdentityStore implements IdentityStore {
  readonly #live = new Map<string, Identity>()
  /** While set, every question fails with it. */
  trouble: Error | undefined

  async create(resourceId: ResourceId, user: UserId): Promise<Identity> {
    const identity = { user, resourceId, tokenEpoch: 0 }
    this.#rows().set(key(resourceId, user), identity)
    return identity
  }

  async find(resourceId: ResourceId, user: UserId): Promise<Identity | undefined> {
    return this.#rows().get(key(resourceId, user))
  }

  async revokeTokens(resourceId: ResourceId, user: UserId): Promise<boolean> {
    const identity = await this.find(resourceId, user)
    if (identity === undefined) return false
    this.#rows().set(key(resourceId, user), { ...identity, tokenEpoch: identity.tokenEpoch + 1 })
    return true
  }

  async delete(resourceId: ResourceId, user: UserId): Promise<boolean> {
    return this.#rows().delete(key(resourceId, user))
  }

  #rows(): Map<string, Identity> {
    if (this.trouble !== undefined) throw this.trouble
    return this.#live
  }
}

function key(resourceId: ResourceId, user: UserId): string {
  return `${resourceId} ${user}`
}

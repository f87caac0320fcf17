import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { ResourceId, userIdOf } from '@parley/protocol'
import type { IdentityStore } from '../rest/identities/identity-store.ts'
import { scratchDatabase, silent, type ScratchDatabase } from './scratch.ts'
import { Stores } from './stores.ts'

const resourceId = ResourceId.parse(randomUUID())
const elsewhere = ResourceId.parse(randomUUID())

let database: ScratchDatabase
let stores: Stores
let identities: IdentityStore

beforeAll(async () => {
  database = await scratchDatabase()
  stores = await Stores.create({ databaseUrl: database.url, dataDir: 'unused', log: silent })
  identities = stores.identities
  await Promise.all([resourceId, resourceId, elsewhere].map((id) => stores.ensureResource(id)))
  await stores.ensureResource(resourceId)
}, 60_000)
afterAll(async () => {
  await stores.close()
  await database.stop()
}, 60_000)

const newcomer = () => identities.create(resourceId, userIdOf(resourceId, randomUUID()))

describe('an identity', () => {
  it('is found in its own resource only', async () => {
    const { user, tokenEpoch } = await newcomer()
    expect(await identities.find(resourceId, user)).toEqual({ user, resourceId, tokenEpoch })
    expect(await identities.find(elsewhere, user)).toBeUndefined()
    expect(await identities.find(resourceId, userIdOf(resourceId, randomUUID()))).toBeUndefined()
  })

  it('has a higher token epoch after each revocation, and none gets lost', async () => {
    const { user, tokenEpoch } = await newcomer()
    expect(await Promise.all([1, 2, 3].map(() => identities.revokeTokens(resourceId, user)))).toEqual([
      true,
      true,
      true,
    ])
    expect((await identities.find(resourceId, user))?.tokenEpoch).toBe(tokenEpoch + 3)
  })

  it('is not revoked or deleted from another resource', async () => {
    const identity = await newcomer()
    expect(await identities.revokeTokens(elsewhere, identity.user)).toBe(false)
    expect(await identities.delete(elsewhere, identity.user)).toBe(false)
    expect(await identities.find(resourceId, identity.user)).toEqual(identity)
  })

  it('is deleted once, and its id is not given out again', async () => {
    const { user } = await newcomer()
    expect((await Promise.all([1, 2].map(() => identities.delete(resourceId, user)))).filter(Boolean)).toHaveLength(1)
    expect(await identities.find(resourceId, user)).toBeUndefined()
    expect(await identities.revokeTokens(resourceId, user)).toBe(false)
    await expect(identities.create(resourceId, user)).rejects.toThrow('Unique constraint')
  })

  it('cannot be made in a resource that does not exist', async () => {
    const nowhere = ResourceId.parse(randomUUID())
    await expect(identities.create(nowhere, userIdOf(nowhere, randomUUID()))).rejects.toThrow('Foreign key')
  })
})

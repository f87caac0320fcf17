/** What the doors of the phone network are made of. */
import type { ResourceId, TrunkHealth } from '@parley/protocol'
import type { FirstPhones } from '../../phones/first-trunk.ts'
import type { PhoneCallStore, PhoneStore } from '../../phones/phone-store.ts'
import type { Sealing } from '../../phones/sealing.ts'

export type PhoneDoors = {
  resourceId: ResourceId
  store: PhoneStore
  calls: Pick<PhoneCallStore, 'list'>
  /** The environment's trunk and numbers: shown, and changed by nobody. */
  first: FirstPhones
  sealing: Sealing
  /** How many numbers or calls a list shows at once; 100 when nothing is said. */
  pageSize?: number
  /** Those who hold the lines. */
  nodes: { changed(): void; healthOf(fqdn: string): TrunkHealth[] }
}

/** Nest's name for them. */
export const PHONE_DOORS = Symbol('PHONE_DOORS')

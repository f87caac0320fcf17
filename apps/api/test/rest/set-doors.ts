/** How a file of stories about the REST doors begins: they are open before the first story and closed after the last. */
import { afterAll, beforeAll } from '@jest/globals'
import type { Settings } from '../../src/settings.ts'
import { Stores } from '../../src/store/index.ts'
import { scratchDatabase, silent, type ScratchDatabase } from '../../src/store/scratch.ts'
import { RestDoors } from './rest-doors.ts'

/** Doors without a database. */
export function setDoors(): RestDoors {
  const doors = new RestDoors()
  beforeAll(() => doors.start())
  afterAll(() => doors.close())
  return doors
}

/** A database, with the doors of as many platforms as are asked for: what is one's is not another's. */
export function setDatabase(): { readonly stores: Stores; doors(settings?: Partial<Settings>): RestDoors } {
  let database: ScratchDatabase | undefined
  let stores: Stores | undefined
  const all = new Map<RestDoors, Partial<Settings>>()
  beforeAll(async () => {
    database = await scratchDatabase()
    const opened = await Stores.create({ databaseUrl: database.url, dataDir: 'unused', log: silent })
    stores = opened
    await Promise.all([...all].map(([doors, settings]) => doors.start({ settings, stores: opened })))
  }, 60_000)
  afterAll(async () => {
    await Promise.all([...all.keys()].map((doors) => doors.close()))
    await stores?.close()
    await database?.stop()
  }, 60_000)
  return {
    get stores() {
      if (stores === undefined) throw new Error('The database is not open yet.')
      return stores
    },
    doors(settings = {}) {
      const doors = new RestDoors()
      all.set(doors, settings)
      return doors
    },
  }
}

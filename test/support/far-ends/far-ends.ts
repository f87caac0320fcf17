/** The far ends that a file of flow tests has started: they go after its tests, also when something did not start. */
import { afterAll } from '@jest/globals'

type FarEnd = { goes(): Promise<void> }

export type FarEnds = {
  /** Keeps what is being started. */
  add<T extends FarEnd>(starting: Promise<T>): Promise<T>
}

/** Call it once in a describe block. */
export function setFarEnds(): FarEnds {
  const here: FarEnd[] = []
  afterAll(async () => {
    // Phones say goodbye to whom they have registered with, so the last to come go first.
    for (const one of here.splice(0).toReversed()) await one.goes()
  })
  return {
    async add(starting) {
      const started = await starting
      here.push(started)
      return started
    },
  }
}

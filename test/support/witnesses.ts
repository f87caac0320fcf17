/**
 * Two people who talk while somebody misbehaves. After each test they must have noticed nothing: no gap in the sound,
 * no change of state, no media worker that died.
 */
import { afterAll, afterEach, beforeAll, expect } from '@jest/globals'
import { BareConnection } from './bare-connection.ts'
import { Bystander } from './bystander.ts'
import { RawClient } from './raw-client.ts'
import { twoTalk, type Two } from './situations.ts'
import { setStage, type Stage } from './stage.ts'

export type Newcomer = { client: RawClient; id: string }

export type Misbehaving = {
  readonly stage: Stage
  readonly talking: Two
  /** Somebody with a session of his own; he is sent home after the test. */
  newcomer: (name: string) => Promise<Newcomer>
  /** A socket that has not said anything yet. */
  stranger: () => Promise<RawClient>
}

/** Call it once, at the top of a file. */
export function setWitnesses(settings: Parameters<typeof setStage>[0] = {}): Misbehaving {
  const stage = setStage(settings, { leaveAfter: 'all' })
  const clients: RawClient[] = []
  let talking: Two | undefined
  let bare: BareConnection | undefined
  const bystander = new Bystander()
  let workers: number[] = []

  function witnesses(): Two {
    if (talking === undefined) throw new Error('The witnesses do not talk yet.')
    return talking
  }

  function bareConnection(): BareConnection {
    if (bare === undefined) throw new Error('The witnesses have nothing to compare with yet.')
    return bare
  }

  beforeAll(async () => {
    talking = await twoTalk(stage)
    bare = await BareConnection.between(talking.ann, talking.bob)
    workers = stage.platform.workerPids()
    await Promise.all([talking.ann.listens(), talking.bob.listens()])
    bystander.takesLongestDelayMs()
  }, 60_000)

  afterAll(() => bystander.goes())

  afterEach(async () => {
    await Promise.all(clients.splice(0).map((client) => client.close()))
    const { ann, bob } = witnesses()
    const bearableMs = (await bareConnection().bearableGapMs()) + bystander.takesLongestDelayMs()
    const heard = await Promise.all([ann.hearing(bob), bob.hearing(ann)])
    // Before anything is said of it: a gap is one test's, and not that of those which follow.
    await Promise.all([ann.listens(), bob.listens()])
    for (const { longestGapMs } of heard) expect(longestGapMs).toBeLessThan(bearableMs)
    expect([ann.states.at(-1), bob.states.at(-1)]).toEqual(['Connected', 'Connected'])
    expect(stage.platform.workerPids()).toEqual(workers)
  })

  return {
    stage,
    get talking() {
      return witnesses()
    },
    newcomer: async (name) => {
      const { token, user } = await stage.platform.identities.createUserAndToken(['voip'])
      const client = await RawClient.hello(name, stage.platform.url, token)
      clients.push(client)
      return { client, id: user.communicationUserId }
    },
    stranger: async () => {
      const client = await RawClient.connect('A stranger', stage.platform.url)
      clients.push(client)
      return client
    },
  }
}

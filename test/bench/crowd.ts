/** The others in a call, in a process of their own: what it takes to be many is no work of the one who joins them. */
import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { within } from '../support/until.ts'

/** So many meet in a group, where the first of them speak. */
export type Gathering = { groupId: string; count: number; speaking: number[] }

const arrivalLimitMs = 120_000
const endLimitMs = 30_000

export class Crowd {
  readonly pid: number
  /** What memory each of them takes in their process. */
  readonly mibEach: number
  readonly #child: ChildProcess

  private constructor(child: ChildProcess, pid: number, mibEach: number) {
    this.#child = child
    this.pid = pid
    this.mibEach = mibEach
  }

  /** Resolves when all of them are where they meet. */
  static async gather(connectionString: string, gatherings: Gathering[]): Promise<Crowd> {
    const file = fileURLToPath(new URL('crowd-process.ts', import.meta.url))
    const child = fork(file, [connectionString, JSON.stringify(gatherings)])
    const { pid } = child
    if (pid === undefined) throw new Error('The process of the crowd did not start.')
    const mibEach = await within(arrivalLimitMs, 'crowd that has gathered', whatItSays(child))
    return new Crowd(child, pid, mibEach)
  }

  /** Sends everybody home. @throws when something had gone wrong for them */
  async leave(): Promise<void> {
    const ended = once(this.#child, 'exit')
    this.#child.disconnect()
    const [code] = await within(endLimitMs, 'end of the crowd', ended)
    if (code !== 0) throw new Error('Something went wrong for the crowd.')
  }
}

async function whatItSays(child: ChildProcess): Promise<number> {
  const failed = once(child, 'exit').then(() => Promise.reject(new Error('The crowd ended before it had gathered.')))
  const said = once(child, 'message').then(([mibEach]) => Number(mibEach))
  return Promise.race([said, failed])
}

/**
 * DATA_DIR has one owner. The lock is the kernel's (flock), held by a child that ends when our end of its pipe closes:
 * it cannot become stale, whatever kills us. The file that is locked names the owner, for the one who comes second.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { StoreFailure } from '../store-failure.ts'
import { isAlive } from './processes.ts'

/** How long the lock of an owner that was killed may take to go. */
const releaseLimitMs = 5_000
/** How long an owner that was just killed may still look alive: its end is not the moment of the signal. */
const dyingMs = 300
/** flock's exit code for a lock that is held; any number that it does not use itself. */
const heldByAnother = 75

export class Owner {
  readonly #holder: ChildProcess

  private constructor(holder: ChildProcess) {
    this.#holder = holder
  }

  /** @throws {StoreFailure} dataDirTaken, noTool */
  static async of(dataDir: string): Promise<Owner> {
    const file = join(dataDir, 'owner.pid')
    const startedAt = performance.now()
    for (;;) {
      const holder = await lock(file)
      if (holder !== undefined) {
        writeFileSync(file, `${process.pid}\n`)
        return new Owner(holder)
      }
      const pid = ownerIn(file)
      const waitedMs = performance.now() - startedAt
      if (waitedMs > releaseLimitMs || (waitedMs > dyingMs && pid !== undefined && isAlive(pid))) {
        throw new StoreFailure('dataDirTaken', { dir: dataDir, pid })
      }
      await delay(50)
    }
  }

  async release(): Promise<void> {
    if (this.#holder.exitCode !== null || this.#holder.signalCode !== null) return
    const ended = once(this.#holder, 'exit')
    this.#holder.stdin?.end()
    await ended
  }
}

/** The child that holds the lock; undefined when another one does. */
async function lock(file: string): Promise<ChildProcess | undefined> {
  const held = ['--exclusive', '--nonblock', '--conflict-exit-code', String(heldByAnother), '--no-fork', file]
  const holder = spawn('flock', [...held, 'sh', '-c', 'echo held; exec cat'], {
    stdio: ['pipe', 'pipe', 'ignore'],
    // A group of its own: Ctrl-C in the terminal ends us, and our end ends it.
    detached: true,
  })
  const ended = once(holder, 'exit') // rejects when there is no flock
  const isHeld = once(holder.stdout, 'data').then(() => 'held' as const)
  try {
    const outcome = await Promise.race([isHeld, ended])
    if (outcome === 'held') return holder
    if (outcome[0] === heldByAnother) return undefined
    throw new Error(`flock ended with ${String(outcome[0])}`)
  } catch (cause) {
    throw new StoreFailure('noTool', { name: 'flock' }, { cause })
  }
}

function ownerIn(file: string): number | undefined {
  const pid = Number.parseInt(readFileSync(file, 'utf8'), 10)
  return Number.isNaN(pid) ? undefined : pid
}

/** What /proc says about processes: which live, and which belong to a cluster. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'

/** Whether a process runs. One that has ended and was not yet waited for does not. */
export function isAlive(pid: number): boolean {
  // proc(5): the name in brackets may hold brackets and spaces itself, so the state is looked for behind the last one.
  const stat = read(() => readFileSync(`/proc/${pid}/stat`, 'utf8'))
  const state = stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3)
  return state !== '' && state !== 'Z' && state !== 'X'
}

/**
 * The processes of the PostgreSQL server on a cluster. Each of them has the cluster as its working folder; where that
 * may not be read (another uid in a container), the command line of the first one names it.
 */
export function serversOn(cluster: string): number[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  return pids.map(Number).filter((pid) => isAlive(pid) && (worksIn(pid, cluster) || wasStartedOn(pid, cluster)))
}

/** Waits until a condition holds; false when it does not within the limit. */
export async function until(condition: () => boolean, limitMs: number): Promise<boolean> {
  const endsAt = performance.now() + limitMs
  while (!condition()) {
    if (performance.now() > endsAt) return false
    await delay(20)
  }
  return true
}

function worksIn(pid: number, cluster: string): boolean {
  return read(() => readlinkSync(`/proc/${pid}/cwd`)) === cluster
}

function wasStartedOn(pid: number, cluster: string): boolean {
  const [program = '', ...args] = read(() => readFileSync(`/proc/${pid}/cmdline`, 'utf8')).split('\0')
  return program.endsWith('/postgres') && args.includes(cluster)
}

/** Empty for what has gone meanwhile, and for what is not ours to read. */
function read(from: () => string): string {
  try {
    return from()
  } catch {
    return ''
  }
}

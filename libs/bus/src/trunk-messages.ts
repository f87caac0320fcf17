/** How sip nodes learn their trunks, and how api learns how these are, typed on both sides. */
import { TrunkHealth, trunkSubjects, TrunkTable } from '@parley/protocol'
import type { Bus, Stop } from './bus.ts'
import { parseMessage } from './parse.ts'

/**
 * Asks api for all trunks.
 *
 * @throws {Refused} unavailable, when api cannot read them now
 * @throws {BusError} noServer, timedOut, closed or malformed
 */
export async function askTrunks(bus: Bus, options: { timeoutMs: number; signal?: AbortSignal }): Promise<TrunkTable> {
  const { table } = trunkSubjects
  return parseMessage(TrunkTable, await bus.request(table, {}, options), table)
}

export function serveTrunks(bus: Bus, give: () => Promise<TrunkTable>): Stop {
  return bus.serve(trunkSubjects.table, give)
}

/** Tells every sip node that the trunks have changed. What got lost is found when it asks again, every 30 s. */
export function publishTrunksChanged(bus: Bus): void {
  bus.publish(trunkSubjects.changed, {})
}

export function subscribeTrunksChanged(bus: Bus, listener: () => void | Promise<void>): Stop {
  return bus.subscribe(trunkSubjects.changed, listener)
}

/** A sip node tells how a trunk is. */
export function publishTrunkHealth(bus: Bus, health: TrunkHealth): void {
  bus.publish(trunkSubjects.health, health)
}

export function subscribeTrunkHealth(bus: Bus, listener: (health: TrunkHealth) => void | Promise<void>): Stop {
  const { health } = trunkSubjects
  return bus.subscribe(health, (body) => listener(parseMessage(TrunkHealth, body, health)))
}

/** Facts that nodes tell each other, typed on both sides. A malformed one is an error of its listener, and dropped. */
import { MediaReport, NodeAlive, subjects } from '@parley/protocol'
import type { Bus, Stop } from './bus.ts'
import { parseMessage } from './parse.ts'

/** An sfu tells what it has seen; one api takes it. */
export function publishReport(bus: Bus, report: MediaReport): void {
  bus.publish(subjects.mediaReports, report)
}

export function subscribeReports(bus: Bus, listener: (report: MediaReport) => void | Promise<void>): Stop {
  const subject = subjects.mediaReports
  return bus.subscribe(subject, (body) => listener(parseMessage(MediaReport, body, subject)), { group: 'api' })
}

/** A node tells all others that it lives. */
export function publishAlive(bus: Bus, alive: NodeAlive): void {
  bus.publish(subjects.nodes, alive)
}

export function subscribeAlive(bus: Bus, listener: (alive: NodeAlive) => void | Promise<void>): Stop {
  return bus.subscribe(subjects.nodes, (body) => listener(parseMessage(NodeAlive, body, subjects.nodes)))
}

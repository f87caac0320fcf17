/** Facts that nodes tell each other, typed on both sides. A malformed one is an error of its listener, and dropped. */
import {
  EffectName,
  events,
  MediaReport,
  NodeAlive,
  subjects,
  type AgentEvent,
  type EventName,
  type SessionId,
} from '@parley/protocol'
import { BusError, type Bus, type Stop } from './bus.ts'
import { parseMessage, type Schema } from './parse.ts'

const eventSchemas: Record<EventName, Schema<unknown>> = events

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

/** Sends an event to the api that holds a session's socket. `effect` names the effect that it carries out, if any. */
export function publishToSession(bus: Bus, session: SessionId, message: AgentEvent, effect?: EffectName): void {
  bus.publish(subjects.session(session), effect === undefined ? message : { ...message, effect })
}

/** Hears the events for one session. Effects may come twice: `effect` tells. */
export function subscribeSession(
  bus: Bus,
  session: SessionId,
  listener: (message: AgentEvent, effect?: EffectName) => void | Promise<void>,
): Stop {
  const subject = subjects.session(session)
  return bus.subscribe(subject, (body) => {
    const { message, effect } = readEvent(body, subject)
    return listener(message, effect)
  })
}

function readEvent(sent: unknown, subject: string): { message: AgentEvent; effect?: EffectName } {
  if (
    typeof sent !== 'object' ||
    sent === null ||
    !('event' in sent) ||
    !('body' in sent) ||
    !isEventName(sent.event)
  ) {
    throw new BusError('malformed', subject, { detail: 'no event that is known' })
  }
  const body = parseMessage(eventSchemas[sent.event], sent.body, subject)
  // The schema of an event's name gave the body; TypeScript does not tie the two together.
  const message = { event: sent.event, body } as AgentEvent
  return 'effect' in sent ? { message, effect: parseMessage(EffectName, sent.effect, subject) } : { message }
}

function isEventName(event: unknown): event is EventName {
  return typeof event === 'string' && Object.hasOwn(eventSchemas, event)
}

/**
 * Events for sessions, typed on both sides. What goes to one session has a subject of its own; what goes to many at
 * once goes over one that all hear, and is written once, and read once in each process, however many it is for.
 */
import { EffectName, events, SessionId, subjects, type AgentEvent, type EventName } from '@parley/protocol'
import { BusError, type Bus, type Stop } from './bus.ts'
import { parseMessage, type Schema } from './parse.ts'

/** An event is the same object for everyone here whom it is for: it is not to be changed. */
type Hearer = (message: AgentEvent, effect?: EffectName) => void | Promise<void>
type Heard = { message: AgentEvent; effect?: EffectName }

const eventSchemas: Record<EventName, Schema<unknown>> = events

/** Sends an event to whoever holds a session. `effect` names the effect that it carries out, if any. */
export function publishToSession(bus: Bus, session: SessionId, message: AgentEvent, effect?: EffectName): void {
  bus.publish(subjects.session(session), effect === undefined ? message : { ...message, effect })
}

/** Sends the same event to many sessions, each of which gets it in the order of all that is sent to it. */
export function publishToSessions(bus: Bus, sessions: SessionId[], message: AgentEvent, effect?: EffectName): void {
  const [first, second] = sessions
  if (first === undefined) return
  if (second === undefined) return publishToSession(bus, first, message, effect)
  bus.publish(subjects.sessions, { ...message, sessions, ...(effect === undefined ? {} : { effect }) })
}

/** Hears the events for one session. Effects may come twice: `effect` tells. */
export function subscribeSession(bus: Bus, session: SessionId, hearer: Hearer): Stop {
  const subject = subjects.session(session)
  const stop = bus.subscribe(subject, (body) => {
    const { message, effect } = readEvent(body, subject)
    return hearer(message, effect)
  })
  const leave = hallOf(bus).enter(session, hearer)
  return () => {
    stop()
    leave()
  }
}

/** Who in this process hears what is for many, on one bus. */
class Hall {
  readonly #bus: Bus
  readonly #hearers = new Map<SessionId, Set<Hearer>>()
  #stop: Stop | undefined

  constructor(bus: Bus) {
    this.#bus = bus
  }

  enter(session: SessionId, hearer: Hearer): Stop {
    const hearers = this.#hearers.get(session) ?? new Set()
    this.#hearers.set(session, hearers.add(hearer))
    this.#stop ??= this.#bus.subscribe(subjects.sessions, (body) => this.#tell(body))
    return () => {
      hearers.delete(hearer)
      if (hearers.size === 0 && this.#hearers.get(session) === hearers) this.#hearers.delete(session)
      if (this.#hearers.size > 0) return
      this.#stop?.()
      this.#stop = undefined
    }
  }

  /** One who fails keeps nobody else from hearing it. */
  async #tell(body: unknown): Promise<void> {
    const { message, effect } = readEvent(body, subjects.sessions)
    const underWay: Promise<void>[] = []
    for (const session of sessionsIn(body)) {
      for (const hearer of this.#hearers.get(session) ?? []) {
        const hearing = hear(hearer, message, effect)
        if (hearing !== undefined) underWay.push(hearing)
      }
    }
    const failed = (await Promise.allSettled(underWay)).find((one) => one.status === 'rejected')
    if (failed !== undefined) throw failed.reason
  }
}

/** Most are done at once: for them nothing is left to wait for. */
function hear(hearer: Hearer, message: AgentEvent, effect: EffectName | undefined): Promise<void> | undefined {
  try {
    return hearer(message, effect) ?? undefined
  } catch (error) {
    return Promise.reject(error)
  }
}

/** One hall for each bus, so that each holder of a session need not know of the others. */
const halls = new WeakMap<Bus, Hall>()

function hallOf(bus: Bus): Hall {
  const hall = halls.get(bus) ?? new Hall(bus)
  halls.set(bus, hall)
  return hall
}

function sessionsIn(body: unknown): SessionId[] {
  const { sessions } = body as { sessions?: unknown } // readEvent has seen that it is an object
  if (!Array.isArray(sessions)) throw new BusError('malformed', subjects.sessions, { detail: 'no sessions' })
  return sessions.map((session) => parseMessage(SessionId, session, subjects.sessions))
}

function readEvent(sent: unknown, subject: string): Heard {
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

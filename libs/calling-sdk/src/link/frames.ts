import {
  type AgentEvent,
  EventFrame,
  type EventName,
  events,
  ReplyFrame,
  type RequestResult,
  type Verb,
  verbs,
} from '@parley/protocol'
import { failed } from '../calling-error.ts'

/** A frame from the server, as far as its envelope can be read. */
export type Frame = { is: 'event'; frame: EventFrame } | { is: 'reply'; frame: ReplyFrame }

/** Reads a frame; undefined for what is no frame of this protocol. */
export function readFrame(text: unknown): Frame | undefined {
  const frame = parseJson(text)
  if (typeof frame !== 'object' || frame === null) return undefined
  if ('seq' in frame) {
    const read = EventFrame.safeParse(frame)
    return read.success ? { is: 'event', frame: read.data } : undefined
  }
  const read = ReplyFrame.safeParse(frame)
  return read.success ? { is: 'reply', frame: read.data } : undefined
}

/** Reads an event; undefined for one that this version does not know or cannot read. */
export function readEvent(frame: EventFrame): AgentEvent | undefined {
  if (!isEventName(frame.event)) return undefined
  const read = events[frame.event].safeParse(frame.body)
  // The name picked the schema that the body has just passed; TypeScript does not follow a pair through a map.
  return read.success ? ({ event: frame.event, body: read.data } as AgentEvent) : undefined
}

/** Reads the result of a verb. Throws *badReply* when it is not what the protocol promises. */
export function readResult<V extends Verb>(verb: V, ok: unknown): RequestResult<V> {
  const read = verbs[verb].result.safeParse(ok)
  if (!read.success) throw failed('badReply', { detail: verb, cause: read.error })
  // As above: the verb picked the schema.
  return read.data as RequestResult<V>
}

const isEventName = (name: string): name is EventName => Object.hasOwn(events, name)

function parseJson(text: unknown): unknown {
  try {
    return typeof text === 'string' ? JSON.parse(text) : undefined
  } catch {
    // No JSON is no frame: the caller says so.
    return undefined
  }
}

/** Frames of the socket, to and from text. What cannot be read is a Refused, so that it gets its one reply too. */
import { Refused, refusalOf, RequestFrame, verbs, type AgentEvent, type RequestBody, type Verb } from '@parley/protocol'
import type { RawData } from 'ws'

/** A request whose frame could be read; its verb and body are still unchecked. */
export type Request = { id: string; verb: string; body: unknown }

/** Reads a frame. @throws Refused 'badFrame' */
export function readRequest(data: RawData, isBinary: boolean): Request {
  if (isBinary) throw new Refused('badFrame', { detail: 'Binary frames are not understood; send JSON as text.' })
  const read = RequestFrame.safeParse(parseJson(data.toString()))
  if (!read.success) throw new Refused('badFrame', { detail: read.error.issues[0]?.message ?? '' })
  return read.data
}

/** The id of a frame whose rest is wrong, so that its sender can tell which request was refused. */
export function idIn(data: RawData, isBinary: boolean): string | undefined {
  if (isBinary) return undefined
  try {
    const id: unknown = (JSON.parse(data.toString()) as { id?: unknown } | null)?.id
    return typeof id === 'string' && id.length <= 64 ? id : undefined
  } catch {
    return undefined // no JSON, so no id
  }
}

/** Checks a body against its verb. @throws Refused 'unknownVerb' or 'badRequest' with the path of what was wrong */
export function readBody<V extends Verb>(verb: V, body: unknown): RequestBody<V> {
  const read = verbs[verb].body.safeParse(body)
  if (read.success) return read.data as RequestBody<V> // the schema of this very verb gave it
  const issue = read.error.issues[0]
  throw new Refused('badRequest', {
    ...(issue === undefined ? {} : { path: issue.path.join('.'), detail: `${issue.path.join('.')}: ${issue.message}` }),
  })
}

/** Narrows a verb. @throws Refused 'unknownVerb' */
export function asVerb(verb: string): Verb {
  if (!Object.hasOwn(verbs, verb)) throw new Refused('unknownVerb')
  return verb as Verb // an own key of verbs
}

/** The reply to a request that was carried out. */
export function okFrame(id: string, result: unknown): string {
  return JSON.stringify({ re: id, ok: result })
}

/** The reply to a request that was refused. Anything but a Refused is a fault of ours and says only that. */
export function errorFrame(id: string | undefined, error: unknown): string {
  const refused = error instanceof Refused ? error : new Refused('internal')
  return JSON.stringify({ ...(id === undefined ? {} : { re: id }), error: refusalOf(refused) })
}

/** An event with its place in the session's sequence. One that goes to many is the same object for all, and written once. */
export function eventFrame(seq: number, message: AgentEvent): string {
  const written = eventsWritten.get(message) ?? JSON.stringify(message).slice(1)
  eventsWritten.set(message, written)
  return `{"seq":${seq},${written}`
}

const eventsWritten = new WeakMap<AgentEvent, string>()

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new Refused('badFrame', { detail: 'It is no JSON.', cause: error })
  }
}

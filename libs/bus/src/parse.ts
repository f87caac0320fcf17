/** The door of the bus: what others sent becomes a typed value, or an error that names what was wrong. */
import { Refused } from '@parley/protocol'
import { BusError } from './bus.ts'

type Issue = { path: PropertyKey[]; message: string }
type Read<T> = { success: true; data: T } | { success: false; error: { issues: Issue[] } }
/** What is asked of a schema; every zod schema has it. */
export type Schema<T> = { safeParse(value: unknown): Read<T> }

/** Reads a fact or an answer. @throws {BusError} malformed */
export function parseMessage<T>(schema: Schema<T>, body: unknown, subject: string): T {
  const read = schema.safeParse(body)
  if (read.success) return read.data
  const { path, message } = firstIssueOf(read.error.issues)
  throw new BusError('malformed', subject, { detail: path === '' ? message : `${path}: ${message}` })
}

/** Reads an order. @throws {Refused} badRequest, which the requester gets */
export function parseOrder<T>(schema: Schema<T>, body: unknown): T {
  const read = schema.safeParse(body)
  if (read.success) return read.data
  const { path, message } = firstIssueOf(read.error.issues)
  throw new Refused('badRequest', { path, detail: message })
}

function firstIssueOf([issue]: Issue[]): { path: string; message: string } {
  return { path: issue?.path.map(String).join('.') ?? '', message: issue?.message ?? 'cannot be read' }
}

/** INFO inside of a session (RFC 6086 for what it is, RFC 2976 for how it is used here: without packages). */
import { dtmfRelayType, readInfoDigit, writeInfoDigit } from '../dialogs/index.ts'
import { bodyText, ContentType } from '../messages/index.ts'
import type { ServerTransaction } from '../transactions/index.ts'
import { reply } from './answering.ts'
import { endIfLost } from './losses.ts'
import type { SessionPart } from './session-part.ts'

export function takeInfo(session: SessionPart, transaction: ServerTransaction): void {
  const { request } = transaction
  const contentType = request.headers.get(ContentType)?.value
  const body = bodyText(request)
  reply(session.context, transaction, 200)
  session.emit('info', { contentType, body, digit: readInfoDigit(contentType, body), request })
}

export async function sendInfo(session: SessionPart, contentType: string, body: string): Promise<void> {
  try {
    await session.confirmedLink().ask('INFO', { contentType, body })
  } catch (error) {
    endIfLost(session, error)
    throw error
  }
}

export function sendInfoDigit(session: SessionPart, digit: string, durationMs: number): Promise<void> {
  return sendInfo(session, dtmfRelayType, writeInfoDigit({ digit, durationMs }))
}

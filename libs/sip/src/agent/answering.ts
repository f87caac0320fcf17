/** Responses of ours, with what each of them has to tell. */
import { nameAddr } from '../grammar/index.ts'
import { bodyOf, Contact, responseTo, type Response } from '../messages/index.ts'
import type { ServerTransaction } from '../transactions/index.ts'
import { tellAbilities } from './abilities.ts'
import type { AgentContext } from './context.ts'
import { bodyParts, putHeaders, type Parts } from './dialog-link.ts'

export type ReplyParts = Parts & { reason?: string | undefined }

/** A response to be given to `respond`. */
export function responseOf(
  context: AgentContext,
  transaction: ServerTransaction,
  status: number,
  parts: ReplyParts = {},
): Response {
  const { reason, headers } = parts
  const named = reason === undefined ? {} : { reason }
  const response = responseTo(transaction.request, status, { toTag: transaction.toTag, ...named })
  if (context.name !== undefined) response.headers.setText('Server', context.name)
  putHeaders(response, headers)
  return { ...response, ...bodyOf(response.headers, bodyParts(parts)) }
}

export function reply(
  context: AgentContext,
  transaction: ServerTransaction,
  status: number,
  parts: ReplyParts = {},
): void {
  transaction.respond(responseOf(context, transaction, status, parts))
}

/** RFC 3261 section 12.1.1: what makes or keeps a dialog tells where we are, and what we can do (section 13.3.1). */
export function tellWhoWeAre(
  context: AgentContext,
  transaction: ServerTransaction,
  response: Response,
  contactUser: string | undefined,
): void {
  response.headers.setAll(Contact, [nameAddr(context.layer.contactOn(transaction.flow, contactUser))])
  tellAbilities(response.headers)
}

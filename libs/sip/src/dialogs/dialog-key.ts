/**
 * The name of a dialog: Call-ID and both tags (RFC 3261 section 12), and nothing else. Far ends are met that send requests
 * to another URI than our Contact, so that is never looked at.
 */
import { CallId, From, tagOf, To, type Request } from '../messages/index.ts'

export function dialogKey(callId: string, localTag: string, remoteTag: string): string {
  // None of the three can hold a space.
  return `${callId} ${localTag} ${remoteTag}`
}

/** The dialog to which a request that came in belongs; undefined when it belongs to none. */
export function dialogKeyOf({ headers }: Request): string | undefined {
  const localTag = tagOf(headers.need(To))
  if (localTag === undefined) return undefined
  return dialogKey(headers.need(CallId), localTag, tagOf(headers.need(From)) ?? '')
}

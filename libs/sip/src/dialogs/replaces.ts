/** Replaces (RFC 3891): a dialog named so that another one takes its place, in a header or in the URI of a Refer-To. */
import { escaped, GrammarError, may, unescaped, type SipUri, type Uri } from '../grammar/index.ts'
import { Headers, Replaces, type ReplacedDialog } from '../messages/index.ts'
import type { Dialog } from './dialog.ts'

/** As the other side of this dialog has to be told of it: tags are named as the receiver of the INVITE sees them. */
export function replaceable(dialog: Dialog): ReplacedDialog {
  // RFC 3891 section 3: the receiver's own tag is `to-tag`, and he is our dialog's other side.
  return { callId: dialog.callId, toTag: dialog.remoteTag, fromTag: dialog.localTag, isEarlyOnly: false }
}

/** A Refer-To that asks for an INVITE with Replaces (RFC 3891 section 1, RFC 5589 section 7). */
export function withReplaces(target: SipUri, dialog: ReplacedDialog): SipUri {
  const value = escaped(Replaces.write(dialog), may.uriHeader)
  return { ...target, headers: new Map(target.headers).set('replaces', value) }
}

/** The dialog that a Refer-To's URI names; undefined when it names none. Throws a GrammarError for a broken one. */
export function replacesIn(target: Uri): ReplacedDialog | undefined {
  const written = target.kind === 'sip' ? target.headers.get('replaces') : undefined
  if (written === undefined) return undefined
  const value = unescaped(written)
  if (value === undefined) throw new GrammarError('Refer-To: an escape is broken')
  return new Headers().setText('Replaces', value).get(Replaces)
}

/** The URI alone, as an INVITE may have it (RFC 3261 section 19.1.5: headers of a URI become headers of the request). */
export function withoutHeaders(uri: Uri): Uri {
  return uri.kind === 'sip' && uri.headers.size > 0 ? { ...uri, headers: new Map() } : uri
}

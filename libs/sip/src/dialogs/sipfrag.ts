/** A piece of a message as the body of another (RFC 3420): how a NOTIFY tells what became of a REFER. */
import { reasonPhrase } from '../messages/index.ts'

export const sipfragType = 'message/sipfrag'

export function writeStatusFragment(status: number, reason = reasonPhrase(status)): string {
  return `SIP/2.0 ${status} ${reason.replace(/[\r\n]/g, ' ')}\r\n`
}

/** Undefined when the first line is no status line. */
export function readStatusFragment(body: string): { status: number; reason: string } | undefined {
  const [first = ''] = body.split(/\r?\n/, 1)
  const [version = '', status = '', ...words] = first.split(' ', 64)
  if (version.toUpperCase() !== 'SIP/2.0' || !/^[1-6][0-9]{2}$/.test(status)) return undefined
  return { status: Number(status), reason: words.join(' ').trim() }
}

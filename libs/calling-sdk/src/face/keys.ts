/** The keys of a telephone, as ACS names them (DtmfTone) and as telephones do. */
import { Tones } from '@parley/protocol'
import { failed } from '../calling-error.ts'
import type { DtmfTone } from './contract/call.ts'

const others: readonly (readonly [DtmfTone, string])[] = [
  ['Star', '*'],
  ['Pound', '#'],
]

/** What goes to the server for a tone. @throws *notSupported* for Flash, which no phone at the other end has */
export function keyOf(tone: DtmfTone): Tones {
  const other = others.find(([name]) => name === tone)
  const read = Tones.safeParse(other?.[1] ?? tone.replace(/^Num/, ''))
  if (!read.success || read.data.length > 1) throw failed('notSupported')
  return read.data
}

/** The tone of a key that a phone has pressed. */
export function toneOf(key: string): DtmfTone {
  const other = others.find(([, name]) => name === key)
  // The keys that are left are 0 to 9 and A to D, all of which are tones.
  return other?.[0] ?? ((/[0-9]/.test(key) ? `Num${key}` : key) as DtmfTone)
}

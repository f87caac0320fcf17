/** The keys of a telephone: as they stand on it, and as the SDK names them (ACS: DtmfTone). */
import type { Call } from '@parley/calling-sdk'

export type Tone = Parameters<Call['sendDtmf']>[0]

/** Row by row, with the letters that telephones have under them (ITU-T E.161). */
export const keys = [
  { key: '1', letters: '' },
  { key: '2', letters: 'ABC' },
  { key: '3', letters: 'DEF' },
  { key: '4', letters: 'GHI' },
  { key: '5', letters: 'JKL' },
  { key: '6', letters: 'MNO' },
  { key: '7', letters: 'PQRS' },
  { key: '8', letters: 'TUV' },
  { key: '9', letters: 'WXYZ' },
  { key: '*', letters: '' },
  { key: '0', letters: '' },
  { key: '#', letters: '' },
] as const

export type Key = (typeof keys)[number]['key']

export function isKey(text: string): text is Key {
  return keys.some(({ key }) => key === text)
}

export function toneOf(key: Key): Tone {
  if (key === '*') return 'Star'
  return key === '#' ? 'Pound' : `Num${key}`
}

/** What stands on the key of a tone. A to D stand on few telephones, and Flash on none. */
export function keyOf(tone: Tone): string {
  if (tone === 'Star') return '*'
  return tone === 'Pound' ? '#' : tone.replace('Num', '')
}

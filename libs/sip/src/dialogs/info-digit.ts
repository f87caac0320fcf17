/** Digits of a telephone in INFO: application/dtmf-relay and application/dtmf, which nobody has ever standardised. */

export type InfoDigit = { digit: string; durationMs: number }

export const dtmfRelayType = 'application/dtmf-relay'
const usualDurationMs = 160

export function writeInfoDigit({ digit, durationMs }: InfoDigit): string {
  return `Signal=${digit}\r\nDuration=${durationMs}\r\n`
}

/** Undefined when this is no digit. */
export function readInfoDigit(contentType: string | undefined, body: string): InfoDigit | undefined {
  if (contentType === dtmfRelayType) return readRelay(body)
  const digit = contentType === 'application/dtmf' ? digitOf(body.trim()) : undefined
  return digit === undefined ? undefined : { digit, durationMs: usualDurationMs }
}

function readRelay(body: string): InfoDigit | undefined {
  const values = new Map<string, string>()
  for (const line of body.split(/\r?\n/, 16)) {
    const at = line.indexOf('=')
    if (at > 0) values.set(line.slice(0, at).trim().toLowerCase(), line.slice(at + 1).trim())
  }
  const digit = digitOf(values.get('signal') ?? '')
  const stated = values.get('duration') ?? ''
  const durationMs = /^[0-9]{1,5}$/.test(stated) ? Number(stated) : usualDurationMs
  return digit === undefined ? undefined : { digit, durationMs }
}

/** Some send the number of the event instead: 10 is the star, 11 the hash, 12 to 15 are A to D (RFC 4733 section 3.2). */
function digitOf(written: string): string | undefined {
  if (/^[0-9*#A-Da-d]$/.test(written)) return written.toUpperCase()
  return /^1[0-5]$/.test(written) ? '*#ABCD'.charAt(Number(written) - 10) : undefined
}

/** Codecs of an m= line: payload types with what rtpmap and fmtp say of them (RFC 8866 section 6.6, RFC 3551). */
import { attributesOf, type Attribute, type MediaDescription } from './description.ts'

/** `name` as its registration writes it; compared without regard to small and capital letters. */
export type Codec = { payloadType: number; name: string; clockRate: number; channels: number; fmtp?: string }

/** RFC 3551 section 6: these mean something without an rtpmap. The clock of G722 is 8000 by an old mistake. */
const fixed: readonly Codec[] = [
  { payloadType: 0, name: 'PCMU', clockRate: 8000, channels: 1 },
  { payloadType: 3, name: 'GSM', clockRate: 8000, channels: 1 },
  { payloadType: 4, name: 'G723', clockRate: 8000, channels: 1 },
  { payloadType: 8, name: 'PCMA', clockRate: 8000, channels: 1 },
  { payloadType: 9, name: 'G722', clockRate: 8000, channels: 1 },
  { payloadType: 13, name: 'CN', clockRate: 8000, channels: 1 },
  { payloadType: 15, name: 'G728', clockRate: 8000, channels: 1 },
  { payloadType: 18, name: 'G729', clockRate: 8000, channels: 1 },
]

/** In the order of the m= line. Dynamic types without an rtpmap mean nothing and are left out. */
export function codecsOf(medium: MediaDescription): Codec[] {
  const maps = byPayloadType(attributesOf(medium, 'rtpmap'))
  const parameters = byPayloadType(attributesOf(medium, 'fmtp'))
  const seen = new Set<number>()
  return medium.formats.flatMap((format) => {
    const payloadType = /^[0-9]{1,3}$/.test(format) ? Number(format) : 128
    if (payloadType > 127 || seen.has(payloadType)) return []
    seen.add(payloadType)
    const codec = mapped(payloadType, maps.get(payloadType)) ?? fixed.find((one) => one.payloadType === payloadType)
    const fmtp = parameters.get(payloadType)
    return codec === undefined ? [] : [fmtp === undefined ? codec : { ...codec, fmtp }]
  })
}

function byPayloadType(values: readonly string[]): Map<number, string> {
  const found = new Map<number, string>()
  for (const value of values) {
    const space = value.indexOf(' ')
    const payloadType = Number(value.slice(0, Math.max(space, 0)))
    if (space > 0 && !found.has(payloadType)) found.set(payloadType, value.slice(space + 1).trim())
  }
  return found
}

function mapped(payloadType: number, map: string | undefined): Codec | undefined {
  const [name = '', clock = '', channels = '1'] = map?.split('/', 3) ?? []
  const [clockRate, count] = [Number(clock), Number(channels)]
  if (name === '' || !Number.isInteger(clockRate) || clockRate <= 0 || !Number.isInteger(count)) return undefined
  return { payloadType, name, clockRate, channels: Math.max(count, 1) }
}

/** The lines that tell a codec to the other side. */
export function codecAttributes({ payloadType, name, clockRate, channels, fmtp }: Codec): Attribute[] {
  const map = `${payloadType} ${name}/${clockRate}${channels === 1 ? '' : `/${channels}`}`
  return [
    { name: 'rtpmap', value: map },
    ...(fmtp === undefined ? [] : [{ name: 'fmtp', value: `${payloadType} ${fmtp}` }]),
  ]
}

/** Whether two payload types, one of each side, carry the same. Parameters are the affair of those who code. */
export function isSameCodec(one: Codec, other: Codec): boolean {
  return (
    one.name.toLowerCase() === other.name.toLowerCase() &&
    one.clockRate === other.clockRate &&
    one.channels === other.channels
  )
}

/** telephone-event (RFC 4733) and comfort noise go along with codecs and are none by themselves. */
export function isVoice({ name }: Codec): boolean {
  const small = name.toLowerCase()
  return small !== 'telephone-event' && small !== 'cn' && small !== 'red'
}

export function isTelephoneEvent({ name }: Codec): boolean {
  return name.toLowerCase() === 'telephone-event'
}

/** G.711: eight bits for a sample, A-law and µ-law (ITU-T G.711), by tables that are made once. */

export type G711Law = 'PCMU' | 'PCMA'

/** G.711 has so many samples a second. */
export const g711Rate = 8_000

/** What silence is on the wire. */
export const g711Silence: Record<G711Law, number> = { PCMU: 0xff, PCMA: 0xd5 }

/** Sign, exponent of three bits, mantissa of four; all bits are sent inverted. */
const mu = Int16Array.from({ length: 256 }, (_, byte) => {
  const bits = ~byte & 0xff
  const magnitude = ((((bits & 0x0f) << 3) + 0x84) << ((bits >> 4) & 7)) - 0x84
  return (bits & 0x80) === 0 ? magnitude : -magnitude
})

/** The same, but every other bit is inverted, and the lowest exponent is linear. */
const a = Int16Array.from({ length: 256 }, (_, byte) => {
  const bits = byte ^ 0x55
  const exponent = (bits >> 4) & 7
  const mantissa = ((bits & 0x0f) << 4) + 8
  const magnitude = exponent === 0 ? mantissa : (mantissa + 0x100) << (exponent - 1)
  return (bits & 0x80) === 0 ? -magnitude : magnitude
})

const linearOf: Record<G711Law, Int16Array> = { PCMU: mu, PCMA: a }
/** For each 16-bit sample, its lowest two bits left out: neither law tells those apart. */
const byteOf: Record<G711Law, Uint8Array> = { PCMU: inverse(mu), PCMA: inverse(a) }
const toPcma = Uint8Array.from(mu, (sample) => nearest('PCMA', sample))

/** The byte whose sample is nearest to each value, found by walking both in order. */
function inverse(law: Int16Array): Uint8Array {
  const sorted = Array.from(law, (sample, byte) => ({ sample, byte })).toSorted(
    (one, other) => one.sample - other.sample,
  )
  let at = 0
  return Uint8Array.from({ length: 0x4000 }, (_, index) => {
    const value = 4 * index - 0x8000 + 2
    while (at + 1 < sorted.length && distance(sorted, at + 1, value) <= distance(sorted, at, value)) at += 1
    return sorted[at]?.byte ?? 0
  })
}

function distance(sorted: readonly { sample: number }[], at: number, value: number): number {
  return Math.abs((sorted[at]?.sample ?? 0) - value)
}

function nearest(law: G711Law, sample: number): number {
  return byteOf[law][(sample + 0x8000) >> 2] ?? 0
}

/** Samples out of a payload. */
export function decodeG711(law: G711Law, payload: Uint8Array): Int16Array {
  const [table, samples] = [linearOf[law], new Int16Array(payload.length)]
  for (let n = 0; n < samples.length; n += 1) samples[n] = table[payload[n] ?? 0] ?? 0
  return samples
}

/** A payload out of samples. */
export function encodeG711(law: G711Law, samples: Int16Array): Buffer {
  const [table, payload] = [byteOf[law], Buffer.allocUnsafe(samples.length)]
  for (let n = 0; n < samples.length; n += 1) payload[n] = table[((samples[n] ?? 0) + 0x8000) >> 2] ?? 0
  return payload
}

/** How loud a payload is, in dB below overload, as RFC 6464 counts: 127 is silence. */
export function g711Level(law: G711Law, payload: Uint8Array): number {
  const table = linearOf[law]
  let power = 0
  for (let n = 0; n < payload.length; n += 1) power += (table[payload[n] ?? 0] ?? 0) ** 2
  return levelOfPower(power / Math.max(1, payload.length))
}

/** The same for samples. */
export function levelOf(samples: Int16Array): number {
  let power = 0
  for (let n = 0; n < samples.length; n += 1) power += (samples[n] ?? 0) ** 2
  return levelOfPower(power / Math.max(1, samples.length))
}

/** What coding makes out of silence is silence. */
function levelOfPower(meanSquare: number): number {
  return meanSquare < 100 ? 127 : Math.min(127, Math.max(0, Math.round(-10 * Math.log10(meanSquare / 0x8000 ** 2))))
}

/** µ-law as A-law, byte by byte (ITU-T G.711 tables 3 and 4). */
export function pcmaOf(pcmu: Uint8Array): Buffer {
  return Buffer.from(pcmu.map((byte) => toPcma[byte] ?? 0))
}

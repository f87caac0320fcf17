/**
 * Trunks: the ways into the phone network. api keeps them and decides which of them a call may take; sip nodes ask for
 * all of them at their start and after each change, hold the lines, and tell how they are.
 */
import * as z from 'zod/mini'
import { EpochMs, NodeId } from './ids.ts'
import { PhoneNumber } from './raw-id.ts'

/** What nodes tell each other of trunks, by subject. */
export const trunkSubjects = {
  /** A request without a body, answered with the TrunkTable. */
  table: 'trunks.table',
  /** The table has changed: ask again. Credentials are not published. */
  changed: 'trunks.changed',
  /** How a sip node finds its trunks; every api hears it. */
  health: 'trunks.health',
}

export const TrunkTransport = z.enum(['udp', 'tcp', 'tls'])
export type TrunkTransport = z.infer<typeof TrunkTransport>

/** Whether sound is encrypted (SDES, RFC 4568). */
export const TrunkSrtp = z.enum(['off', 'optional', 'required'])
export type TrunkSrtp = z.infer<typeof TrunkSrtp>

export const TrunkCodec = z.enum(['PCMU', 'PCMA', 'G722', 'opus'])
export type TrunkCodec = z.infer<typeof TrunkCodec>

/** How a trunk wants numbers written. `national` writes those of its own country with the national prefix. */
export const NumberFormat = z.enum(['+E164', 'E164', '00E164', 'national'])
export type NumberFormat = z.infer<typeof NumberFormat>

/** Whether sound goes to where it comes from, instead of where the SDP says; auto: where that address is private. */
export const SymmetricRtp = z.enum(['off', 'auto', 'on'])
export type SymmetricRtp = z.infer<typeof SymmetricRtp>

/** A trunk as a sip node needs it. */
export const Trunk = z.object({
  /** Its name in routes and records, the domain of its URIs, and the name that its certificate must carry. */
  fqdn: z.string(),
  /** Where it is reached, when that is not its FQDN: a host name or an address. */
  address: z.optional(z.string()),
  port: z.int().check(z.gte(1), z.lte(65_535)),
  transport: TrunkTransport,
  /** What answers its challenges, and what a phone call must answer that comes without a known address. */
  account: z.optional(z.object({ user: z.string(), password: z.string(), realm: z.optional(z.string()) })),
  /** Whether we register there with the account, so that calls come in. */
  registers: z.boolean(),
  /** The best first. */
  codecs: z.array(TrunkCodec),
  srtp: TrunkSrtp,
  symmetricRtp: SymmetricRtp,
  /** From where calls may come beside the addresses of its FQDN: addresses, or networks as `192.0.2.0/24`. */
  sources: z.array(z.string()),
  numberFormat: NumberFormat,
  /** Digits, without plus: completes numbers that come without one, and says which are national. */
  countryCode: z.optional(z.string()),
  /** What stands before a number within its country: `0` in most, nothing in some. */
  nationalPrefix: z.string(),
  /** Whether its P-Asserted-Identity is believed, and ours is sent to it. */
  isTrusted: z.boolean(),
  /** Whether a REFER from it is carried out. */
  mayTransfer: z.boolean(),
})
export type Trunk = z.infer<typeof Trunk>

/** All trunks. While it drains, new calls are answered with 503 and those that run go on. */
export const TrunkTable = z.object({ isDraining: z.boolean(), trunks: z.array(Trunk) })
export type TrunkTable = z.infer<typeof TrunkTable>

/** How a trunk is, as one sip node sees it; told after each change and every 30 s. */
export const TrunkHealth = z.object({
  node: NodeId,
  fqdn: z.string(),
  /** What became of our OPTIONS (ACS: ping status). */
  ping: z.enum(['unknown', 'ok', 'expired', 'error']),
  registration: z.enum(['none', 'trying', 'registered', 'refused']),
  /** What the operator should know: the status that refused us, or why nothing answers. */
  says: z.optional(z.string().check(z.maxLength(256))),
  at: EpochMs,
})
export type TrunkHealth = z.infer<typeof TrunkHealth>

type Writing = Pick<Trunk, 'numberFormat' | 'countryCode' | 'nationalPrefix'>

/** A number as a trunk wants it. Short codes stay as they are. */
export function numberAsDialled(number: PhoneNumber, { numberFormat, countryCode, nationalPrefix }: Writing): string {
  if (!number.startsWith('+')) return number
  const digits = number.slice(1)
  switch (numberFormat) {
    case '+E164':
      return number
    case 'E164':
      return digits
    case '00E164':
      return `00${digits}`
    case 'national': {
      const isAtHome = countryCode !== undefined && digits.startsWith(countryCode)
      return isAtHome ? nationalPrefix + digits.slice(countryCode.length) : `00${digits}`
    }
  }
}

/** A number as a trunk writes it, read; undefined for what is none, or cannot be told from a part of one. */
export function numberAsReceived(
  written: string,
  { numberFormat, countryCode, nationalPrefix }: Writing,
): PhoneNumber | undefined {
  // RFC 3966 5.1.1: visual separators say nothing.
  const text = written.replace(/^tel:/i, '').replaceAll(/[-.() ]/g, '')
  const read = PhoneNumber.safeParse(inFull(text))
  return read.success ? read.data : undefined

  function inFull(digits: string): string {
    if (digits.startsWith('+') || digits.length <= longestShortCode) return digits
    if (digits.startsWith('00')) return `+${digits.slice(2)}`
    if (numberFormat === 'E164') return `+${digits}`
    if (countryCode === undefined || !digits.startsWith(nationalPrefix)) return digits
    return `+${countryCode}${digits.slice(nationalPrefix.length)}`
  }
}

/** What is shorter than this is taken as a code of the trunk's own network. */
const longestShortCode = 6

/**
 * What the operator of one resource has settled about the phone network: its trunks, the routes that lead to them, and
 * the limits. The REST doors write it, Phones decides by it, sip nodes get their part of it. Numbers are kept apart, see
 * own-number.ts.
 */
import { NumberFormat, SymmetricRtp, TrunkCodec, TrunkSrtp, TrunkTransport } from '@parley/protocol'
import * as z from 'zod/mini'

/** What a trunk may carry: at once, and begun within a minute. Absent is no limit. */
const Limits = { callsAtOnce: z.optional(z.int()), callsPerMinute: z.optional(z.int()) }

/** A trunk as it is kept. Its name is compared without case and shown as it was written. */
export const KeptTrunk = z.object({
  fqdn: z.string(),
  port: z.int(),
  transport: TrunkTransport,
  address: z.optional(z.string()),
  /** The password is sealed, see sealing.ts. */
  account: z.optional(
    z.object({ user: z.string(), sealedPassword: z.optional(z.string()), realm: z.optional(z.string()) }),
  ),
  registers: z.boolean(),
  codecs: z.array(TrunkCodec),
  srtp: TrunkSrtp,
  symmetricRtp: SymmetricRtp,
  sources: z.array(z.string()),
  numberFormat: NumberFormat,
  countryCode: z.optional(z.string()),
  nationalPrefix: z.string(),
  /** Beginnings of numbers that may be called; none allows nothing. */
  allowedPrefixes: z.array(z.string()),
  ...Limits,
  isTrusted: z.boolean(),
  /** Whether calls may show numbers that are none of ours. */
  takesForeignCallerIds: z.boolean(),
  mayTransfer: z.boolean(),
})
export type KeptTrunk = z.infer<typeof KeptTrunk>

/** ACS: SipTrunkRoute. Calls to numbers that the pattern matches go over its trunks, in their order. */
export const Route = z.object({
  name: z.string(),
  description: z.optional(z.string()),
  numberPattern: z.string(),
  trunks: z.array(z.string()),
})
export type Route = z.infer<typeof Route>

export const PhoneBook = z.object({
  trunks: z.array(KeptTrunk),
  routes: z.array(Route),
  /** New calls are refused, those that run go on. */
  isDraining: z.boolean(),
  /** What one user may have. */
  perUser: z.object({ callsAtOnce: z.int(), callsPerMinute: z.int() }),
})
export type PhoneBook = z.infer<typeof PhoneBook>

/** What counts before anything is settled. */
export const emptyPhoneBook: PhoneBook = {
  trunks: [],
  routes: [],
  isDraining: false,
  perUser: { callsAtOnce: 5, callsPerMinute: 10 },
}

/** What a trunk is until the operator says more: as ACS's are, and allowed to call nothing. */
export function newTrunk(fqdn: string, port: number): KeptTrunk {
  return {
    fqdn,
    port,
    transport: 'tls',
    registers: false,
    codecs: ['PCMU', 'PCMA', 'G722'],
    srtp: 'optional',
    symmetricRtp: 'auto',
    sources: [],
    numberFormat: '+E164',
    nationalPrefix: '0',
    allowedPrefixes: [],
    isTrusted: true,
    takesForeignCallerIds: false,
    mayTransfer: false,
  }
}

/** The trunk of a name, however it is written. */
export function trunkNamed<T extends { fqdn: string }>(trunks: readonly T[], fqdn: string): T | undefined {
  return trunks.find((trunk) => isSameName(trunk.fqdn, fqdn))
}

export function isSameName(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase()
}

/** Whether a text is the beginning of numbers: `+` for all of E.164, `+49`, or that of short codes. */
export function isPrefix(text: string): boolean {
  return /^(\+[0-9]{0,15}|[0-9]{1,8})$/.test(text)
}

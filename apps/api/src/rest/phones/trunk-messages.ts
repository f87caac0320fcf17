/** The bodies of the doors where a trunk is told what ACS has no words for. */
import { isIP } from 'node:net'
import { NumberFormat, SymmetricRtp, TrunkCodec, TrunkHealth, TrunkSrtp, TrunkTransport } from '@parley/protocol'
import * as z from 'zod/mini'
import { isPrefix, KeptTrunk } from '../../phones/phone-book.ts'
import { notAnObject } from '../raw-body.ts'
import { isHost } from './sip-routing.ts'

const oneOf = <T extends string>(name: string, options: readonly T[]) =>
  z.nullish(z.enum(options, `${name} must be one of ${options.join(', ')}.`))
const flag = (name: string) => z.nullish(z.boolean(`${name} must be true or false.`))
const limit = (name: string) => {
  const says = `${name} must be a whole number from 1 to 100000.`
  return z.nullish(z.int(says).check(z.gte(1, says), z.lte(100_000, says)))
}
const listOf = (name: string, says: string, isRight: (text: string) => boolean) => {
  const item = z.string(`${name} ${says}`).check(z.refine(isRight, `${name} ${says}`))
  return z.nullish(z.array(item, `${name} ${says}`).check(z.maxLength(500, `${name} may have at most 500 entries.`)))
}
/** What stands in a SIP message must not be able to end a line of it. */
const word = (name: string) =>
  z.string(`${name} must be a text.`).check(
    z.minLength(1, `${name} may not be empty.`),
    z.maxLength(256, `${name} may have at most 256 characters.`),
    // eslint-disable-next-line no-control-regex
    z.regex(/^[^\u0000-\u001f\u007f"]+$/, `${name} may have no quotes and no control characters.`),
  )

const addressSays = 'address must be a host name or an address.'

/** Null sets back to what a new trunk has; what is absent stays (RFC 7396). */
export const TrunkUpdate = z.object(
  {
    transport: oneOf('transport', TrunkTransport.options),
    address: z.nullish(z.string(addressSays).check(z.refine((text) => isIP(text) !== 0 || isHost(text), addressSays))),
    account: z.nullish(
      z.object(
        {
          user: word('account.user'),
          password: z.optional(word('account.password')),
          realm: z.nullish(word('account.realm')),
        },
        'account must be an object with user and password.',
      ),
    ),
    registers: flag('registers'),
    codecs: z.nullish(
      z
        .array(z.enum(TrunkCodec.options, `A codec must be one of ${TrunkCodec.options.join(', ')}.`))
        .check(z.minLength(1, 'codecs may not be empty.'), z.maxLength(4, 'codecs may be named once.')),
    ),
    srtp: oneOf('srtp', TrunkSrtp.options),
    symmetricRtp: oneOf('symmetricRtp', SymmetricRtp.options),
    sources: listOf('sources', 'must be addresses, or networks such as 192.0.2.0/24.', isSource),
    numberFormat: oneOf('numberFormat', NumberFormat.options),
    countryCode: z.nullish(z.string().check(z.regex(/^[1-9][0-9]{0,2}$/, 'countryCode must be digits, such as 49.'))),
    nationalPrefix: z.nullish(z.string().check(z.regex(/^[0-9]{0,4}$/, 'nationalPrefix must be digits, such as 0.'))),
    allowedPrefixes: listOf('allowedPrefixes', 'must be beginnings of numbers, such as +49, or + for all.', isPrefix),
    callsAtOnce: limit('callsAtOnce'),
    callsPerMinute: limit('callsPerMinute'),
    isTrusted: flag('isTrusted'),
    takesForeignCallerIds: flag('takesForeignCallerIds'),
    mayTransfer: flag('mayTransfer'),
  },
  notAnObject,
)
export type TrunkUpdate = z.infer<typeof TrunkUpdate>

function isSource(text: string): boolean {
  const [address = '', bits, ...rest] = text.split('/')
  const version = isIP(address)
  if (version === 0 || rest.length > 0) return false
  return bits === undefined || (/^[0-9]{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128))
}

const { fqdn, port, account: _, ...kept } = KeptTrunk.shape

/** A trunk as it is shown: all of it but the password. */
export const TrunkModel = z.object({
  fqdn,
  sipSignalingPort: port,
  ...kept,
  account: z.optional(z.object({ user: z.string(), realm: z.optional(z.string()), hasPassword: z.boolean() })),
  /** What was made by SIP_TRUNK is changed there. */
  source: z.enum(['api', 'environment']),
  /** How the sip nodes find it. */
  health: z.array(z.omit(TrunkHealth, { fqdn: true })),
})
export type TrunkModel = z.infer<typeof TrunkModel>

export const TrunkList = z.object({ value: z.array(TrunkModel) })
export type TrunkList = z.infer<typeof TrunkList>

export function trunkModelOf(
  { fqdn, port, account, ...trunk }: KeptTrunk,
  {
    source,
    hasPassword,
    health,
  }: Pick<TrunkModel, 'source'> & { hasPassword: boolean; health: readonly TrunkHealth[] },
): TrunkModel {
  return {
    fqdn,
    sipSignalingPort: port,
    ...trunk,
    ...(account === undefined ? {} : { account: { user: account.user, ...realmOf(account), hasPassword } }),
    source,
    health: health.map(({ fqdn: _, ...seen }) => seen),
  }
}

function realmOf({ realm }: NonNullable<KeptTrunk['account']>): { realm?: string } {
  return realm === undefined ? {} : { realm }
}

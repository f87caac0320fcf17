/**
 * The trunk and the numbers of the environment (SIP_TRUNK, SIP_NUMBERS, SIP_ALLOWED_PREFIXES): phone calls without any
 * API, for the first try. They come after what the API has settled: a trunk or a number that it has counts instead of the
 * environment's, and its routes are tried first.
 */
import { asUserId, EpochMs, GroupId, RoomId } from '@parley/protocol'
import { readE164, type NumberTarget, type OwnNumber } from './own-number.ts'
import { isPrefix, newTrunk, trunkNamed, type KeptTrunk, type PhoneBook } from './phone-book.ts'
import { isWebhook } from './webhook-address.ts'

/** Its password is open, as it stands in the environment. */
export type FirstTrunk = { trunk: KeptTrunk; password?: string }

export type FirstPhones = { trunk?: FirstTrunk; numbers: readonly OwnNumber[] }

/** Everything but what costs more. */
const everywhere = ['+']
const startedAt = EpochMs.parse(0)

/**
 * Reads `sip:sbc.example.com:5061;transport=tls`, with `user` and `password` where it wants a registration. A sentence
 * says what is wrong.
 */
export function readFirstTrunk(text: string, allowedPrefixes: readonly string[] = everywhere): FirstTrunk | string {
  const [, scheme, host, port, parameters = ''] =
    /^(sips?):([A-Za-z0-9.-]{1,249})(?::([0-9]{1,5}))?((?:;[^;]*)*)$/.exec(text) ?? []
  if (scheme === undefined || host === undefined) return 'must be such as sip:sbc.example.com:5061;transport=tls.'
  const read = readParameters(parameters)
  if (typeof read === 'string') return read
  const { transport = scheme === 'sips' ? 'tls' : 'udp', user, password } = read
  if (transport !== 'udp' && transport !== 'tcp' && transport !== 'tls') {
    return 'must have udp, tcp or tls as its transport.'
  }
  if ((user === undefined) !== (password === undefined)) return 'must have both a user and a password, or none.'
  const at = port === undefined ? (transport === 'tls' ? 5061 : 5060) : Number(port)
  if (at < 1 || at > 65_535) return 'must have a port from 1 to 65535.'
  const trunk: KeptTrunk = {
    ...newTrunk(host, at),
    transport,
    allowedPrefixes: [...allowedPrefixes],
    ...(user === undefined ? {} : { account: { user }, registers: true }),
  }
  return { trunk, ...(password === undefined ? {} : { password }) }
}

/** Values may be escaped, as in any URI. The last of two of one name counts. */
function readParameters(parameters: string): Record<string, string> | string {
  const read: Record<string, string> = {}
  for (const parameter of parameters.split(';').slice(1)) {
    const [name = '', ...value] = parameter.split('=')
    if (!['transport', 'user', 'password'].includes(name)) {
      return 'may have the parameters transport, user and password only.'
    }
    try {
      read[name] = decodeURIComponent(value.join('='))
    } catch {
      return `has a ${name} with a % that escapes nothing; write %25 for one.`
    }
  }
  return read
}

/**
 * Reads `+4930123456=8:acs:…,+4930123457=group:<guid>,+4930123458`: numbers and who gets their calls; the last one is
 * only to be shown. A sentence says what is wrong.
 */
export function readFirstNumbers(text: string): OwnNumber[] | string {
  const numbers = new Map<string, OwnNumber>()
  for (const entry of text.split(',').map((one) => one.trim())) {
    if (entry === '') continue
    const [written = '', ...rest] = entry.split('=')
    const number = readE164(written)
    if (number === undefined) return `must be numbers such as +4930123456, and ${written} is none.`
    const target = rest.length === 0 ? undefined : readTarget(rest.join('='))
    if (rest.length > 0 && target === undefined) {
      return `must give ${written} to a user (8:acs:…), group:<guid>, room:<id> or an https URL.`
    }
    numbers.set(number, { number, ...(target === undefined ? {} : { target }), createdAt: startedAt })
  }
  return [...numbers.values()]
}

/** Reads `+49,+43`. A sentence says what is wrong. */
export function readPrefixes(text: string): string[] | string {
  const prefixes = text.split(',').map((one) => one.trim())
  const wrong = prefixes.find((prefix) => !isPrefix(prefix))
  return wrong === undefined ? prefixes : `must be beginnings of numbers such as +49,+43, and ${wrong} is none.`
}

function readTarget(text: string): NumberTarget | undefined {
  const user = asUserId(text)
  if (user !== undefined) return { user }
  if (text.startsWith('group:')) {
    const groupId = GroupId.safeParse(text.slice('group:'.length))
    return groupId.success ? { groupId: groupId.data } : undefined
  }
  if (text.startsWith('room:')) {
    const roomId = RoomId.safeParse(text.slice('room:'.length))
    return roomId.success ? { roomId: roomId.data } : undefined
  }
  return isWebhook(text) ? { webhook: text } : undefined
}

/** The book with the environment's trunk in it, which takes every number that no route of the API takes before. */
export function withFirstTrunk(book: PhoneBook, { trunk: first }: FirstPhones): PhoneBook {
  if (first === undefined || trunkNamed(book.trunks, first.trunk.fqdn) !== undefined) return book
  const { trunk } = first
  const last = { name: 'SIP_TRUNK', numberPattern: '^', trunks: [trunk.fqdn] }
  return { ...book, trunks: [...book.trunks, trunk], routes: [...book.routes, last] }
}

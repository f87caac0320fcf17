/**
 * What the operator can set, read from the environment once, at the start. docs/operating.md lists it for people. A
 * value that cannot be used stops the start with a sentence that names the variable and says what to do.
 */
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readAccessKey } from '@parley/identity'
import { defaultLimits, type Limits } from '@parley/protocol'
import * as z from 'zod/mini'
import { isLoopbackHost } from './loopback.ts'
import { readFirstNumbers, readFirstTrunk, readPrefixes, type FirstPhones } from './phones/first-trunk.ts'

export type Settings = {
  /** Where HTTP and HTTPS listen. */
  host: string
  port: number
  httpsPort: number
  /** The operator's own certificate and key (PEM files); without it the platform's own CA makes one. */
  tls?: { certFile: string; keyFile: string }
  /** The origin that tokens name, `http://localhost:8080`. */
  publicUrl: string
  /** Absolute. */
  dataDir: string
  /** Base64; without it one is made and kept in dataDir. */
  accessKey?: string
  /** Without it a PostgreSQL of our own runs under dataDir. */
  databaseUrl?: string
  isDemoOn: boolean
  /** Whether the operator said so himself: else it is for who asks on this machine, not through a proxy on it. */
  isDemoForAll: boolean
  limits: Limits
  /** A trunk and its numbers, for phone calls without any API. */
  phones: FirstPhones
  /** Messages a second that one socket may send. */
  socketMessagesPerS: number
  /** The folder of the built page, and the SDK's one file. Either may not be built. */
  webDir: string
  sdkFile: string
}

/** Every sentence about the environment that was wrong, one a line. */
export class SettingsError extends Error {
  constructor(sentences: readonly string[]) {
    super(sentences.join('\n'))
    this.name = 'SettingsError'
  }
}

/** Reads the settings. A variable that is empty counts as not set. @throws SettingsError */
export function readSettings(env: Readonly<Record<string, string | undefined>>): Settings {
  const set = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''))
  const read = Environment.safeParse(set)
  if (!read.success) throw new SettingsError(sentencesOf(read.error))
  const { data } = read
  const publicUrl = data.PUBLIC_URL ?? `http://localhost:${data.PORT}`
  const phones = readPhones(data)
  const wrong = [...contradictions({ ...data, publicUrl }), ...(Array.isArray(phones) ? phones : [])]
  if (wrong.length > 0 || Array.isArray(phones)) throw new SettingsError(wrong)
  return {
    host: data.HOST,
    port: data.PORT,
    httpsPort: data.HTTPS_PORT,
    ...(data.TLS_CERT && data.TLS_KEY ? { tls: { certFile: data.TLS_CERT, keyFile: data.TLS_KEY } } : {}),
    publicUrl,
    dataDir: resolve(data.DATA_DIR),
    ...(data.ACCESS_KEY ? { accessKey: data.ACCESS_KEY } : {}),
    ...(data.DATABASE_URL ? { databaseUrl: data.DATABASE_URL } : {}),
    isDemoForAll: data.DEMO === 'on',
    isDemoOn: data.DEMO === undefined ? isLoopbackHost(data.HOST) : data.DEMO === 'on',
    limits: {
      ...defaultLimits,
      ...(data.RING_LIMIT_S ? { ringMs: data.RING_LIMIT_S * 1000 } : {}),
      ...(data.CONNECT_LIMIT_S ? { connectMs: data.CONNECT_LIMIT_S * 1000 } : {}),
      ...(data.RECONNECT_LIMIT_S ? { reconnectMs: data.RECONNECT_LIMIT_S * 1000 } : {}),
      ...(data.LOBBY_LIMIT_S ? { lobbyMs: data.LOBBY_LIMIT_S * 1000 } : {}),
      ...(data.TRANSFER_LIMIT_S ? { transferMs: data.TRANSFER_LIMIT_S * 1000 } : {}),
    },
    phones,
    socketMessagesPerS: data.SOCKET_MESSAGES_PER_S,
    webDir: fileURLToPath(new URL('../../web/dist', import.meta.url)),
    sdkFile: fileURLToPath(new URL('../../../libs/calling-sdk/dist/browser/calling-sdk.js', import.meta.url)),
  }
}

/** A decimal number in a range; `says` completes the sentence that begins with the variable's name. */
function number(least: number, most: number, says: string) {
  const inRange = z.number().check(z.gte(least, says), z.lte(most, says))
  const decimal = z.string().check(z.regex(/^\d+(\.\d+)?$/, says))
  return z.pipe(decimal, z.pipe(z.transform(Number), inRange))
}

const port = z.pipe(
  number(1, 65_535, 'must be a port: a number from 1 to 65535.'),
  z.int('must be a port: a whole number.'),
)
const seconds = z.optional(number(0.1, 3600, 'must be a time in seconds: a number from 0.1 to 3600.'))
const onOff = (says: string) => z.optional(z.enum(['on', 'off'], says))

/** Whether a text is a URL of one of these schemes. */
function isUrl(text: string, ...schemes: string[]): boolean {
  return schemes.includes(URL.parse(text)?.protocol ?? '')
}

const originSays = 'must be an http or https URL without a path, such as https://calls.example.com.'
const origin = z.pipe(
  z.string().check(z.refine((text) => isUrl(text, 'http:', 'https:') && isOrigin(new URL(text)), originSays)),
  z.transform((text) => new URL(text).origin),
)

/** ACS clients know no path before `/identities`, so the API lives at the root of an origin. */
function isOrigin({ pathname, search, hash, username, password }: URL): boolean {
  return pathname === '/' && search + hash + username + password === ''
}

// prettier-ignore
const Environment = z.object({
  HOST:                  z._default(z.string(), '127.0.0.1'),
  PORT:                  z._default(port, 8080),
  HTTPS_PORT:            z._default(port, 8443),
  TLS_CERT:              z.optional(z.string()),
  TLS_KEY:               z.optional(z.string()),
  PUBLIC_URL:            z.optional(origin),
  INSECURE_HTTP:         onOff('must be on or off; on lets tokens travel over plain http.'),
  DATA_DIR:              z._default(z.string(), './data'),
  ACCESS_KEY:            z.optional(z.string().check(z.refine((text) => readAccessKey(text) !== undefined,
                           'must be the base64 of 32 bytes or more; leave it out and one is made.'))),
  DATABASE_URL:          z.optional(z.string().check(z.refine((text) => isUrl(text, 'postgresql:', 'postgres:'),
                           'must begin with postgresql://; leave it out and a PostgreSQL of its own is started.'))),
  NATS_URL:              z.optional(z.never('comes later: several machines are not there yet, so leave it out.')),
  DEMO:                  onOff('must be on or off; it is on while HOST is loopback.'),
  RING_LIMIT_S:          seconds,
  CONNECT_LIMIT_S:       seconds,
  RECONNECT_LIMIT_S:     seconds,
  LOBBY_LIMIT_S:         seconds,
  TRANSFER_LIMIT_S:      seconds,
  SIP_TRUNK:             z.optional(z.string()),
  SIP_NUMBERS:           z.optional(z.string()),
  SIP_ALLOWED_PREFIXES:  z.optional(z.string()),
  SOCKET_MESSAGES_PER_S: z._default(number(1, 1_000_000, 'must be a number of messages, 1 or more.'), 50),
})
type Environment = z.infer<typeof Environment>

function sentencesOf(error: z.core.$ZodError): string[] {
  const byVariable = new Map(error.issues.map((issue) => [issue.path.join('.'), issue.message]))
  return [...byVariable].map(([variable, says]) => `${variable} ${says}`)
}

/** What no variable shows on its own. */
function contradictions(env: Environment & { publicUrl: string }): string[] {
  const wrong: string[] = []
  if (env.PORT === env.HTTPS_PORT) wrong.push('HTTPS_PORT must be another port than PORT.')
  if ((env.TLS_CERT === undefined) !== (env.TLS_KEY === undefined)) {
    wrong.push(`${env.TLS_CERT ? 'TLS_KEY' : 'TLS_CERT'} is missing: set both files, or none.`)
  }
  const { protocol, hostname } = new URL(env.publicUrl)
  if (protocol === 'http:' && !isLoopbackHost(hostname) && env.INSECURE_HTTP !== 'on') {
    // Whoever is on the way would read the tokens; browsers give no microphone to such a page anyway.
    wrong.push(
      'PUBLIC_URL must be https where it names another machine; INSECURE_HTTP=on allows plain http all the same.',
    )
  }
  return wrong
}

/** The trunk and the numbers of the environment, or what is wrong with them. */
function readPhones({ SIP_TRUNK, SIP_NUMBERS, SIP_ALLOWED_PREFIXES }: Environment): FirstPhones | string[] {
  const prefixes = SIP_ALLOWED_PREFIXES === undefined ? undefined : readPrefixes(SIP_ALLOWED_PREFIXES)
  const numbers = readFirstNumbers(SIP_NUMBERS ?? '')
  const allowed = typeof prefixes === 'string' ? undefined : prefixes
  const trunk = SIP_TRUNK === undefined ? undefined : readFirstTrunk(SIP_TRUNK, allowed)
  const wrong = [
    ...(typeof prefixes === 'string' ? [`SIP_ALLOWED_PREFIXES ${prefixes}`] : []),
    ...(typeof numbers === 'string' ? [`SIP_NUMBERS ${numbers}`] : []),
    // Its password stands in it, so nothing of it is shown.
    ...(typeof trunk === 'string' ? [`SIP_TRUNK ${trunk}`] : []),
  ]
  if (typeof numbers === 'string' || typeof trunk === 'string' || wrong.length > 0) return wrong
  return { numbers, ...(trunk === undefined ? {} : { trunk }) }
}

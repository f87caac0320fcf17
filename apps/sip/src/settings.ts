/** What the environment says about a sip node: where SIP is heard, which ports sound takes, how others see us. */
import { isIP } from 'node:net'
import type { Listening } from '@parley/sip'

/** From one port to another, both among them. */
export type PortRange = { min: number; max: number }

export type SipSettings = {
  listen: readonly Listening[]
  /** Whether the operator has named these places: then a port that is taken is an error. */
  isChosen: boolean
  mediaPorts: PortRange
  /** What Contact and SDP say, where others reach us by another address than the machine's own. */
  publicAddress?: string
  /** PEM files, for being called over TLS and where a trunk asks who we are. */
  tls?: { certFile: string; keyFile: string }
  /** A PEM file with the CAs that trunks are believed by, instead of the system's. */
  caFile?: string
  /** So long a phone may send nothing before its call ends. */
  silenceLimitMs: number
}

/** A variable of the environment that cannot be used. */
export class BadSetting extends Error {
  readonly variable: string

  constructor(variable: string, problem: string) {
    super(`${variable} ${problem}`)
    this.name = 'BadSetting'
    this.variable = variable
  }
}

type Environment = Record<string, string | undefined>

const usualPlaces = 'udp:127.0.0.1:5060,tcp:127.0.0.1:5060'

/** Undefined where SIP is turned off: SIP_LISTEN is there and empty. @throws {BadSetting} that names the variable */
export function readSipSettings(env: Environment): SipSettings | undefined {
  if (env['SIP_LISTEN']?.trim() === '') return undefined
  const publicAddress = readPublicAddress(env)
  const listen = readPlaces(env['SIP_LISTEN'] ?? usualPlaces, publicAddress)
  const tls = readTls(env)
  if (tls === undefined && listen.some(({ transport }) => transport === 'tls' || transport === 'wss')) {
    throw new BadSetting('SIP_TLS_CERT', 'and SIP_TLS_KEY are needed to be called over TLS.')
  }
  const caFile = read(env, 'SIP_TLS_CA')
  return {
    listen,
    isChosen: env['SIP_LISTEN'] !== undefined,
    mediaPorts: readPorts(env),
    ...(publicAddress === undefined ? {} : { publicAddress }),
    ...(tls === undefined ? {} : { tls }),
    ...(caFile === undefined ? {} : { caFile }),
    silenceLimitMs: readSilence(env),
  }
}

/** An empty variable is an absent one: that is how shells and compose files switch one off. */
function read(env: Environment, variable: string): string | undefined {
  return env[variable] === '' ? undefined : env[variable]
}

function readPublicAddress(env: Environment): string | undefined {
  const address = read(env, 'SIP_PUBLIC_ADDRESS')
  // SDP may carry names, and hardly anybody reads them.
  if (address !== undefined && isIP(address) === 0) throw new BadSetting('SIP_PUBLIC_ADDRESS', 'must be an IP address.')
  return address
}

function readPlaces(text: string, publicAddress: string | undefined): Listening[] {
  return text.split(',').map((entry) => {
    const [, transport, bracketed, bare, port] =
      /^(udp|tcp|tls|ws|wss):(?:\[([0-9a-fA-F:.]+)\]|([0-9.]+)):([0-9]{1,5})$/.exec(entry.trim()) ?? []
    const address = bracketed ?? bare ?? ''
    if (isIP(address) === 0 || Number(port) < 1 || Number(port) > 65_535) {
      throw new BadSetting(
        'SIP_LISTEN',
        `must be places such as ${usualPlaces}, or empty, and ${entry.trim()} is none.`,
      )
    }
    const place = { transport: transport as Listening['transport'], address, port: Number(port) }
    return publicAddress === undefined ? place : { ...place, advertised: { host: publicAddress } }
  })
}

function readTls(env: Environment): SipSettings['tls'] {
  const [certFile, keyFile] = [read(env, 'SIP_TLS_CERT'), read(env, 'SIP_TLS_KEY')]
  if (certFile !== undefined && keyFile !== undefined) return { certFile, keyFile }
  if (certFile === undefined && keyFile === undefined) return undefined
  throw new BadSetting(certFile === undefined ? 'SIP_TLS_CERT' : 'SIP_TLS_KEY', 'is missing: set both files, or none.')
}

function readPorts(env: Environment): PortRange {
  const text = read(env, 'SIP_MEDIA_PORTS') ?? '30000-30999'
  const [min, max] = (/^(\d{1,5})-(\d{1,5})$/.exec(text) ?? []).slice(1).map(Number)
  if (min === undefined || max === undefined || min < 1 || max <= min || max > 65_535) {
    throw new BadSetting('SIP_MEDIA_PORTS', 'must be two ports from 1 to 65535, such as 30000-30999.')
  }
  return { min, max }
}

function readSilence(env: Environment): number {
  const text = read(env, 'SIP_SILENCE_LIMIT_S') ?? '60'
  const seconds = Number(text)
  if (!/^\d+(\.\d+)?$/.test(text) || seconds < 1 || seconds > 3600) {
    throw new BadSetting('SIP_SILENCE_LIMIT_S', 'must be a time in seconds: a number from 1 to 3600.')
  }
  return seconds * 1000
}

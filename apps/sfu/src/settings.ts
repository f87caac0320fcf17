/** What the environment says about an sfu node: which ports, which addresses, how many workers. */
import { availableParallelism } from 'node:os'
import { isIP } from 'node:net'

/** From one port to another, both among them. */
export type PortRange = { min: number; max: number }

export type SfuSettings = {
  /** Port of the first worker's WebRtcServer, UDP and TCP; each further worker has the next one. */
  firstPort: number
  /** The address or host name that browsers are told. */
  announcedAddress: string
  /** The IP address that sockets are bound to. */
  listenIp: string
  /** UDP ports of plain transports, one each, and on loopback of what one worker sends to another. */
  plainPorts: PortRange
  workers: number
  /** The mediasoup worker; without it mediasoup looks where its own installer would have put one. */
  workerBin?: string
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

/** @throws {BadSetting} that names the variable */
export function readSfuSettings(env: Environment): SfuSettings {
  const workers = readNumber(env, 'SFU_WORKERS', availableParallelism(), [1, 256])
  const firstPort = readNumber(env, 'MEDIA_PORT', 24_400, [1, 65_535])
  if (firstPort + workers - 1 > 65_535) {
    throw new BadSetting('MEDIA_PORT', `leaves no room for ${workers} workers, which need a port each`)
  }
  const announcedAddress = read(env, 'MEDIA_ADDRESS') ?? '127.0.0.1'
  if (!/^[A-Za-z0-9.:-]{1,253}$/.test(announcedAddress)) {
    throw new BadSetting('MEDIA_ADDRESS', 'must be an IP address or a host name')
  }
  const listenIp = read(env, 'MEDIA_LISTEN') ?? listenIpFor(announcedAddress)
  if (isIP(listenIp) === 0) throw new BadSetting('MEDIA_LISTEN', 'must be an IP address')
  const plainPorts = readPorts(env, 'MEDIA_PLAIN_PORTS', { min: 24_500, max: 25_499 })
  const workerBin = read(env, 'MEDIASOUP_WORKER_BIN')
  return {
    firstPort,
    announcedAddress,
    listenIp,
    plainPorts,
    workers,
    ...(workerBin === undefined ? {} : { workerBin }),
  }
}

/** An empty variable is an absent one: that is how shells and compose files switch one off. */
function read(env: Environment, variable: string): string | undefined {
  return env[variable] === '' ? undefined : env[variable]
}

function readNumber(
  env: Environment,
  variable: string,
  otherwise: number,
  [lowest, highest]: [number, number],
): number {
  const text = read(env, variable)
  if (text === undefined) return otherwise
  const value = Number(text)
  if (!/^\d+$/.test(text) || value < lowest || value > highest) {
    throw new BadSetting(variable, `must be a whole number from ${lowest} to ${highest}`)
  }
  return value
}

function readPorts(env: Environment, variable: string, otherwise: PortRange): PortRange {
  const text = read(env, variable)
  if (text === undefined) return otherwise
  const [min, max] = (/^(\d{1,5})-(\d{1,5})$/.exec(text) ?? []).slice(1).map(Number)
  if (min === undefined || max === undefined || min < 1 || min > max || max > 65_535) {
    throw new BadSetting(variable, 'must be two ports from 1 to 65535, such as 24500-25499')
  }
  return { min, max }
}

/** What is announced on this machine only is heard on this machine only. */
function listenIpFor(announced: string): string {
  if (announced === 'localhost') return '127.0.0.1'
  const isLoopback = announced === '::1' || (isIP(announced) === 4 && announced.startsWith('127.'))
  return isLoopback ? announced : '0.0.0.0'
}

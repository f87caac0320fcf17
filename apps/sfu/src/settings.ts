/** What the environment says about an sfu node: which ports, which addresses, how many workers. */
import { availableParallelism } from 'node:os'
import { isIP } from 'node:net'

export type SfuSettings = {
  /** Port of the first worker's WebRtcServer, UDP and TCP; each further worker has the next one. */
  firstPort: number
  /** The address or host name that browsers are told. */
  announcedAddress: string
  /** The IP address that sockets are bound to. */
  listenIp: string
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
  const workerBin = read(env, 'MEDIASOUP_WORKER_BIN')
  return { firstPort, announcedAddress, listenIp, workers, ...(workerBin === undefined ? {} : { workerBin }) }
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

/** What is announced on this machine only is heard on this machine only. */
function listenIpFor(announced: string): string {
  if (announced === 'localhost') return '127.0.0.1'
  const isLoopback = announced === '::1' || (isIP(announced) === 4 && announced.startsWith('127.'))
  return isLoopback ? announced : '0.0.0.0'
}

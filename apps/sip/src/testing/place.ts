/** A sip node, api as it knows it, and far ends, all in this process and on loopback. Only tests import this module. */
import { MemoryBus } from '@parley/bus'
import type { Trunk } from '@parley/protocol'
import { pino } from 'pino'
import type { SipSettings } from '../settings.ts'
import { SipNode } from '../sip-node.ts'
import { FarEnd } from './far-end.ts'
import { StandInApi } from './stand-in-api.ts'

export class Place {
  readonly bus: MemoryBus
  readonly api: StandInApi
  /** What the node logged, by name. */
  readonly logged: string[] = []
  readonly errors: unknown[] = []
  #node: SipNode | undefined
  readonly #farEnds: FarEnd[] = []

  private constructor() {
    this.bus = new MemoryBus({ onError: (error) => void this.errors.push(error) })
    this.api = new StandInApi(this.bus)
  }

  /** A node with these trunks, each of which is one of these far ends. */
  static async open(
    trunks: Record<string, FarEnd | { port: number }> = {},
    more: { settings?: Partial<SipSettings>; hasSoftphones?: boolean; trunk?: Partial<Trunk> } = {},
  ): Promise<Place> {
    const place = new Place()
    place.#farEnds.push(...Object.values(trunks).filter((one) => one instanceof FarEnd))
    place.api.trunks = Object.entries(trunks).map(([fqdn, { port }]) => ({ ...trunkTo(fqdn, port), ...more.trunk }))
    const log = pino(
      { level: 'info' },
      { write: (line: string) => void place.logged.push((JSON.parse(line) as { msg: string }).msg) },
    )
    const worker = Number(process.env['JEST_WORKER_ID'] ?? 1)
    const min = 38_000 + 100 * worker
    place.#node = await SipNode.create({
      bus: place.bus,
      settings: {
        listen: [
          { transport: 'udp', address: '127.0.0.1', port: 0 },
          { transport: 'tcp', address: '127.0.0.1', port: 0 },
        ],
        ...{ isChosen: true, mediaPorts: { min, max: min + 39 }, silenceLimitMs: 60_000 },
        ...more.settings,
      },
      hasSoftphones: more.hasSoftphones ?? false,
      log,
    })
    return place
  }

  get node(): SipNode {
    if (this.#node === undefined) throw new Error('The node is not there yet.')
    return this.#node
  }

  /** Where the node hears SIP over UDP. */
  get port(): number {
    return this.portOf('udp')
  }

  portOf(transport: 'udp' | 'tcp'): number {
    return Number(
      this.node.listening
        .find((one) => one.startsWith(`${transport}:`))
        ?.split(':')
        .at(-1),
    )
  }

  /** Another far end, which is no trunk, and is somewhere else. */
  async stranger(options: Parameters<typeof FarEnd.open>[0] = {}): Promise<FarEnd> {
    const stranger = await FarEnd.open({ address: '127.0.0.2', ...options })
    this.#farEnds.push(stranger)
    return stranger
  }

  async close(): Promise<void> {
    await this.#node?.close()
    await Promise.all(this.#farEnds.map((one) => one.close()))
    await this.api.close()
    await this.bus.close()
  }
}

export function trunkTo(fqdn: string, port: number, more: Partial<Trunk> = {}): Trunk {
  return {
    ...{ fqdn, address: '127.0.0.1', port, transport: 'udp', registers: false },
    ...{ codecs: ['PCMU', 'PCMA'], srtp: 'off', symmetricRtp: 'off', sources: [] },
    ...{ numberFormat: '+E164', nationalPrefix: '0', isTrusted: true, mayTransfer: false },
    ...more,
  }
}

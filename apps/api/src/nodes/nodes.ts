/**
 * Who is alive: every node says so twice a second over the bus, and one that has been silent for 2.5 s is dead.
 * New calls are placed on the sfu that carries least.
 */
import { publishAlive, subscribeAlive, type Bus } from '@parley/bus'
import { Refused, type NodeAlive, type NodeId, type RtpCapabilities } from '@parley/protocol'

const heartbeatMs = 500
const deadMs = 2_500

type Heard = NodeAlive & { atMs: number }

export class Nodes {
  readonly #heard = new Map<NodeId, Heard>()
  readonly #sinceMs = performance.now()
  readonly #timer: NodeJS.Timeout
  readonly #unsubscribe: () => void

  constructor(
    private readonly me: NodeId,
    private readonly bus: Bus,
  ) {
    this.#unsubscribe = subscribeAlive(bus, (alive) => {
      this.#heard.set(alive.node, { ...alive, atMs: performance.now() })
    })
    this.#timer = setInterval(() => this.#beat(), heartbeatMs)
    this.#beat()
  }

  /** The api nodes that are alive, this one included. */
  apis(): NodeId[] {
    return this.#alive('api').map((node) => node.node)
  }

  /** The sfu nodes that are alive. */
  sfus(): NodeId[] {
    return this.#alive('sfu').map((node) => node.node)
  }

  /** True once every node that is alive has had the time to say so twice. Before, silence says nothing. */
  get hasListened(): boolean {
    return performance.now() - this.#sinceMs > 2 * heartbeatMs
  }

  /** The sip nodes that are alive. */
  sips(): NodeId[] {
    return this.#alive('sip').map((node) => node.node)
  }

  /** The sip node for a new phone; undefined when none takes calls. */
  placePhone(): NodeId | undefined {
    return this.#leastLoaded('sip')?.node
  }

  isAlive(node: NodeId): boolean {
    const heard = this.#heard.get(node)
    return heard !== undefined && isFresh(heard)
  }

  /** The sfu for a new call. @throws Refused 'unavailable' when none takes calls. */
  place(): NodeId {
    const best = this.#leastLoaded('sfu')
    if (best === undefined) throw new Refused('unavailable', { detail: 'No media server takes calls.' })
    return best.node
  }

  /** What routers can: the same at every sfu. @throws Refused 'unavailable' while no sfu has been heard. */
  rtpCapabilities(): RtpCapabilities {
    const capabilities = this.#alive('sfu').find((node) => node.rtpCapabilities !== undefined)?.rtpCapabilities
    if (capabilities === undefined) throw new Refused('unavailable', { detail: 'No media server is running.' })
    return capabilities
  }

  close(): void {
    clearInterval(this.#timer)
    this.#unsubscribe()
  }

  #beat(): void {
    publishAlive(this.bus, { node: this.me, role: 'api', load: 0, isReady: true })
    for (const [node, heard] of this.#heard) if (!isFresh(heard)) this.#heard.delete(node)
  }

  #leastLoaded(role: NodeAlive['role']): Heard | undefined {
    return this.#alive(role)
      .filter((node) => node.isReady)
      .toSorted((a, b) => a.load - b.load)[0]
  }

  #alive(role: NodeAlive['role']): Heard[] {
    return [...this.#heard.values()].filter((node) => node.role === role && isFresh(node))
  }
}

function isFresh(heard: Heard): boolean {
  return performance.now() - heard.atMs < deadMs
}

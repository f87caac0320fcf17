/** The door to the sound of phones: opens legs, hands out their ports, and knows the threads that carry them. */
import { randomBytes } from 'node:crypto'
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import type { SrtpParameters } from '@parley/protocol'
import { srtpSuites } from '@parley/rtp'
import { LegClosed, MediaThread } from './media-thread.ts'
import { PhoneLeg } from './phone-leg.ts'
import { PortPool, type PortPair, type PortRange } from './port-pool.ts'

export type PhoneMediaSettings = {
  /** The address that the sockets of the next phone are bound to. What SDP says is for signalling to know. */
  listenIp: () => string
  /** RTP ports of phones. */
  ports: PortRange
  /** Half as many as there are cores, when it is absent: sfu and signalling want theirs. */
  threads?: number
}

/** All ports are taken: no call can be taken on now (503). */
export class NoPortLeft extends Error {
  constructor() {
    super('No port is left for another phone.')
    this.name = 'NoPortLeft'
  }
}

/** How many pairs are tried when others on this machine use ports of the range. */
const mostTries = 16

export class PhoneMedia {
  readonly #listenIp: () => string
  readonly #pool: PortPool
  readonly #threads: MediaThread[] = []
  readonly #mostThreads: number
  #lastLeg = 0
  #isClosed = false

  constructor({ listenIp, ports, threads = Math.max(1, availableParallelism() >> 1) }: PhoneMediaSettings) {
    this.#listenIp = listenIp
    this.#pool = new PortPool(ports)
    this.#mostThreads = threads
  }

  /**
   * Opens the sound of a phone. All phones of one call are held by one thread, where their mixes are made.
   * @throws {NoPortLeft}
   */
  async open({ call }: { call: string }): Promise<PhoneLeg> {
    for (let tried = 0; tried < mostTries; tried += 1) {
      const ports = this.#pool.take()
      if (ports === undefined) break
      const leg = await this.#openOn(call, ports)
      if (leg !== undefined) return leg
    }
    throw new NoPortLeft()
  }

  /** How many more phones there is room for. */
  get portsLeft(): number {
    return this.#pool.left
  }

  /** Ends all legs and threads. */
  async close(): Promise<void> {
    this.#isClosed = true
    await Promise.all(this.#threads.map((thread) => thread.close()))
  }

  /** Undefined when somebody else on this machine has one of the ports. */
  async #openOn(call: string, ports: PortPair): Promise<PhoneLeg | undefined> {
    if (this.#isClosed) throw new LegClosed()
    const thread = this.#threadFor(call)
    const id = (this.#lastLeg += 1)
    const [sfuKeys, listenIp] = [newSfuKeys(), this.#listenIp()]
    const leg = new PhoneLeg({
      ports,
      listenIp,
      sfuKeys,
      ask: (order) => thread.ask(id, order),
      close: () => thread.closeLeg(id),
    })
    thread.hold(id, { call, tell: (event) => leg.tell(event), closed: () => this.#pool.giveBack(ports) })
    try {
      await thread.ask(id, { order: 'open', call, listenIp, ports, sfuKeys })
      return leg
    } catch (error) {
      thread.letGo(id)
      if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') return undefined
      throw error
    }
  }

  /** Where the call is already; else a new thread, or the one with the fewest legs. */
  #threadFor(call: string): MediaThread {
    const [itsOwn] = this.#threads.filter((thread) => thread.holdsCall(call))
    if (itsOwn !== undefined) return itsOwn
    const [least] = this.#threads.toSorted((one, other) => one.legs - other.legs)
    if (least !== undefined && (least.legs === 0 || this.#threads.length >= this.#mostThreads)) return least
    const thread = new MediaThread(startWorker(), () => {
      this.#threads.splice(this.#threads.indexOf(thread), 1)
    })
    this.#threads.push(thread)
    return thread
  }
}

/** Beside this file stands the thread's; where the sources run, Node takes the types out of them by itself. */
function startWorker(): Worker {
  const isSource = import.meta.url.endsWith('.ts')
  const file = new URL(isSource ? './thread.ts' : './thread.js', import.meta.url)
  return new Worker(file, isSource ? { execArgv: ['--conditions=@parley/source', '--no-warnings'] } : {})
}

function newSfuKeys(): SrtpParameters {
  const cryptoSuite = 'AEAD_AES_128_GCM'
  return { cryptoSuite, keyBase64: randomBytes(srtpSuites[cryptoSuite].masterBytes).toString('base64') }
}

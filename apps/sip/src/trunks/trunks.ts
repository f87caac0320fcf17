/** The trunks of this node, as api keeps them: asked for at the start, after each change, and every 30 s. */
import { askTrunks, publishTrunkHealth, subscribeTrunksChanged, type Bus } from '@parley/bus'
import { EpochMs, type NodeId, type Trunk } from '@parley/protocol'
import type { Logger } from 'pino'
import { TrunkLine, type TrunkLineParts } from './trunk-line.ts'

export type TrunksParts = Omit<TrunkLineParts, 'trunk' | 'changed'> & { node: NodeId; bus: Bus; log: Logger }

const everyMs = 30_000
/** While nobody answers. */
const soonMs = 1000
const askMs = 5000

export class Trunks {
  readonly #parts: TrunksParts
  readonly #lines = new Map<string, TrunkLine>()
  readonly #stops: (() => void)[] = []
  readonly #leaving = new Set<Promise<void>>()
  #timer: NodeJS.Timeout | undefined
  #asking: Promise<void> | undefined
  #isAskedAgain = false
  #isDraining = false
  #isClosed = false

  constructor(parts: TrunksParts) {
    this.#parts = parts
  }

  /** Resolves when the trunks are known, or cannot be known yet. */
  async start(): Promise<void> {
    this.#stops.push(subscribeTrunksChanged(this.#parts.bus, () => this.#ask()))
    await this.#ask()
  }

  /** While it says true, nobody new is let in. */
  get isDraining(): boolean {
    return this.#isDraining
  }

  get all(): readonly TrunkLine[] {
    return [...this.#lines.values()]
  }

  named(fqdn: string): TrunkLine | undefined {
    return this.#lines.get(fqdn.toLowerCase())
  }

  async close(): Promise<void> {
    this.#isClosed = true
    clearTimeout(this.#timer)
    for (const stop of this.#stops.splice(0)) stop()
    await this.#asking
    await Promise.all([...this.all.map((line) => line.close()), ...this.#leaving])
  }

  /** Asks once at a time, and once more when it has changed meanwhile. */
  async #ask(): Promise<void> {
    if (this.#asking !== undefined) {
      this.#isAskedAgain = true
      return this.#asking
    }
    this.#asking = this.#askUntilNew()
    try {
      await this.#asking
    } finally {
      this.#asking = undefined
    }
  }

  async #askUntilNew(): Promise<void> {
    clearTimeout(this.#timer)
    let isKnown = false
    do {
      this.#isAskedAgain = false
      isKnown = await this.#askOnce()
    } while (this.#isAskedAgain && !this.#isClosed)
    if (this.#isClosed) return
    this.#timer = setTimeout(() => void this.#ask(), isKnown ? everyMs : soonMs)
    for (const line of this.all) this.#look(line)
  }

  async #askOnce(): Promise<boolean> {
    try {
      const { isDraining, trunks } = await askTrunks(this.#parts.bus, { timeoutMs: askMs })
      this.#isDraining = isDraining
      if (!this.#isClosed) this.#take(trunks)
      return true
    } catch (error) {
      this.#parts.log.debug({ error: String(error) }, 'trunks.not_told')
      return false
    }
  }

  /** What has changed begins anew; what runs over it goes on. */
  #take(trunks: readonly Trunk[]): void {
    const wanted = new Map(trunks.map((trunk) => [trunk.fqdn.toLowerCase(), trunk]))
    for (const [name, line] of this.#lines) {
      if (JSON.stringify(wanted.get(name)) === JSON.stringify(line.trunk)) continue
      this.#lines.delete(name)
      const left = line.close().finally(() => this.#leaving.delete(left))
      this.#leaving.add(left)
    }
    for (const [name, trunk] of wanted) if (!this.#lines.has(name)) this.#lines.set(name, this.#open(trunk))
  }

  #open(trunk: Trunk): TrunkLine {
    const { node, bus, log, ...parts } = this.#parts
    log.info({ trunk: trunk.fqdn, transport: trunk.transport }, 'trunk.known')
    return new TrunkLine({
      ...parts,
      trunk,
      changed: (fqdn, health) => {
        log.info({ trunk: fqdn, ...health }, 'trunk.changed')
        publishTrunkHealth(bus, { node, fqdn, ...health, at: EpochMs.parse(Date.now()) })
      },
    })
  }

  #look(line: TrunkLine): void {
    const looked = this.#lookAt(line)
      .catch((error: unknown) => this.#parts.log.warn({ error: String(error) }, 'trunk.not_looked_at'))
      .finally(() => this.#leaving.delete(looked))
    this.#leaving.add(looked)
  }

  async #lookAt(line: TrunkLine): Promise<void> {
    const { node, bus } = this.#parts
    const before = line.health
    await line.look()
    // What has changed was told as it did.
    const { ping, registration } = line.health
    if (this.#isClosed || ping !== before.ping || registration !== before.registration) return
    publishTrunkHealth(bus, { node, fqdn: line.trunk.fqdn, ...line.health, at: EpochMs.parse(Date.now()) })
  }
}

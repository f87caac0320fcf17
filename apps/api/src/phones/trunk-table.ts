/**
 * The trunks as sip nodes get them, with their passwords, and what the nodes tell of them. A change is published and asked
 * for; the bus may lose it, so nodes ask every 30 s as well.
 */
import { publishTrunksChanged, serveTrunks, subscribeTrunkHealth, type Bus, type Stop } from '@parley/bus'
import type { ResourceId, Trunk, TrunkHealth, TrunkTable as Table } from '@parley/protocol'
import type { Logger } from 'pino'
import { withFirstTrunk, type FirstPhones } from './first-trunk.ts'
import type { KeptTrunk } from './phone-book.ts'
import type { PhoneStore } from './phone-store.ts'
import type { Sealing } from './sealing.ts'

export type TrunkTableParts = {
  resourceId: ResourceId
  store: PhoneStore
  first: FirstPhones
  sealing: Sealing
  bus: Bus
  now: () => number
  log: Logger
}

/** A node tells every 30 s; one that has not told three times is gone. */
const healthyForMs = 95_000

export class TrunkTable {
  /** What each node told last, by the names of trunks in small letters. */
  readonly #health = new Map<string, Map<string, TrunkHealth>>()
  readonly #stops: readonly Stop[]
  /** Passwords that cannot be opened, each said once. */
  readonly #lost = new Set<string>()

  constructor(private readonly parts: TrunkTableParts) {
    const { bus } = parts
    this.#stops = [serveTrunks(bus, () => this.#table()), subscribeTrunkHealth(bus, (told) => this.#note(told))]
  }

  /** Tells sip nodes that there is something new. */
  changed(): void {
    publishTrunksChanged(this.parts.bus)
  }

  /** How a trunk is, as each sip node that lives sees it. */
  healthOf(fqdn: string): TrunkHealth[] {
    const heard = [...(this.#health.get(fqdn.toLowerCase())?.values() ?? [])]
    return heard.filter(({ at }) => at > this.parts.now() - healthyForMs)
  }

  close(): void {
    for (const stop of this.#stops) stop()
  }

  async #table(): Promise<Table> {
    const { resourceId, store, first } = this.parts
    const { trunks, isDraining } = withFirstTrunk(await store.book(resourceId), first)
    return { isDraining, trunks: trunks.map((trunk) => this.#opened(trunk)) }
  }

  #opened(kept: KeptTrunk): Trunk {
    const { account: _, allowedPrefixes: __, takesForeignCallerIds: ___, ...trunk } = kept
    const { callsAtOnce: _atOnce, callsPerMinute: _perMinute, ...line } = trunk
    const account = this.#openedAccount(kept)
    // Without its password it cannot register, and would only be refused.
    return account === undefined ? { ...line, registers: false } : { ...line, account }
  }

  #openedAccount(trunk: KeptTrunk): Trunk['account'] {
    if (trunk.account === undefined) return undefined
    const { user, realm } = trunk.account
    const password = this.#passwordOf(trunk)
    return password === undefined ? undefined : { user, password, ...(realm === undefined ? {} : { realm }) }
  }

  #passwordOf(trunk: KeptTrunk): string | undefined {
    const { first, sealing, log } = this.parts
    if (trunk === first.trunk?.trunk) return first.trunk.password
    const { fqdn, account: { sealedPassword = '' } = {} } = trunk
    const password = sealing.unseal(sealedPassword, fqdn.toLowerCase())
    if (password === undefined && !this.#lost.has(sealedPassword)) {
      this.#lost.add(sealedPassword)
      log.warn({ fqdn }, 'trunk.password_lost')
    }
    return password
  }

  #note(told: TrunkHealth): void {
    const name = told.fqdn.toLowerCase()
    const byNode = this.#health.get(name) ?? new Map<string, TrunkHealth>()
    this.#health.set(name, byNode.set(told.node, told))
    for (const [node, { at }] of byNode) if (at <= this.parts.now() - healthyForMs) byNode.delete(node)
  }
}

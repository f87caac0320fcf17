/** What is asked of DNS, and how: answers are kept for a while, and one that says nothing is an empty list. */
import { lookup, Resolver } from 'node:dns/promises'
import type { Clock } from '../clock.ts'

export type Naptr = { order: number; preference: number; flags: string; service: string; replacement: string }
export type Srv = { name: string; port: number; priority: number; weight: number }

/** A thing that can be asked for DNS's records. Rejects when it cannot be asked; names without records are empty lists. */
export interface Dns {
  naptr(name: string): Promise<readonly Naptr[]>
  srv(name: string): Promise<readonly Srv[]>
  /** All addresses, IPv4 before IPv6: where both are there, the older kind works more often. */
  addresses(name: string): Promise<readonly string[]>
  /** What was asked some seconds ago is asked anew: servers that fail may have been replaced. */
  forget(): void
}

/** How long answers are kept: as long as DNS says where Node tells it, within these bounds. */
const keptMs = { shortest: 5000, usual: 60_000, longest: 300_000 }
const mostKept = 5000

type Answer<T> = { records: readonly T[]; keptMs: number }
type Kept = { askedAt: number; until: number; answer: Promise<Answer<unknown>> }

/** @param resolver asked for everything. Default: the system's servers, and for addresses the system's files as well */
export function dnsBy(clock: Clock, resolver?: Resolver): Dns {
  return new KeptDns(clock, resolver)
}

class KeptDns implements Dns {
  readonly #clock: Clock
  readonly #resolver: Resolver
  readonly #isSystems: boolean
  readonly #kept = new Map<string, Kept>()

  constructor(clock: Clock, resolver: Resolver | undefined) {
    this.#clock = clock
    this.#isSystems = resolver === undefined
    this.#resolver = resolver ?? new Resolver({ timeout: 2000, tries: 2 })
  }

  naptr(name: string): Promise<readonly Naptr[]> {
    return this.#ask(`naptr ${name}`, async () => ({
      records: await this.#resolver.resolveNaptr(name),
      keptMs: keptMs.usual,
    }))
  }

  srv(name: string): Promise<readonly Srv[]> {
    return this.#ask(`srv ${name}`, async () => ({
      records: await this.#resolver.resolveSrv(name),
      keptMs: keptMs.usual,
    }))
  }

  async addresses(name: string): Promise<readonly string[]> {
    if (this.#isSystems) return this.#ask(`system ${name}`, () => lookUp(name))
    const [four, six] = await Promise.all([
      this.#ask(`a ${name}`, async () => withTtl(await this.#resolver.resolve4(name, { ttl: true }))),
      this.#ask(`aaaa ${name}`, async () => withTtl(await this.#resolver.resolve6(name, { ttl: true }))),
    ])
    return [...four, ...six]
  }

  forget(): void {
    const now = this.#clock.now()
    for (const [question, { askedAt }] of this.#kept) {
      // Not each failure in a row of many: a trunk that is down would have DNS asked for every call.
      if (now - askedAt >= keptMs.shortest) this.#kept.delete(question)
    }
  }

  /** The same question twice at once is asked once. */
  async #ask<T>(question: string, ask: () => Promise<Answer<T>>): Promise<readonly T[]> {
    const now = this.#clock.now()
    const kept = this.#kept.get(question)
    if (kept !== undefined && kept.until > now) return ((await kept.answer) as Answer<T>).records
    if (this.#kept.size >= mostKept) this.#kept.clear()
    const answer = ask().catch(nothingOr<T>)
    const entry: Kept = { askedAt: now, until: Infinity, answer }
    this.#kept.set(question, entry)
    try {
      const { records, keptMs: lasts } = await answer
      entry.until = this.#clock.now() + lasts
      return records
    } catch (error) {
      // Who could not be asked is asked again by the next one.
      this.#kept.delete(question)
      throw error
    }
  }
}

function withTtl(records: { address: string; ttl: number }[]): Answer<string> {
  const ttlMs = Math.min(...records.map(({ ttl }) => ttl * 1000))
  const lasts = Math.min(Math.max(ttlMs, keptMs.shortest), keptMs.longest)
  return { records: records.map(({ address }) => address), keptMs: lasts }
}

async function lookUp(name: string): Promise<Answer<string>> {
  const found = await lookup(name, { all: true, order: 'ipv4first' })
  return { records: found.map(({ address }) => address), keptMs: keptMs.usual }
}

/** That there is no such name, or no such record, is an answer. */
function nothingOr<T>(error: unknown): Answer<T> {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined
  if (code === 'ENOTFOUND' || code === 'ENODATA') return { records: [], keptMs: keptMs.shortest }
  throw error
}

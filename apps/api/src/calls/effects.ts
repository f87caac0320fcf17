/**
 * Carries out what a step decided. Effects were committed with the row, so what this process does not finish another
 * one takes over when the lease runs out; receivers carry out each (callId, version, n) once and ignore older versions.
 */
import type { Logger } from 'pino'
import { BusError, orderMedia, publishToSession, type Bus } from '@parley/bus'
import { grantOf, type Call, type Effect } from '@parley/call'
import type { EpochMs } from '@parley/protocol'
import type { CallStore, EffectRow } from './call-store.ts'

/** How long finished effects are collected before one statement deletes them all. */
const forgetAfterMs = 25

export class Effects {
  #done: EffectRow[] = []
  #timer: NodeJS.Timeout | undefined
  #forgetting: Promise<void> = Promise.resolve()

  constructor(
    private readonly parts: {
      store: CallStore
      bus: Bus
      log: Logger
      orderMs: number
      isAlive: (node: Call['mediaNode']) => boolean
    },
  ) {}

  /** Carries out, in order, what a step of this process has just committed. */
  async carryOut(call: Call, effects: Effect[]): Promise<void> {
    for (const [n, effect] of effects.entries()) {
      const row = { callId: call.id, version: call.version, n, effect }
      if (await this.#carry(call, row)) this.#forget(row)
    }
  }

  /** Carries out what another process left behind, unless it has expired. `call` is the row as it is now. */
  async finish(row: EffectRow, call: Call | undefined, now: EpochMs): Promise<void> {
    const isExpired = row.effect.do === 'tell' && row.effect.expiresAt !== undefined && row.effect.expiresAt <= now
    if (call === undefined || isExpired || (await this.#carry(call, row))) this.#forget(row)
  }

  /** Waits until the rows of everything carried out are deleted. */
  async close(): Promise<void> {
    clearTimeout(this.#timer)
    this.#flush()
    await this.#forgetting
  }

  /** True when the effect is done for good: carried out, or without anyone left to carry it to. */
  async #carry(call: Call, { effect, ...name }: EffectRow): Promise<boolean> {
    if (effect.do === 'tell') {
      publishToSession(this.parts.bus, effect.session, effect.message, name)
      return true
    }
    try {
      await this.#order(call, effect)
      return true
    } catch (error) {
      const isGone = !this.parts.isAlive(call.mediaNode)
      const log = isGone ? 'debug' : 'warn'
      this.parts.log[log]({ callId: call.id, legId: effect.legId, do: effect.do, error: told(error) }, 'effect.failed')
      return isGone // a dead sfu holds nothing that could be granted or closed
    }
  }

  async #order(call: Call, effect: Exclude<Effect, { do: 'tell' }>): Promise<void> {
    const about = { callId: call.id, legId: effect.legId, version: call.version }
    const within = { timeoutMs: this.parts.orderMs }
    const leg = call.legs.find((one) => one.id === effect.legId)
    // The row as it is now decides: a grant that is carried out late must not undo a newer one.
    if (effect.do === 'grant' && leg !== undefined) {
      await orderMedia(this.parts.bus, call.mediaNode, 'setGrant', { ...about, grant: grantOf(leg) }, within)
    } else {
      await orderMedia(this.parts.bus, call.mediaNode, 'closeLeg', about, within)
    }
  }

  #forget(row: EffectRow): void {
    this.#done.push(row)
    this.#timer ??= setTimeout(() => this.#flush(), forgetAfterMs)
  }

  #flush(): void {
    this.#timer = undefined
    const rows = this.#done
    if (rows.length === 0) return
    this.#done = []
    this.#forgetting = this.#forgetting
      .then(() => this.parts.store.forget(rows))
      // Not deleted means carried out once more when the lease runs out; receivers know them already.
      .catch((error: unknown) =>
        this.parts.log.warn({ rows: rows.length, error: told(error) }, 'effects.not_forgotten'),
      )
  }
}

function told(error: unknown): string {
  return error instanceof BusError || error instanceof Error ? error.message : String(error)
}

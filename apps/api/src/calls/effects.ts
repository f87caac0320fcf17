/**
 * Carries out what a step decided. Effects were committed with the row, so what this process does not finish another
 * one takes over when the lease runs out; receivers carry out each (callId, version, n) once and ignore older versions.
 */
import type { Logger } from 'pino'
import { BusError, orderMedia, publishToSessions, type Bus } from '@parley/bus'
import { grantOf, type Call, type CallEvent, type Effect, type Leg } from '@parley/call'
import { Refused, type CallId, type EpochMs } from '@parley/protocol'
import type { CallStore, EffectRow } from './call-store.ts'

type DialEffect = Extract<Effect, { do: 'dial' }>
type RecordEffect = Extract<Effect, { do: 'record' }>

/** How long finished effects are collected before one statement deletes them all. */
const forgetAfterMs = 25

export class Effects {
  #done: EffectRow[] = []
  #timer: NodeJS.Timeout | undefined
  #forgetting: Promise<void> = Promise.resolve()
  readonly #underWay = new Set<Promise<void>>()

  constructor(
    private readonly parts: {
      store: CallStore
      bus: Bus
      log: Logger
      orderMs: number
      isAlive: (node: Call['mediaNode']) => boolean
      /** Has phones dialled, and remembers how their calls went. */
      phones: {
        dial: (call: Call, leg: Leg, effect: DialEffect) => Promise<void>
        record: (call: Call, effect: RecordEffect) => Promise<void>
      }
      /** Steps a call. */
      forward: (callId: CallId, event: CallEvent) => Promise<unknown>
    },
  ) {}

  /**
   * Carries out, in order, what a step of this process has just committed. Effects of one kind that stand side by side
   * concern different legs and go together.
   */
  async carryOut(call: Call, effects: Effect[]): Promise<void> {
    const rows = effects.map((effect, n) => ({ callId: call.id, version: call.version, n, effect }))
    for (const side of sideBySide(rows)) {
      await Promise.all(side.map(async (row) => ((await this.#carry(call, row)) ? this.#forget(row) : undefined)))
    }
  }

  /** Carries out what another process left behind, unless it has expired. `call` is the row as it is now. */
  async finish(row: EffectRow, call: Call | undefined, now: EpochMs): Promise<void> {
    const isExpired = 'expiresAt' in row.effect && row.effect.expiresAt !== undefined && row.effect.expiresAt <= now
    if (call === undefined || isExpired || (await this.#carry(call, row))) this.#forget(row)
  }

  /** Waits until the rows of everything carried out are deleted. */
  async close(): Promise<void> {
    await Promise.all(this.#underWay)
    clearTimeout(this.#timer)
    this.#flush()
    await this.#forgetting
  }

  /** True when the effect is done for good: carried out, or without anyone left to carry it to. */
  async #carry(call: Call, row: EffectRow): Promise<boolean> {
    const { effect, ...name } = row
    if (effect.do === 'tell') {
      publishToSessions(this.parts.bus, effect.sessions, effect.message, name)
      return true
    }
    if (effect.do === 'forward') return this.#later(row, () => this.#forward(row.callId, effect))
    if (effect.do === 'dial') return this.#later(row, () => this.#dial(call, effect))
    if (effect.do === 'record') return this.#later(row, () => this.parts.phones.record(call, effect))
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

  /** Not waited for: it may have something to say to the call that is being stepped, whose step must be over then. */
  #later(row: EffectRow, carryOut: () => Promise<unknown>): false {
    const { callId, effect } = row
    const carrying: Promise<void> = carryOut()
      .then(() => this.#forget(row))
      // Left as it is: it is carried out once more when the lease runs out.
      .catch((error: unknown) => this.parts.log.warn({ callId, do: effect.do, error: told(error) }, 'effect.failed'))
      .finally(() => this.#underWay.delete(carrying))
    this.#underWay.add(carrying)
    return false
  }

  async #forward(from: CallId, { callId, event }: Extract<Effect, { do: 'forward' }>): Promise<void> {
    await this.parts.forward(callId, event).catch((error: unknown) => this.#notTaken(error, from, event))
  }

  /** A phone that cannot be dialled now is not dialled later: its ringing is over. */
  async #dial(call: Call, effect: DialEffect): Promise<void> {
    const leg = call.legs.find(({ id }) => id === effect.legId)
    if (leg?.state !== 'Ringing') return
    try {
      await this.parts.phones.dial(call, leg, effect)
    } catch (error) {
      this.parts.log.warn({ callId: call.id, legId: leg.id, error: told(error) }, 'dial.failed')
      if (leg.session === undefined) return
      await this.parts.forward(call.id, { type: 'sessionEnded', session: leg.session, reason: 'phoneLost' })
    }
  }

  /** The other call does not take who is transferred: the call that he comes from hears of it. */
  async #notTaken(error: unknown, from: CallId, event: CallEvent): Promise<void> {
    if (!(error instanceof Refused)) throw error
    const id = event.type === 'added' ? event.devices[0]?.transferOf?.id : undefined
    if (id !== undefined) await this.parts.forward(from, { type: 'transferFailed', id, reason: 'noEndpoint' })
  }

  async #order(call: Call, effect: Exclude<Effect, { do: 'tell' | 'forward' | 'dial' | 'record' }>): Promise<void> {
    const about = { callId: call.id, legId: effect.legId, version: call.version }
    const within = { timeoutMs: this.parts.orderMs }
    const leg = call.legs.find((one) => one.id === effect.legId)
    // The row as it is now decides: a grant that is carried out late must not undo a newer one.
    const grant = leg === undefined || leg.state === 'Disconnected' ? undefined : grantOf(call, leg)
    if (grant === undefined || effect.do === 'closeMedia') {
      await orderMedia(this.parts.bus, call.mediaNode, 'closeLeg', about, within)
    } else if (effect.do === 'grant') {
      await orderMedia(this.parts.bus, call.mediaNode, 'setGrant', { ...about, grant }, within)
    } else {
      const bot = { ...about, generation: 1, grant, bot: effect.bot }
      await orderMedia(this.parts.bus, call.mediaNode, 'openBot', bot, within)
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

function sideBySide(rows: EffectRow[]): EffectRow[][] {
  const sides: EffectRow[][] = []
  for (const row of rows) {
    const last = sides.at(-1)
    if (last?.[0]?.effect.do === row.effect.do) last.push(row)
    else sides.push([row])
  }
  return sides
}

/**
 * Who speaks in a call and who spoke last, from the levels that its routers measure. A level is looked at every now and
 * then; somebody speaks from the first look in which he is loud enough until he has not been for a while.
 */
import type { LegId } from '@parley/protocol'
import type { Level } from './call-router.ts'

/** A turn: somebody speaks, or has spoken. */
type Turn = { readonly legId: LegId; dbov: number; heardAtMs: number; isOver: boolean }

export class Speakers {
  readonly #endMs: number
  readonly #onChange: () => void
  readonly #now: () => number
  /** The last turn of everyone who spoke, the latest first; those who still speak before all others. */
  #turns: Turn[] = []
  #timer: NodeJS.Timeout | undefined
  #isClosed = false

  /** `onChange` is called when somebody begins or ends to speak, or is forgotten, and not when one gets louder. */
  constructor(options: { endMs: number; onChange: () => void; now?: () => number }) {
    this.#endMs = options.endMs
    this.#onChange = options.onChange
    this.#now = options.now ?? (() => performance.now())
  }

  /** Who speaks now, with how loud he was when he was heard last; the loudest first. */
  get speaking(): Level[] {
    return this.#turns.filter(({ isOver }) => !isOver).toSorted((a, b) => b.dbov - a.dbov)
  }

  /** Everyone who has spoken, the latest first. */
  get lately(): LegId[] {
    return this.#turns.map(({ legId }) => legId)
  }

  /** One look of one router. */
  hear(levels: Level[]): void {
    if (this.#isClosed) return
    let hasChanged = false
    for (const { legId, dbov } of levels) {
      const turn = this.#turns.find((one) => one.legId === legId)
      const isNew = turn === undefined || turn.isOver
      hasChanged ||= isNew
      if (isNew) this.#turns = [this.#beginning(legId, dbov), ...this.#turns.filter((one) => one !== turn)]
      else Object.assign(turn, { dbov, heardAtMs: this.#now() })
    }
    this.#wakeInTime()
    if (hasChanged) this.#onChange()
  }

  /** Somebody has left. */
  forget(legId: LegId): void {
    const left = this.#turns.filter((turn) => turn.legId !== legId)
    if (left.length === this.#turns.length) return
    this.#turns = left
    this.#onChange()
  }

  close(): void {
    this.#isClosed = true
    clearTimeout(this.#timer)
  }

  #beginning(legId: LegId, dbov: number): Turn {
    return { legId, dbov, heardAtMs: this.#now(), isOver: false }
  }

  /** Ends the turns of those who have not been heard for long enough. */
  #endTurns(): void {
    this.#timer = undefined
    const heardByMs = this.#now() - this.#endMs
    const ending = this.#turns.filter((turn) => !turn.isOver && turn.heardAtMs <= heardByMs)
    for (const turn of ending) turn.isOver = true
    // Who has just ended spoke later than all who had ended before.
    const rest = this.#turns.filter((turn) => !ending.includes(turn))
    const firstOver = rest.findIndex(({ isOver }) => isOver)
    this.#turns = rest.toSpliced(firstOver === -1 ? rest.length : firstOver, 0, ...ending)
    this.#wakeInTime()
    if (ending.length > 0) this.#onChange()
  }

  #wakeInTime(): void {
    if (this.#timer !== undefined) return
    const heardAtMs = this.#turns.filter(({ isOver }) => !isOver).map((turn) => turn.heardAtMs)
    if (heardAtMs.length === 0) return
    const inMs = Math.min(...heardAtMs) + this.#endMs - this.#now()
    this.#timer = setTimeout(() => this.#endTurns(), Math.max(0, inMs) + 1)
  }
}

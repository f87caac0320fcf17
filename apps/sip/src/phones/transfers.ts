/**
 * Transfers of a phone. The other side of its call may send it to somebody else or into another call: the same SIP session
 * and the same sound then go on in another seat. And the phone may send the other side away, by REFER (RFC 3515).
 */
import { randomUUID } from 'node:crypto'
import { CallId, Refused, statusOfReason, type CallView, type RawId, type TransferView } from '@parley/protocol'
import type { IncomingRefer, InviteSession, ReferReport } from '@parley/sip'
import type { InCall } from './in-call.ts'
import type { Seat } from './seat.ts'
import { rawIdIn, type Writing } from './written-numbers.ts'

/** Another phone, or the same one in another call. */
type Other = Pick<InCall, 'seat' | 'side' | 'ends'>

export type TransferParts = {
  /** Whether a REFER of it is carried out. */
  mayTransfer: boolean
  /** How its trunk writes numbers; absent for a phone of this machine. */
  writing: Writing | undefined
  /** The phone that has this SIP session. */
  phoneOf: (dialog: InviteSession) => Other | undefined
}

export class Transfers {
  readonly #phone: InCall
  readonly #parts: TransferParts
  /** The transfer that has us move, with the seat from which we do. */
  #moving: { id: string; from: Seat; to: Seat | undefined } | undefined
  /** The transfer that the phone has asked for, and the call of its that is to be the other side's. */
  #asked: { report: ReferReport; replaced: Other | undefined } | undefined

  constructor(phone: InCall, parts: TransferParts) {
    this.#phone = phone
    this.#parts = parts
  }

  /** Whether the phone waits for somebody to come to whom it is being transferred. */
  get isOn(): boolean {
    return this.#moving !== undefined
  }

  seesView(seat: Seat, view: CallView): void {
    const { transfer } = view
    if (transfer?.side === 'by') this.#tellPhone(transfer)
    if (transfer?.side === 'of') this.#seesOwn(seat, transfer)
    if (this.#moving?.to === seat && view.state === 'Connected') this.#moved()
  }

  /** Another call rings us, because we are transferred into it. */
  broughtInto(view: CallView): void {
    const { callId, legId } = view
    if (this.#moving === undefined) return
    const next = this.#phone.takesSeat(callId, legId)
    next.sees(view)
    this.#moving.to = next
    this.#phone.sitsOn(next)
    this.#phone.inOrder('accept', async () => {
      const { call } = await this.#phone.ask('call.accept', { callId, isMuted: false })
      this.#phone.seen(call)
    })
  }

  /** A seat is gone: we have moved, or there is nowhere to move to. */
  seatEnded(seat: Seat): void {
    if (this.#moving?.from === seat || this.#moving?.to === seat) this.#moved()
  }

  close(): void {
    this.#asked?.report.finished(603)
    this.#asked = undefined
  }

  /** The phone asks us to send the other side elsewhere. */
  phoneAsks(refer: IncomingRefer): void {
    const { seat } = this.#phone
    const target = this.#targetOf(refer)
    if (!this.#parts.mayTransfer || seat === undefined || target === undefined) {
      refer.reject(target === undefined ? 404 : 603)
      return
    }
    const { to, replaced } = target
    const report = refer.accept()
    const { callId } = seat
    this.#phone.inOrder('transfer', async () => {
      try {
        this.#asked = { report, replaced }
        const { call } = await this.#phone.ask('call.transfer', { callId, to })
        this.#phone.seen(call)
      } catch (error) {
        this.#asked = undefined
        report.finished(error instanceof Refused ? 603 : 500)
        throw error
      }
    })
  }

  #targetOf({ target, replaces }: IncomingRefer): { to: TransferView['to']; replaced?: Other } | undefined {
    if (replaces === undefined) {
      const user = rawIdIn(target, this.#parts.writing)
      return user === undefined ? undefined : { to: { user } }
    }
    const dialog = this.#phone.agent.sessionNamed(replaces)
    const replaced = dialog && this.#parts.phoneOf(dialog)
    if (replaced?.seat === undefined) return undefined
    return { to: { callId: replaced.seat.callId }, replaced }
  }

  #tellPhone({ state, end }: TransferView): void {
    const asked = this.#asked
    if (asked === undefined || state === 'Transferring') return
    this.#asked = undefined
    const isDone = state === 'Transferred' || end === undefined
    asked.report.finished(isDone ? 200 : statusOfReason(end.reason))
    // RFC 5589 section 7: whose place is taken is not in that call any more.
    if (isDone) asked.replaced?.ends(asked.replaced.side === 'called' ? 'phoneHungUp' : 'phoneLeft')
  }

  #seesOwn(seat: Seat, { id, state, to }: TransferView): void {
    if (state === 'Transferring' && this.#moving === undefined) {
      this.#moving = { id, from: seat, to: undefined }
      this.#phone.settlesMusic()
      if ('user' in to) this.#goTo(seat, to.user, id)
    }
    if (state === 'Failed' && this.#moving?.id === id) this.#moveBack()
  }

  #goTo(from: Seat, user: RawId, id: string): void {
    const callId = CallId.parse(randomUUID())
    const transfer = { callId: from.callId, id }
    this.#phone.inOrder('transferred', async () => {
      const { call } = await this.#phone.ask('call.start', { callId, to: [user], isMuted: false, transfer })
      if (call.state === 'Disconnected' || this.#moving?.id !== id) return
      const next = this.#phone.takesSeat(call.callId, call.legId)
      this.#moving.to = next
      this.#phone.sitsOn(next)
      this.#phone.seen(call)
    })
  }

  #moved(): void {
    this.#moving = undefined
    this.#phone.settlesMusic()
  }

  #moveBack(): void {
    const from = this.#moving?.from
    this.#moved()
    if (from !== undefined) this.#phone.sitsOn(from)
  }
}

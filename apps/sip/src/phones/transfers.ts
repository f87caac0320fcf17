/**
 * Transfers of a phone. The other side of its call may send it to somebody else or into another call: the same SIP session
 * and the same sound then go on in another seat. And the phone may send the other side away, by REFER (RFC 3515).
 */
import { randomUUID } from 'node:crypto'
import { CallId, Refused, statusOfReason, type CallView, type RawId, type TransferView } from '@parley/protocol'
import type { IncomingRefer, InviteSession, ReferReport } from '@parley/sip'
import type { InCall } from './in-call.ts'
import type { Seat } from './seat.ts'
import { rawIdIn } from './written-numbers.ts'

/** Another phone, or the same one in another call. */
type Other = Pick<InCall, 'seat' | 'side' | 'line' | 'ends'>
type Wish = {
  report: ReferReport
  /** The call of its that is to be the other side's. */
  replaced: Other | undefined
  /** The transfer before this one, which may be shown still. */
  before: string | undefined
}
/** Where a REFER leads, or the status of why it leads nowhere. */
type Aim = { to: TransferView['to']; replaced?: Other } | { status: number }

export type TransferParts = {
  /** The phone that has this SIP session. */
  phoneOf: (dialog: InviteSession) => Other | undefined
}

export class Transfers {
  readonly #phone: InCall
  readonly #parts: TransferParts
  /** The transfer that has us move, with the seat from which we do. */
  #moving: { id: string; from: Seat; to: Seat | undefined } | undefined
  /** The transfer that the phone has asked for. */
  #asked: Wish | undefined

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

  /**
   * The phone asks us to send the other side elsewhere. One thing after the other: what it asks for meanwhile has to wait
   * (RFC 3261 section 21.4.27).
   */
  phoneAsks(refer: IncomingRefer): void {
    const { seat, line } = this.#phone
    if (!line.mayTransfer || seat === undefined) {
      refer.reject(603)
      return
    }
    if (this.#asked !== undefined) {
      refer.reject(491)
      return
    }
    const aim = this.#aimOf(refer)
    const report = refer.accept()
    // Told in a NOTIFY: as the answer to a REFER some of these would end the phone's call (RFC 5057 section 5.1).
    if ('status' in aim) report.finished(aim.status)
    else this.#transfer(seat, aim.to, { report, replaced: aim.replaced, before: seat.view?.transfer?.id })
  }

  #transfer({ callId }: Seat, to: TransferView['to'], asked: Wish): void {
    const { report } = asked
    this.#asked = asked
    this.#phone.inOrder('transfer', async () => {
      try {
        const { call } = await this.#phone.ask('call.transfer', { callId, to })
        this.#phone.seen(call)
      } catch (error) {
        this.#asked = undefined
        report.finished(error instanceof Refused ? 603 : 500)
        throw error
      }
    })
  }

  #aimOf({ target, replaces }: IncomingRefer): Aim {
    const { seat, line } = this.#phone
    if (target.kind === 'other') return { status: 416 }
    if (replaces === undefined) {
      const user = rawIdIn(target, line.writing)
      return user === undefined ? { status: 404 } : { to: { user } }
    }
    const dialog = this.#phone.agent.sessionNamed(replaces)
    const replaced = dialog && this.#parts.phoneOf(dialog)
    // A dialog that is somebody else's is none for it.
    if (replaced?.seat === undefined || replaced.line.trunk !== line.trunk) return { status: 481 }
    if (replaced.seat === seat) return { status: 482 }
    return { to: { callId: replaced.seat.callId }, replaced }
  }

  #tellPhone({ id, state, end }: TransferView): void {
    const asked = this.#asked
    if (asked === undefined || id === asked.before || state === 'Transferring') return
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

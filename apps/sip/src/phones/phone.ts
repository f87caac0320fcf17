/**
 * One telephone: its session towards api, its SIP session towards the network, its sound, and its place in a call. How it
 * came about is told in outgoing.ts and incoming.ts; from its answer on both are the same. A transfer may seat it in
 * another call, while to the phone it is still the same one.
 */
import { subscribeSession, type Bus } from '@parley/bus'
import {
  endOf,
  statusOfReason,
  type AgentEvent,
  type CallId,
  type CallView,
  type LegId,
  type PhoneInventory,
  type ReasonName,
  type SessionId,
} from '@parley/protocol'
import type { IncomingInvite, InviteSession, SessionEnd, UserAgent } from '@parley/sip'
import type { Logger } from 'pino'
import type { LegEvent, PhoneLeg } from '../media/index.ts'
import { insist, type Ask } from './asking.ts'
import { reasonHeader, reasonOfGoodbye, type Side } from './ends.ts'
import { Holding } from './holding.ts'
import type { InCall } from './in-call.ts'
import { Keys } from './keys.ts'
import type { AgreedSound } from './phone-sdp.ts'
import { Seat } from './seat.ts'
import { Transfers, type TransferParts } from './transfers.ts'
import { Waiting } from './waiting.ts'
import type { Line } from './way.ts'

export type PhoneParts = TransferParts & {
  session: SessionId
  side: Side
  /** That over which it calls; or over which it is called first. */
  line: Line
  bus: Bus
  ask: Ask
  sound: PhoneLeg
  agent: UserAgent
  /** It is over: whoever keeps it forgets it. */
  gone: (phone: Phone) => void
  log: Logger
}

export class Phone implements InCall {
  readonly session: SessionId
  readonly side: Side
  readonly ask: Ask
  readonly sound: PhoneLeg
  readonly agent: UserAgent
  readonly log: Logger
  /** Told how the call looks while it is not answered yet. */
  whileItRings: (view: CallView) => void = () => undefined
  readonly #parts: PhoneParts
  readonly #holding = new Holding(this)
  readonly #keys = new Keys(this)
  readonly #transfers: Transfers
  readonly #waiting = new Waiting(this)
  readonly #stops: (() => void)[] = []
  /** Where it sits, and during a transfer where it is to sit. */
  readonly #seats = new Map<CallId, Seat>()
  #current: Seat | undefined
  #dialog: InviteSession | undefined
  /** While several telephones ring: those beside it. */
  #others: readonly InviteSession[] = []
  #line: Line
  #agreed: AgreedSound | undefined
  #isUp = false
  #end: ReasonName | undefined
  #last: Promise<void> = Promise.resolve()
  #goodbye: Promise<unknown> = Promise.resolve()

  constructor(parts: PhoneParts) {
    this.#parts = parts
    this.session = parts.session
    this.side = parts.side
    this.#line = parts.line
    this.ask = parts.ask
    this.sound = parts.sound
    this.agent = parts.agent
    this.log = parts.log
    this.#transfers = new Transfers(this, parts)
    this.#stops.push(
      subscribeSession(parts.bus, parts.session, (message) => this.#hear(message)),
      parts.sound.on((event) => this.#hearSound(event)),
    )
  }

  get isOver(): boolean {
    return this.#end !== undefined
  }

  /** Whether the phone has answered, or was answered. */
  get isUp(): boolean {
    return this.#isUp
  }

  get seat(): Seat | undefined {
    return this.#current
  }

  get dialog(): InviteSession | undefined {
    return this.#dialog
  }

  get line(): Line {
    return this.#line
  }

  get agreed(): AgreedSound | undefined {
    return this.#agreed
  }

  get inventory(): PhoneInventory['phones'] {
    return [...this.#seats.values()].map(({ callId, legId }) => ({ callId, legId, session: this.session }))
  }

  /** A place in a call. The first one is where it sits. */
  takesSeat(callId: CallId, legId: LegId): Seat {
    const known = this.#seats.get(callId)
    if (known !== undefined) return known
    const seat = new Seat({
      ...{ callId, legId, ask: this.ask, sound: this.sound, log: this.log },
      isTracked: (track) => {
        if (this.#agreed !== undefined) this.#agreed = { ...this.#agreed, track }
      },
    })
    this.#seats.set(callId, seat)
    this.#current ??= seat
    return seat
  }

  /** Its sound and its calls' signalling are in this seat from now on. */
  sitsOn(seat: Seat): void {
    if (this.#current === seat) return
    this.#current?.lets()
    this.#current = seat
    seat.join()
    if (this.#agreed !== undefined && this.#isUp) seat.says(this.#agreed.track)
  }

  /** The SIP session that is under way now, or several while it is not known which will be the phone's. Hanging up ends them. */
  isReachedBy(dialog: InviteSession, ...others: InviteSession[]): void {
    this.#dialog = dialog
    this.#others = others
  }

  /** It has answered over this one of those over which it was called. */
  isAnsweredOver(line: Line): void {
    this.#line = line
  }

  /** What its SDP has agreed on. */
  agrees(agreed: AgreedSound): void {
    const before = this.#agreed
    this.#agreed = agreed
    if (!this.#isUp || before === undefined || before.codec === agreed.codec) return
    const seat = this.#current
    if (seat === undefined) return
    this.#tellCodec(seat, agreed)
    seat.says(agreed.track)
  }

  /** Both sides are there: from now on it is in the call. */
  isConnected(dialog: InviteSession): void {
    if (this.isOver) return
    this.#isUp = true
    // What was replaced by another session is not the phone's any more.
    dialog.on('ended', (end) => this.#dialog === dialog && this.#dialogEnded(end))
    dialog.on('peerDirection', (direction) => this.#holding.phoneTurns(direction))
    dialog.on('info', ({ digit }) => digit && this.#keys.pressed(digit.digit))
    dialog.on('refer', (refer) => this.#transfers.phoneAsks(refer))
    if (this.#agreed !== undefined) this.#current?.says(this.#agreed.track)
    this.#look()
  }

  /**
   * Another SIP session takes the place of its own (RFC 3891): somebody else is at the phone's end from then on. When
   * that comes to nothing everything stays as it was.
   */
  async isTakenOverBy(invite: IncomingInvite): Promise<void> {
    const before = this.#dialog
    this.#dialog = invite
    try {
      await invite.accept()
      this.isConnected(invite)
    } catch (error) {
      if (this.#dialog === invite) this.#dialog = before
      throw error
    }
  }

  /** Does things one after another, and none after the end. */
  inOrder(what: string, step: () => Promise<unknown>): void {
    this.#last = this.#afterLast(what, step)
  }

  /** The phone is over by what happened on its own side: api is told. */
  ends(reason: ReasonName, sipStatus?: number): void {
    if (this.isOver) return
    const seats = [...this.#seats.values()]
    this.#over(reason)
    const status = sipStatus === undefined ? {} : { sipStatus }
    const told = seats.map(({ callId }) =>
      insist(
        () => this.ask('phone.ended', { callId, reason, ...status }),
        () => true,
      ),
    )
    // What could not be told, the next inventory tells.
    this.#goodbye = Promise.allSettled([this.#goodbye, ...told])
  }

  /** The call is over, or never was: the phone is hung up. */
  hangUp(reason: ReasonName): void {
    if (this.isOver) return
    this.#over(reason)
  }

  /** No row knows this seat of it. */
  loses(callId: CallId): void {
    const seat = this.#seats.get(callId)
    if (seat !== undefined) this.#seatEnded(seat, 'phoneLost')
  }

  /** Presses keys towards the phone. */
  async press(tones: string): Promise<void> {
    if (this.#agreed?.hasEvents === true) return this.sound.sendDigits(tones)
    // RFC 4733 is what everybody speaks; who does not is told by INFO.
    for (const digit of tones) await this.#dialog?.infoDigit(digit)
  }

  /** Resolves when both sides know of the end. */
  async close(): Promise<void> {
    this.ends('phoneLost')
    await this.#goodbye
  }

  /** What it hears instead of the call follows from several things at once. */
  settlesMusic(): void {
    const isOn = this.#holding.isOn || this.#waiting.isOn || this.#transfers.isOn
    this.sound.playMusic(isOn).catch(() => undefined) // the sound has ended
  }

  async #afterLast(what: string, step: () => Promise<unknown>): Promise<void> {
    await this.#last
    if (this.isOver) return
    try {
      await step()
    } catch (error) {
      if (!this.isOver) this.log.warn({ session: this.session, what, error: String(error) }, 'phone.failed')
    }
  }

  #over(reason: ReasonName): void {
    this.#end = reason
    for (const stop of this.#stops.splice(0)) stop()
    for (const seat of this.#seats.values()) seat.leave()
    this.#keys.close()
    this.#waiting.close()
    this.#transfers.close()
    const how = { status: statusOfReason(reason), reason: reasonHeader(reason) }
    const ended = [this.#dialog, ...this.#others].map((dialog) => dialog?.terminate(how))
    this.#goodbye = Promise.allSettled([...ended, this.sound.close()])
    const { message } = endOf(reason)
    this.log.info({ session: this.session, side: this.side, reason, message }, 'phone.ended')
    this.#parts.gone(this)
  }

  #hear({ event, body }: AgentEvent): void {
    switch (event) {
      case 'call.changed':
        this.seen(body.call)
        return
      case 'call.ended':
        this.#callEnded(body.call)
        return
      case 'call.incoming':
        this.#transfers.broughtInto(body.call)
        return
      case 'media.consumer':
        this.#seats.get(body.callId)?.hears(body)
        return
      case 'media.consumerClosed':
        this.#seats.get(body.callId)?.hearsNoMore(body)
        return
      case 'session.ended':
        this.hangUp(body.end.reason)
        return
      // A phone shows nobody, and no pictures.
      case 'call.people':
      case 'call.said':
      case 'media.speakers':
      case 'media.streams':
        return
    }
  }

  /** How a call of its looks now. */
  seen(view: CallView): void {
    const seat = this.#seats.get(view.callId)
    if (seat === undefined || !seat.sees(view)) return
    if (view.state === 'Disconnected') {
      this.#callEnded(view)
      return
    }
    if (view.mediaLost && seat === this.#current) seat.joinAnew()
    this.#transfers.seesView(seat, view)
    if (!this.#isUp) this.whileItRings(view)
    if (seat === this.#current) this.#look()
  }

  #look(): void {
    const seat = this.#current
    if (seat?.view === undefined || !this.#isUp) return
    seat.triesAgain()
    this.#holding.seesView(seat.view)
    this.#keys.seesView(seat.view)
    this.#waiting.seesView(seat.view)
  }

  #callEnded({ callId, end }: CallView): void {
    const seat = this.#seats.get(callId)
    if (seat !== undefined) this.#seatEnded(seat, end?.reason ?? 'hungUp')
  }

  #seatEnded(seat: Seat, reason: ReasonName): void {
    seat.leave()
    this.#seats.delete(seat.callId)
    const [other] = this.#seats.values()
    if (other === undefined) {
      this.hangUp(reason)
      return
    }
    this.#transfers.seatEnded(seat)
    if (this.#current === seat) {
      this.#current = undefined
      this.sitsOn(other)
    } else if (this.#current !== undefined) this.#current.join()
    this.#look()
  }

  #dialogEnded(end: SessionEnd): void {
    this.ends(reasonOfGoodbye(end, this.side), end.status)
  }

  #hearSound(event: LegEvent): void {
    switch (event.event) {
      case 'digit':
        this.#keys.pressed(event.digit)
        return
      case 'silent':
        if (this.#isUp) this.ends('phoneSilent')
        return
      case 'lost':
        this.log.error({ session: this.session, err: event.cause }, 'phone.sound_lost')
        this.ends('phoneLost')
        return
      case 'flowing':
        return
    }
  }

  #tellCodec({ callId }: Seat, { codec }: AgreedSound): void {
    if (codec !== 'PCMU' && codec !== 'PCMA') return
    this.inOrder('codec', () => this.ask('phone.progress', { callId, codec }))
  }
}

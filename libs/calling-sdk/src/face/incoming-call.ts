import type { End } from '@parley/protocol'
import { failed, isError } from '../calling-error.ts'
import type { Leg } from '../link/leg.ts'
import type { AgentParts } from './agent-parts.ts'
import { callerInfoOf, callInfoOf, endReasonOf } from './call-info.ts'
import type {
  AcceptCallOptions,
  Call,
  CallEndReason,
  CallerInfo,
  CallInfo,
  IncomingCall,
  IncomingCallEvents,
} from './contract/call.ts'
import { Emitter } from './emitter.ts'
import { type LegMedia, openMedia } from './own-media.ts'

export type IncomingOwner = {
  /** Makes the call out of what rings, and answers. */
  answer(incoming: IncomingCore, options: AcceptCallOptions, transferor?: CallerInfo): Promise<Call>
  ended(incoming: IncomingCore): void
}

/** A call that rings here, until it is answered, declined, or over. */
export class IncomingCore extends Emitter<IncomingCallEvents> {
  readonly face: ParleyIncomingCall
  readonly leg: Leg
  readonly info: CallInfo
  callerInfo: CallerInfo = { identifier: undefined }
  private readonly owner: IncomingOwner
  private warm: LegMedia | undefined
  private stage: 'ringing' | 'answering' | 'over' = 'ringing'

  constructor(agent: AgentParts, leg: Leg, owner: IncomingOwner) {
    super()
    this.leg = leg
    this.owner = owner
    this.info = callInfoOf(leg)
    this.warm = openMedia(agent, leg)
    this.face = new ParleyIncomingCall(this)
    this.listen()
  }

  /** Brings the transports up while it rings, without microphone and without sound. */
  warmUp(): void {
    void this.warm?.media.join()
  }

  async accept(options: AcceptCallOptions, transferor?: CallerInfo): Promise<Call> {
    if (this.stage !== 'ringing') throw failed('cannotAccept')
    this.stage = 'answering'
    try {
      const call = await this.owner.answer(this, options, transferor)
      this.stage = 'over'
      return call
    } catch (error) {
      // What it rang for is over; if not, it rings on.
      if (this.leg.end !== undefined) this.finish(this.leg.end)
      else this.stage = 'ringing'
      throw isError(error, 'unknownCall', 'calledOff') ? failed('cannotAccept', { cause: error }) : error
    }
  }

  async reject(): Promise<void> {
    if (this.stage !== 'ringing') throw failed('cannotReject')
    try {
      await this.leg.reject()
    } catch (error) {
      throw isError(error, 'unknownCall') ? failed('cannotReject', { cause: error }) : error
    }
  }

  /** Tells the app that it rings no more, because the call was answered without it. */
  answered(): void {
    const callEndReason = endReasonOf('acceptedElsewhere')
    this.face.callEndReason = callEndReason
    this.emit('callEnded', { callEndReason })
  }

  /** Gives the media away, to the call that goes on with it. */
  release(): LegMedia {
    const { warm } = this
    if (warm === undefined) throw failed('cannotAccept')
    this.warm = undefined
    return warm
  }

  /** Takes the media back, because the call could not be answered, and rings on. */
  takeBack(warm: LegMedia): void {
    this.warm = warm
    this.listen()
  }

  /** Ends here, once. */
  finish(end: End): void {
    if (this.stage === 'over') return
    this.stage = 'over'
    const callEndReason = endReasonOf(end)
    this.face.callEndReason = callEndReason
    this.owner.ended(this)
    this.emit('callEnded', { callEndReason })
  }

  private listen(): void {
    const see = (): void => {
      if (this.leg.view === undefined) return
      this.warm?.media.see(this.leg.view)
      const before = this.callerInfo.displayName
      this.callerInfo = callerInfoOf(this.leg.view)
      if (before !== this.callerInfo.displayName) this.emit('callerInfoChanged')
    }
    see()
    this.leg.tell({
      viewed: see,
      media: (event) => this.warm?.media.take(event),
      mediaMissed: () => this.warm?.media.missed(),
      ended: (end) => {
        this.warm?.media.close()
        this.finish(end)
      },
    })
  }
}

/** What an app holds of a call that rings. */
class ParleyIncomingCall implements IncomingCall {
  readonly kind = 'IncomingCall'
  callEndReason?: CallEndReason
  private readonly core: IncomingCore

  constructor(core: IncomingCore) {
    this.core = core
  }

  get id(): string {
    return this.core.leg.callId
  }
  get info(): CallInfo {
    return this.core.info
  }
  get callerInfo(): CallerInfo {
    return this.core.callerInfo
  }

  async accept(options: AcceptCallOptions = {}): Promise<Call> {
    return this.core.accept(options)
  }
  async reject(): Promise<void> {
    return this.core.reject()
  }

  on<E extends keyof IncomingCallEvents>(event: E, listener: IncomingCallEvents[E]): void {
    this.core.on(event, listener)
  }
  off<E extends keyof IncomingCallEvents>(event: E, listener: IncomingCallEvents[E]): void {
    this.core.off(event, listener)
  }
}

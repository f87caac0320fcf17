/**
 * How a call goes through its states and comes to its end.
 *
 *   None ──▶ Connecting ──▶ Ringing, InLobby ──▶ Connected ◀──▶ LocalHold, RemoteHold
 *                                   any of them ──▶ (Disconnecting) ──▶ Disconnected
 *
 * What lies between is the server's to say; who leaves does so at once, whatever the server and the network do.
 */
import type { LegState, ReasonName } from '@parley/protocol'
import { pause } from '../link/clock.ts'
import type { AgentParts } from './agent-parts.ts'
import { endReasonOf } from './call-info.ts'
import type { CallDirection, CallEndReason, CallState } from './contract/call.ts'

/** How long a hang-up waits for the server's word on why the call ended, and for the server at all. */
const toldMs = 500
const answerMs = 5000

type LifeParts = {
  agent: AgentParts
  id(): string
  direction: CallDirection
  /** Whether somebody was called, rather than met. */
  hasCalled: boolean
  on: {
    changed(): void
    /** Sound and picture come up for the first time; `state` is not Connected yet. */
    connects(): void
    /** Nothing may be sent or heard any more. */
    letGo(): void
    /** It is over; `state` is not Disconnected yet. */
    ending(end: CallEndReason): void
    /** It is over, and everybody knows. */
    ended(): void
  }
}

export class CallLife {
  state: CallState = 'None'
  isOver = false
  /** Whether sound and picture were ever up. */
  wasConnected = false
  private readonly parts: LifeParts
  private readonly over = Promise.withResolvers<void>()
  private waiting: (() => void)[] = []

  constructor(parts: LifeParts) {
    this.parts = parts
  }

  get isLeaving(): boolean {
    return this.state === 'Disconnecting'
  }

  /** Resolves when the call is over. */
  get ended(): Promise<void> {
    return this.over.promise
  }

  /** What the server says of one's own leg. */
  see(state: LegState): void {
    // What the server calls connecting may be a step back here, and the end comes with its reason.
    if (state === 'Connecting' || state === 'Disconnected') return
    // To a callee who has answered, "Ringing" is a view from before.
    if (state === 'Ringing' && this.parts.direction === 'Incoming') return
    if (state === 'Connected' && !this.wasConnected) {
      this.wasConnected = true
      this.parts.on.connects()
    }
    this.become(state)
  }

  become(state: CallState): void {
    if (this.state === state || this.state === 'Disconnected') return
    if (this.isLeaving && state !== 'Disconnected') return
    this.state = state
    this.parts.agent.log.info('call.changed', { callId: this.parts.id(), state })
    this.parts.on.changed()
    for (const look of [...this.waiting]) look()
  }

  /** Resolves when the call is in one of these states, or is not in a moment. */
  async reach(...states: CallState[]): Promise<void> {
    if (states.includes(this.state)) return
    const reached = Promise.withResolvers<void>()
    const look = (): void => {
      if (states.includes(this.state)) reached.resolve()
    }
    this.waiting.push(look)
    await Promise.race([reached.promise, pause(this.parts.agent.clock, toldMs)])
    this.waiting = this.waiting.filter((one) => one !== look)
  }

  /** Leaves. `tell` says so to the server. */
  async leave(tell: () => Promise<void>): Promise<void> {
    if (this.isOver) return
    if (this.isLeaving) return this.over.promise
    const end: ReasonName = this.parts.hasCalled && !this.wasConnected ? 'cancelled' : 'hungUp'
    this.become('Disconnecting')
    // Silent and unseen from this moment on, whatever the network does.
    this.parts.on.letGo()
    const { clock, link } = this.parts.agent
    const told = this.sayGoodbye(tell).then(() => pause(clock, toldMs))
    const cutOff = pause(clock, answerMs).then(() => (link.isUp ? pause(clock, answerMs) : undefined))
    await Promise.race([this.over.promise, told, cutOff])
    this.finish(endReasonOf(end))
  }

  /** Tells the server that one leaves; nothing can be done where that fails. */
  async sayGoodbye(tell: () => Promise<void>): Promise<void> {
    try {
      await tell()
    } catch (error) {
      this.parts.agent.log.warn('call.leftAlone', { callId: this.parts.id(), error })
    }
  }

  /** Ends here: by the server's word, or because there is nobody left to say one. The first end stays. */
  finish(end: CallEndReason): void {
    if (this.isOver) return
    this.isOver = true
    this.parts.on.ending(end)
    this.become('Disconnected')
    this.parts.on.ended()
    this.over.resolve()
  }
}

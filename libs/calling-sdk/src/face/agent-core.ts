/**
 * An agent as an app knows it, without its face: its calls, what rings, and whether it is connected. Everything that is
 * emitted is emitted here, where `this` is never an app's proxy.
 */
import type { CallId } from '@parley/protocol'
import { failed } from '../calling-error.ts'
import type { CallEvent, LinkEnd } from '../link/link-options.ts'
import type { Leg } from '../link/leg.ts'
import type { CallMedia } from '../media/call-media.ts'
import type { AgentParts } from './agent-parts.ts'
import { ParleyCall } from './call.ts'
import { CallCore } from './call-core.ts'
import { endReasonOf } from './call-info.ts'
import type { CallAgentEvents, ConnectionState, StartCallOptions } from './contract/agent.ts'
import type { AcceptCallOptions, Call } from './contract/call.ts'
import type { CommunicationIdentifier } from './contract/identifiers.ts'
import { Emitter } from './emitter.ts'
import { DiagnosticQuality } from './features/diagnostics.ts'
import { rawIdOf } from './identifiers.ts'
import { IncomingCore } from './incoming-call.ts'

/** After this silence people are told that the network is in trouble. */
const troubleMs = 6000

export class AgentCore extends Emitter<CallAgentEvents> {
  readonly displayName: string | undefined
  connectionState: ConnectionState = 'Connected'
  private readonly parts: AgentParts
  private readonly onOver: () => void
  private readonly calls = new Map<CallCore, Call>()
  private readonly ringing = new Map<Leg, IncomingCore>()
  /** Calls that rang before anybody listened. */
  private readonly unheard = new Set<IncomingCore>()
  private isListenedTo = false
  private isTokenOver = false
  private stopTrouble = () => {}

  /** `over` is called once, when the agent is of no more use. */
  constructor(parts: AgentParts, displayName: string | undefined, on: { over(): void }) {
    super()
    this.parts = parts
    this.displayName = displayName
    this.onOver = () => on.over()
  }

  get callList(): Call[] {
    return [...this.calls.values()]
  }

  startCall(participants: CommunicationIdentifier[], options: StartCallOptions): Call {
    if (!Array.isArray(participants) || participants.length === 0) throw failed('malformedId')
    const [to, ...others] = participants.map(rawIdOf)
    if (to === undefined) throw failed('malformedId')
    if (others.length > 0) throw failed('notSupported', { detail: 'A call is started with one person.' })
    // The protocol's ids are lower-case GUIDs, as the browser makes them.
    const leg = this.parts.legs.open(crypto.randomUUID() as CallId)
    const core = new CallCore({ agent: this.parts, leg, direction: 'Outgoing', options, owner: this })
    const call = this.add(core, options)
    if (this.connectionState === 'Connected') void core.place(to)
    else queueMicrotask(() => core.finish(endReasonOf(this.isTokenOver ? 'unauthenticated' : 'linkLost')))
    return call
  }

  /** Makes the call out of what rings, and answers. */
  async answer(incoming: IncomingCore, options: AcceptCallOptions): Promise<Call> {
    const media = incoming.release()
    const core = new CallCore({ agent: this.parts, leg: incoming.leg, direction: 'Incoming', options, owner: this })
    try {
      const answered = core.answer(media)
      // Not warmed up: its transports are asked for right behind the answer.
      void media.join({ unlessJoined: true })
      await answered
    } catch (error) {
      incoming.takeBack(media)
      throw error
    }
    this.ringing.delete(incoming.leg)
    return this.add(core, options)
  }

  // What its calls tell it

  takeOver(leg: Leg): CallMedia | undefined {
    return this.ringing.get(leg)?.release()
  }

  ended(over: CallCore | IncomingCore): void {
    if (over instanceof IncomingCore) {
      this.ringing.delete(over.leg)
      this.unheard.delete(over)
      return
    }
    const call = this.calls.get(over)
    if (call === undefined) return
    this.calls.delete(over)
    this.emit('callsUpdated', { added: [], removed: [call] })
    if (this.isTokenOver && this.calls.size === 0) void this.parts.link.close()
  }

  // What its link tells it

  take(event: CallEvent): void {
    this.parts.legs.take(event)
  }

  rang(leg: Leg): void {
    const incoming = new IncomingCore(this.parts, leg, this)
    // One at a time: warming up costs transports, and most people answer the first call.
    if (this.ringing.size === 0) incoming.warmUp()
    this.ringing.set(leg, incoming)
    if (this.isListenedTo) this.emit('incomingCall', { incomingCall: incoming.face })
    else this.unheard.add(incoming)
  }

  up(): void {
    this.stopTrouble()
    this.note(DiagnosticQuality.Good)
    this.parts.legs.caughtUp()
  }

  away(): void {
    const { clock, link, legs } = this.parts
    legs.cutOff()
    this.stopTrouble = clock.after(Math.max(troubleMs - link.silentForMs(), 0), () => this.note(DiagnosticQuality.Bad))
  }

  /** The token has run out and there is no other: calls that run go on to their end. */
  tokenRanOut(): void {
    this.isTokenOver = true
    this.disconnect('invalidToken')
    if (this.calls.size === 0) void this.parts.link.close()
  }

  linkClosed(end: LinkEnd): void {
    this.stopTrouble()
    const reason = { disposed: 'hungUp', invalidToken: 'revoked', connectionIssue: 'linkLost' } as const
    for (const incoming of this.ringing.values()) incoming.leg.finish(reason[end])
    for (const call of this.calls.keys()) call.finish(endReasonOf(reason[end]))
    if (end === 'invalidToken') this.isTokenOver = true
    this.disconnect(end === 'disposed' ? undefined : end)
  }

  async dispose(): Promise<void> {
    await this.parts.link.close()
  }

  override on<E extends keyof CallAgentEvents>(event: E, listener: CallAgentEvents[E]): void {
    super.on(event, listener)
    if (event !== 'incomingCall' || this.isListenedTo) return
    this.isListenedTo = true
    // After the app's own turn, as any other call that comes in.
    queueMicrotask(() => {
      const unheard = [...this.unheard]
      this.unheard.clear()
      for (const incoming of unheard) this.emit('incomingCall', { incomingCall: incoming.face })
    })
  }

  private add(core: CallCore, { audioOptions }: AcceptCallOptions): Call {
    const call = new ParleyCall(core, audioOptions?.localAudioStreams)
    this.calls.set(core, call)
    this.emit('callsUpdated', { added: [call], removed: [] })
    return call
  }

  private note(quality: DiagnosticQuality): void {
    for (const call of this.calls.keys()) call.noteNetwork(quality)
  }

  private disconnect(reason: 'invalidToken' | 'connectionIssue' | undefined): void {
    if (this.connectionState === 'Disconnected') return
    this.connectionState = 'Disconnected'
    this.onOver()
    this.emit('connectionStateChanged', {
      oldValue: 'Connected',
      newValue: 'Disconnected',
      ...(reason === undefined ? {} : { reason }),
    })
  }
}

/**
 * An agent as an app knows it, without its face: its calls, what rings, and whether it is connected. Everything that is
 * emitted is emitted here, where `this` is never an app's proxy.
 */
import { type CallId, maxRung, type TransferView } from '@parley/protocol'
import { failed } from '../calling-error.ts'
import type { CallEvent, LinkEnd } from '../link/link-options.ts'
import type { Beginning, Leg } from '../link/leg.ts'
import type { AgentParts } from './agent-parts.ts'
import { ParleyCall } from './call.ts'
import { CallCore } from './call-core.ts'
import { endReasonOf } from './call-info.ts'
import type {
  CallAgentEvents,
  CallLocator,
  ConnectionState,
  JoinCallOptions,
  StartCallOptions,
} from './contract/agent.ts'
import type { AcceptCallOptions, Call, CallerInfo } from './contract/call.ts'
import type { CommunicationIdentifier } from './contract/identifiers.ts'
import { Emitter } from './emitter.ts'
import { DiagnosticQuality } from './features/diagnostics.ts'
import { callerIdIn, rawIdOf } from './identifiers.ts'
import { IncomingCore } from './incoming-call.ts'
import type { LegMedia } from './own-media.ts'
import { placeOf } from './places.ts'
import { Transfers } from './transfers.ts'

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
  private readonly transfers: Transfers
  private isListenedTo = false
  private isTokenOver = false
  private stopTrouble = () => {}

  /** `over` is called once, when the agent is of no more use. */
  constructor(parts: AgentParts, displayName: string | undefined, on: { over(): void }) {
    super()
    this.parts = parts
    this.displayName = displayName
    this.onOver = () => on.over()
    this.transfers = new Transfers(parts.log, {
      start: (how, options, transferor) => this.begin(how, options, transferor),
      accept: async (leg, options, transferor) => this.acceptUnasked(leg, options, transferor),
      ringing: (callId) => [...this.ringing.keys()].find((leg) => leg.callId === callId),
    })
  }

  get callList(): Call[] {
    return [...this.calls.values()]
  }

  startCall(participants: CommunicationIdentifier[], options: StartCallOptions): Call {
    if (!Array.isArray(participants) || participants.length === 0) throw failed('malformedId')
    // Whoever is named twice is rung once.
    const to = [...new Set(participants.map(rawIdOf))]
    if (to.length > maxRung) throw failed('tooManyRung')
    return this.begin({ to, ...callerIdIn(options) }, options)
  }

  /** Where one is already one stays: it is the same call. */
  join(locator: CallLocator, options: JoinCallOptions): Call {
    const place = placeOf(locator)
    const there = [...this.calls].find(([core]) => core.isAt(place))
    return there === undefined ? this.begin({ place }, options) : there[1]
  }

  /** Makes the call out of what rings, and answers. */
  async answer(incoming: IncomingCore, options: AcceptCallOptions, transferor?: CallerInfo): Promise<Call> {
    const resumeOthers = this.holdOthers()
    const warm = incoming.release()
    const { leg } = incoming
    const core = new CallCore({ agent: this.parts, leg, direction: 'Incoming', options, owner: this, transferor })
    try {
      const answered = core.answer(warm)
      // Not warmed up: its transports are asked for right behind the answer.
      void warm.media.join({ unlessJoined: true })
      await answered
    } catch (error) {
      incoming.takeBack(warm)
      resumeOthers()
      throw error
    }
    this.ringing.delete(leg)
    return this.add(core)
  }

  // What its calls tell it

  takeOver(leg: Leg): LegMedia | undefined {
    return this.ringing.get(leg)?.release()
  }

  /** Puts every other call on hold that is connected, or would be as soon as its other side resumes it. The returned
   * function lets them go on. */
  holdOthers(except?: CallCore): () => void {
    const others = [...this.calls.keys()].filter(
      (core) => core !== except && (core.state === 'Connected' || core.state === 'RemoteHold'),
    )
    const holding = others.map(async (core) => {
      await core.hold()
      return core
    })
    const warn = (error: unknown): void => this.parts.log.warn('agent.notHeld', { error })
    for (const one of holding) one.catch(warn)
    return () => {
      for (const one of holding) one.then(async (core) => core.resume()).catch(warn)
    }
  }

  follow(core: CallCore, transfer: TransferView): void {
    this.transfers.follow(core, transfer)
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
    if (this.transfers.expects(leg)) return
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

  /** Everything else is put on hold before the server hears of a new call. */
  private begin(how: Beginning, options: AcceptCallOptions, transferor?: CallerInfo): Call {
    this.holdOthers()
    // The protocol's ids are lower-case GUIDs, as the browser makes them.
    const leg = this.parts.legs.open(crypto.randomUUID() as CallId)
    const place = 'place' in how ? how.place : undefined
    const core = new CallCore({
      agent: this.parts,
      leg,
      direction: 'Outgoing',
      options,
      owner: this,
      transferor,
      place,
    })
    const call = this.add(core)
    if (this.connectionState === 'Connected') void core.place(how)
    else queueMicrotask(() => core.finish(endReasonOf(this.isTokenOver ? 'unauthenticated' : 'linkLost')))
    return call
  }

  /** Answers a call that the app was not asked about. If it rang already, it does so no more. */
  private async acceptUnasked(leg: Leg, options: AcceptCallOptions, transferor?: CallerInfo): Promise<Call> {
    const incoming = this.ringing.get(leg)
    if (incoming === undefined) throw failed('cannotAccept')
    const call = await incoming.accept(options, transferor)
    incoming.answered()
    return call
  }

  private add(core: CallCore): Call {
    const call = new ParleyCall(core)
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

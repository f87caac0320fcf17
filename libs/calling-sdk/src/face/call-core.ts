/**
 * A call as an app knows it, without its face: how it begins, goes through its states and ends, and who is in it.
 * Everything that is emitted is emitted here, where `this` is never an app's proxy.
 */
import type { CallId, CallView, PhoneNumber, Place, RawId, TransferView } from '@parley/protocol'
import { failed, isError } from '../calling-error.ts'
import type { Beginning, Leg, Said } from '../link/leg.ts'
import { forWire } from '../media/shapes.ts'
import type { AgentParts } from './agent-parts.ts'
import { callerInfoOf, callInfoOf, endReasonOf, endReasonOfError } from './call-info.ts'
import { CallLife } from './call-life.ts'
import { CallPeople } from './call-people.ts'
import type {
  AcceptCallOptions,
  Call,
  CallDirection,
  CallEndReason,
  CallerInfo,
  CallEvents,
  CallInfo,
  CallState,
  DtmfTone,
  OfCall,
  ParticipantRole,
  RemoteParticipant,
} from './contract/call.ts'
import type { FeatureContext } from './contract/features.ts'
import { Emitter } from './emitter.ts'
import { CallNews, featureContext } from './feature-context.ts'
import { type DiagnosticQuality, Diagnostics } from './features/diagnostics.ts'
import { FeatureShelf } from './features/shelf.ts'
import { Holding } from './holding.ts'
import { identifierOf } from './identifiers.ts'
import { keyOf, toneOf } from './keys.ts'
import type { LocalAudioStream } from './local-audio-stream.ts'
import { captured, isCaptured } from './local-capture.ts'
import { type LegMedia, OwnMedia } from './own-media.ts'
import { checkSharing } from './own-screen.ts'
import { Transferee } from './transferee.ts'

export type CallOwner = {
  /** The call that was started is the one that rings here: gives its media, if it was warmed up. */
  takeOver(ringing: Leg): LegMedia | undefined
  /** Only one call is active at a time: puts the others on hold. */
  holdOthers(core: CallCore): unknown
  /** Makes the call that this one is to be replaced by. */
  follow(core: CallCore, transfer: TransferView): void
  /** The call has ended, and everybody who listens to it knows. */
  ended(core: CallCore): void
}

type CallParts = {
  agent: AgentParts
  leg: Leg
  direction: CallDirection
  options: AcceptCallOptions
  owner: CallOwner
  /** Who transferred an earlier call to this one. */
  transferor?: CallerInfo | undefined
  place?: Place | undefined
}

export class CallCore extends Emitter<CallEvents> {
  readonly direction: CallDirection
  readonly info: CallInfo
  readonly people: CallPeople
  readonly own: OwnMedia
  readonly transferorInfo: CallerInfo | undefined
  role: ParticipantRole = 'Unknown'
  callerInfo: CallerInfo = { identifier: undefined }
  isIncomingAudioMuted = false
  /** What the app brought to speak through. */
  audioStreams: LocalAudioStream[]
  /** Shown to the app before it hears of the end. */
  onEnd: (end: CallEndReason) => void = () => {}
  private readonly agent: AgentParts
  private readonly leg: Leg
  private readonly owner: CallOwner
  private readonly life: CallLife
  private readonly holding: Holding
  private readonly news = new CallNews()
  private readonly diagnostics = new Diagnostics()
  private readonly features = new FeatureShelf()
  private readonly transferee: Transferee
  private timesMuted = 0
  private isAnswering = false

  constructor({ agent, leg, direction, options, owner, transferor, place }: CallParts) {
    super()
    this.agent = agent
    this.leg = leg
    this.owner = owner
    this.direction = direction
    this.transferorInfo = transferor
    this.audioStreams = options.audioOptions?.localAudioStreams ?? []
    this.info = callInfoOf(leg, place)
    this.people = new CallPeople(leg, {
      updated: (update) => this.emit('remoteParticipantsUpdated', update),
    })
    this.life = this.openLife(place === undefined)
    this.own = this.openOwn(options)
    this.holding = this.openHolding()
    this.transferee = new Transferee({ follow: (transfer) => owner.follow(this, transfer) })
    leg.tell({
      viewed: (view) => this.see(view),
      silenced: () => this.own.voice.silence(),
      said: (said) => this.hear(said),
      idChanged: (ringing) => this.becomeCallOf(ringing),
      media: (event) => this.own.hear(event),
      mediaMissed: () => this.own.missed(),
      ended: (end) => this.finish(endReasonOf(end)),
    })
    this.own.begin()
    if (leg.view !== undefined) this.see(leg.view)
  }

  get callId(): CallId {
    return this.leg.callId
  }

  get id(): string {
    return this.leg.callId
  }

  /** Whether this is the call at such a place; one that is being left is none. */
  isAt(place: Place): boolean {
    if (this.life.isOver || this.life.isLeaving) return false
    const { groupId, roomId } = this.info
    return 'groupId' in place ? place.groupId === groupId : place.roomId === roomId
  }

  isBeingTransferred(id: string): boolean {
    const transfer = this.leg.view?.transfer
    return !this.life.isOver && transfer?.id === id && transfer.state === 'Transferring'
  }

  get state(): CallState {
    return this.life.state
  }

  /** Resolves when the call is over. */
  get ended(): Promise<void> {
    return this.life.ended
  }

  /** Starts or joins the call, in a moment: an app shall have subscribed by then. Whatever goes wrong is its end. */
  async place(how: Beginning): Promise<void> {
    if ('to' in how) for (const id of how.to) this.people.expect(id)
    await Promise.resolve()
    if (this.state !== 'None') return
    this.life.become('Connecting')
    try {
      const device = await this.agent.media.device
      // Hung up before the server heard of it.
      if (this.life.isOver || this.life.isLeaving) return
      const can = forWire.rtpCapabilities(device.recvRtpCapabilities)
      const joined = await this.agent.legs.begin(this.leg, how, this.own.voice.isMuted, can)
      if (joined === undefined || this.life.isOver || this.life.isLeaving) return
      await this.own.use(joined)
    } catch (error) {
      this.notPlaced(error)
    }
  }

  /** Answers the call that rang. Rejects when that is refused; the media is as good as before then. */
  async answer(warm: LegMedia): Promise<void> {
    this.life.become('Connecting')
    this.isAnswering = true
    // Asked first: what follows about the media comes after it, without waiting for the reply.
    const accepted = this.leg.accept(this.own.voice.isMuted)
    this.own.take(warm).answered(this.leg.view)
    try {
      await accepted
    } catch (error) {
      this.own.abandon()
      throw error
    }
    // Who was warm is connected by now. The app shall see it happen, after it has got its call.
    this.agent.clock.after(0, () => {
      this.isAnswering = false
      if (this.leg.view !== undefined) this.see(this.leg.view)
    })
  }

  async hangUp(): Promise<void> {
    return this.life.leave(() => this.leg.hangUp())
  }

  /** Ends the call for everybody. Rejects when one may not, and the call goes on. */
  async endForAll(): Promise<void> {
    if (!this.life.isOver && !this.life.isLeaving) await this.leg.ask('call.endForAll', {})
    return this.life.leave(async () => {})
  }

  async hold(): Promise<void> {
    return this.holding.hold()
  }

  async resume(): Promise<void> {
    if (this.state === 'LocalHold') this.owner.holdOthers(this)
    return this.holding.resume()
  }

  /** Goes on, if it is on hold or about to be. */
  async goOn(): Promise<void> {
    await this.holding.settled()
    if (this.state === 'LocalHold') await this.resume()
  }

  add(id: RawId, callerId?: PhoneNumber): RemoteParticipant {
    if (this.life.isOver || this.life.isLeaving) throw failed('callOver')
    return this.people.add(id, callerId)
  }

  async press(tone: DtmfTone): Promise<void> {
    await this.leg.ask('call.press', { tones: keyOf(tone) })
  }

  async startAudio(stream: LocalAudioStream): Promise<void> {
    if (!isCaptured(stream)) throw failed('badStream')
    await this.own.voice.speakThrough(stream[captured])
    this.bring([stream])
  }

  stopAudio(): void {
    this.own.voice.stop()
    this.bring([])
  }

  async muteOthers(): Promise<void> {
    await this.leg.ask('call.muteOthers', {})
  }

  /** Ends here: by the server's word, or because there is nobody left to say one. Emits everything, then is forgotten. */
  finish(end: CallEndReason): void {
    this.life.finish(end)
  }

  setIncomingAudioMuted(isMuted: boolean): void {
    if (this.isIncomingAudioMuted === isMuted) return
    this.isIncomingAudioMuted = isMuted
    this.own.muteIncoming(isMuted)
    this.emit('isIncomingAudioMutedChanged')
  }

  /** The network is in trouble, or over it. */
  noteNetwork(quality: DiagnosticQuality): void {
    this.diagnostics.network.set('networkReconnect', quality)
  }

  /** `targetCall` has begun in the place of this one, because the other side wanted it so. */
  noteTransfer(targetCall: Call): void {
    this.news.emit('transferAccepted', targetCall)
  }

  feature<T>(factory: OfCall<T>): T {
    // Every feature of a call takes a FeatureContext, which an app's types need not know.
    return this.features.get(factory, () => factory.callApi(this.context() as never))
  }

  private context(): FeatureContext {
    const { agent, leg, news, diagnostics, own, people } = this
    return featureContext({ agent, leg, news, diagnostics, own, people })
  }

  private openOwn(options: AcceptCallOptions): OwnMedia {
    const { agent, leg, diagnostics } = this
    return new OwnMedia({
      agent,
      leg,
      options,
      diagnostics,
      on: {
        muted: () => this.emit('isMutedChanged'),
        video: (update) => {
          this.emit('localVideoStreamsUpdated', update)
          this.emit('isLocalVideoStartedChanged')
        },
        screen: (update) => {
          this.emit('localVideoStreamsUpdated', update)
          this.emit('isScreenSharingOnChanged')
        },
        beforeSharing: () => checkSharing(this.state, leg.view),
        pictures: (pictures) => this.people.showFrom(pictures),
        speakers: (speakers) => {
          this.people.hear(speakers.speaking)
          this.news.emit('speakers', speakers)
        },
        track: (source) => this.news.emit('track', source),
        heard: (heard) => this.emit('remoteAudioStreamsUpdated', { added: [heard], removed: [] }),
      },
    })
  }

  private openLife(hasCalled: boolean): CallLife {
    return new CallLife({
      agent: this.agent,
      id: () => this.id,
      direction: this.direction,
      hasCalled: hasCalled && this.direction === 'Outgoing',
      on: {
        changed: () => this.emit('stateChanged'),
        // They may have been connected while this one rang.
        connects: () => this.owner.holdOthers(this),
        letGo: () => this.own.close(),
        ending: (end) => {
          this.onEnd(end)
          this.agent.legs.forget(this.leg)
          this.own.close()
          this.people.close()
        },
        ended: () => {
          this.news.emit('end')
          this.owner.ended(this)
        },
      },
    })
  }

  private openHolding(): Holding {
    return new Holding({
      state: () => this.state,
      silence: (isHeld) => this.own.silence(isHeld),
      tell: (verb) => this.leg.ask(verb, {}),
      reach: (...states) => this.life.reach(...states),
    })
  }

  private see(view: CallView): void {
    this.seeCaller(view)
    this.seeRole(view)
    this.people.see(view)
    this.seeMuted(view)
    this.own.see(view)
    if (!this.isAnswering) this.life.see(view.state)
    if (this.leg.view !== undefined) this.news.emit('view', this.leg.view)
    this.transferee.see(view)
  }

  private hear(said: Said): void {
    this.news.emit('said', said)
    const { from, saying } = said
    if (saying.kind !== 'tones') return
    for (const key of saying.tones) this.emit('dtmfReceived', { tone: toneOf(key), sender: identifierOf(from) })
  }

  private seeCaller(view: CallView): void {
    const before = this.callerInfo
    this.callerInfo = callerInfoOf(view)
    if (JSON.stringify(before) !== JSON.stringify(this.callerInfo)) this.emit('callerInfoChanged')
  }

  private seeRole(view: CallView): void {
    const role = view.role ?? 'Unknown'
    if (this.role === role) return
    this.role = role
    this.emit('roleChanged')
  }

  private seeMuted({ mutedByOthers }: CallView): void {
    if (mutedByOthers <= this.timesMuted) return
    this.timesMuted = mutedByOthers
    this.leg.mutedByOthers()
    this.own.voice.silence()
    this.emit('mutedByOthers')
  }

  private bring(streams: LocalAudioStream[]): void {
    const before = this.audioStreams
    this.audioStreams = streams
    const added = streams.filter((stream) => !before.includes(stream))
    const removed = before.filter((stream) => !streams.includes(stream))
    if (added.length > 0 || removed.length > 0) this.emit('localAudioStreamsUpdated', { added, removed })
  }

  /** The call goes by another id: both sides called each other, or others were where it was joined. */
  private becomeCallOf(ringing: Leg | undefined): void {
    const warm = ringing === undefined ? undefined : this.owner.takeOver(ringing)
    if (warm !== undefined) this.own.take(warm)
    this.emit('idChanged')
  }

  private notPlaced(error: unknown): void {
    if (this.life.isOver) return
    this.agent.log.warn('call.notPlaced', { callId: this.id, error })
    // It may have been carried out all the same.
    if (isError(error, 'requestTimedOut')) void this.life.sayGoodbye(() => this.leg.hangUp())
    if (!isError(error, 'calledOff')) this.finish(endReasonOfError(error))
  }
}

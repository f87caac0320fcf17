/**
 * A call as an app knows it, without its face: the state, the people, one's own voice and picture, and the leg and the
 * media under them. Everything that is emitted is emitted here, where `this` is never an app's proxy.
 */
import type { CallView, RawId } from '@parley/protocol'
import { isError } from '../calling-error.ts'
import { pause } from '../link/clock.ts'
import type { Leg } from '../link/leg.ts'
import { CallMedia } from '../media/call-media.ts'
import { forWire } from '../media/shapes.ts'
import type { AgentParts } from './agent-parts.ts'
import { callerInfoOf, callInfoOf, endReasonOf, endReasonOfError } from './call-info.ts'
import type {
  AcceptCallOptions,
  CallDirection,
  CallEndReason,
  CallerInfo,
  CallEvents,
  CallInfo,
  CallState,
} from './contract/call.ts'
import type { CallFeatureFactory } from './contract/features.ts'
import { Emitter } from './emitter.ts'
import { FeatureShelf } from './features/shelf.ts'
import { type DiagnosticQuality, Diagnostics } from './features/diagnostics.ts'
import { captured } from './local-capture.ts'
import { OwnVideo } from './own-video.ts'
import { People } from './people.ts'
import { Voice } from './voice.ts'

export type CallOwner = {
  /** The call that was started is the one that rings here: gives its media, if it was warmed up. */
  takeOver(ringing: Leg): CallMedia | undefined
  /** The call has ended, and everybody who listens to it knows. */
  ended(core: CallCore): void
}

type CallParts = {
  agent: AgentParts
  leg: Leg
  direction: CallDirection
  options: AcceptCallOptions
  owner: CallOwner
}

/** How long a hang-up waits for the server's word on why the call ended, and for the server at all. */
const toldMs = 500
const answerMs = 5000

export class CallCore extends Emitter<CallEvents> {
  readonly direction: CallDirection
  readonly info: CallInfo
  readonly people: People
  readonly video: OwnVideo
  readonly voice: Voice
  state: CallState = 'None'
  callerInfo: CallerInfo = { identifier: undefined }
  isIncomingAudioMuted = false
  /** Shown to the app before it hears of the end. */
  onEnd: (end: CallEndReason) => void = () => {}
  isOver = false
  private readonly agent: AgentParts
  private readonly leg: Leg
  private readonly owner: CallOwner
  private readonly diagnostics = new Diagnostics()
  private readonly features = new FeatureShelf()
  private readonly over = Promise.withResolvers<void>()
  private media: CallMedia | undefined
  private isAnswering = false

  constructor({ agent, leg, direction, options, owner }: CallParts) {
    super()
    this.agent = agent
    this.leg = leg
    this.owner = owner
    this.direction = direction
    this.info = callInfoOf(leg)
    this.people = new People({ updated: (update) => this.emit('remoteParticipantsUpdated', update) })
    this.voice = this.openVoice(options)
    this.video = this.openVideo(options)
    leg.tell({
      viewed: (view) => this.see(view),
      idChanged: (ringing) => this.becomeCallOf(ringing),
      media: (event) => this.media?.take(event),
      mediaMissed: () => void this.media?.join(),
      ended: (end) => this.finish(endReasonOf(end)),
    })
    if (leg.view !== undefined) this.see(leg.view)
  }

  private get isLeaving(): boolean {
    return this.state === 'Disconnecting'
  }

  get id(): string {
    return this.leg.callId
  }

  /** Places the call, in a moment: an app shall have subscribed by then. Whatever goes wrong is its end. */
  async place(to: RawId): Promise<void> {
    this.people.expect(to)
    await Promise.resolve()
    if (this.state !== 'None') return
    this.become('Connecting')
    try {
      const device = await this.agent.media.device
      // Hung up before the server heard of it.
      if (this.isOver || this.isLeaving) return
      const can = forWire.rtpCapabilities(device.recvRtpCapabilities)
      const joined = await this.agent.legs.begin(this.leg, { to: [to] }, this.voice.isMuted, can)
      if (joined === undefined || this.isOver || this.isLeaving) return
      await this.takeMedia(this.media ?? new CallMedia(this.agent.media, this.leg)).use(joined)
    } catch (error) {
      this.notPlaced(error)
    }
  }

  /** Answers the call that rang. Rejects when that is refused; the media is as good as before then. */
  async answer(media: CallMedia): Promise<void> {
    this.become('Connecting')
    this.isAnswering = true
    // Asked first: what follows about the media comes after it, without waiting for the reply.
    const accepted = this.leg.accept(this.voice.isMuted)
    this.takeMedia(media).outgoing.allow()
    try {
      await accepted
    } catch (error) {
      this.media = undefined
      this.letGo()
      throw error
    }
    // Who was warm is connected by now. The app shall see it happen, after it has got its call.
    this.agent.clock.after(0, () => {
      this.isAnswering = false
      if (this.leg.view !== undefined) this.see(this.leg.view)
    })
  }

  async hangUp(): Promise<void> {
    if (this.isOver) return
    if (this.state === 'Disconnecting') return this.over.promise
    const end = this.direction === 'Outgoing' && this.state !== 'Connected' ? 'cancelled' : 'hungUp'
    this.become('Disconnecting')
    // Silent and unseen from this moment on, whatever the network does.
    this.letGo()
    const { clock, link } = this.agent
    const told = this.leave().then(() => pause(clock, toldMs))
    const cutOff = pause(clock, answerMs).then(() => (link.isUp ? pause(clock, answerMs) : undefined))
    await Promise.race([this.over.promise, told, cutOff])
    this.finish(endReasonOf(end))
  }

  /** Ends here: by the server's word, or because there is nobody left to say one. Emits everything, then is forgotten. */
  finish(end: CallEndReason): void {
    if (this.isOver) return
    this.isOver = true
    this.onEnd(end)
    this.agent.legs.forget(this.leg)
    this.letGo()
    this.people.see([])
    this.become('Disconnected')
    this.owner.ended(this)
    this.over.resolve()
  }

  setIncomingAudioMuted(isMuted: boolean): void {
    if (this.isIncomingAudioMuted === isMuted) return
    this.isIncomingAudioMuted = isMuted
    this.media?.sounds.setMuted(isMuted)
    this.emit('isIncomingAudioMutedChanged')
  }

  /** The network is in trouble, or over it. */
  noteNetwork(quality: DiagnosticQuality): void {
    this.diagnostics.network.set('networkReconnect', quality)
  }

  feature<T>(factory: CallFeatureFactory<T>): T {
    return this.features.get(factory, () => factory.callApi({ diagnostics: this.diagnostics }))
  }

  private openVoice({ audioOptions }: AcceptCallOptions): Voice {
    const { clock, log, devices } = this.agent
    const voice = new Voice({
      devices,
      brought: audioOptions?.localAudioStreams?.[0]?.[captured],
      isMuted: audioOptions?.muted ?? false,
      clock,
      log,
      diagnostics: this.diagnostics,
      tell: (isMuted) => this.leg.setMuted(isMuted),
      changed: () => this.emit('isMutedChanged'),
    })
    void voice.open()
    return voice
  }

  private openVideo({ videoOptions }: AcceptCallOptions): OwnVideo {
    const video = new OwnVideo({
      log: this.agent.log,
      diagnostics: this.diagnostics,
      updated: (update) => {
        this.emit('localVideoStreamsUpdated', update)
        this.emit('isLocalVideoStartedChanged')
      },
    })
    video.begin(videoOptions?.localVideoStreams?.[0])
    return video
  }

  private see(view: CallView): void {
    this.callerInfo = callerInfoOf(view)
    this.people.see(view.participants)
    this.media?.see(view)
    if (this.isAnswering) return
    // To a callee who has answered, "Ringing" is a view from before.
    if (view.state === 'Connected' || (view.state === 'Ringing' && this.direction === 'Outgoing'))
      this.become(view.state)
  }

  private become(state: CallState): void {
    if (this.state === state || this.state === 'Disconnected') return
    if (this.state === 'Disconnecting' && state !== 'Disconnected') return
    this.state = state
    this.agent.log.info('call.changed', { callId: this.id, state })
    this.emit('stateChanged')
  }

  /** Both sides called each other at once: this call is the one that rang here, if it had begun to. */
  private becomeCallOf(ringing: Leg | undefined): void {
    const warm = ringing === undefined ? undefined : this.owner.takeOver(ringing)
    if (warm !== undefined) this.takeMedia(warm)
    this.emit('idChanged')
  }

  private takeMedia(media: CallMedia): CallMedia {
    this.media = media
    media.belongTo(this.leg, { pictures: () => this.people.show() })
    media.sounds.setMuted(this.isIncomingAudioMuted)
    media.sounds.makeAudible()
    this.voice.sendOver(media.outgoing)
    this.video.sendOver(media.outgoing)
    this.people.showFrom(media.pictures)
    if (this.leg.view !== undefined) media.see(this.leg.view)
    return media
  }

  private notPlaced(error: unknown): void {
    if (this.isOver) return
    this.agent.log.warn('call.notPlaced', { callId: this.id, error })
    // It may have been carried out all the same.
    if (isError(error, 'requestTimedOut')) void this.leave()
    if (!isError(error, 'calledOff')) this.finish(endReasonOfError(error))
  }

  private async leave(): Promise<void> {
    try {
      await this.leg.hangUp()
    } catch (error) {
      this.agent.log.warn('call.leftAlone', { callId: this.id, error })
    }
  }

  /** Closes microphone, camera and transports. */
  private letGo(): void {
    this.voice.close()
    this.video.close()
    this.media?.close()
  }
}

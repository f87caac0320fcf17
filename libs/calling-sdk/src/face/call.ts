import { failed } from '../calling-error.ts'
import type { CallCore } from './call-core.ts'
import type {
  AddPhoneNumberOptions,
  Call,
  CallEndReason,
  CallerInfo,
  CallEvents,
  CallState,
  DtmfTone,
  HangUpOptions,
  Lobby,
  OfCall,
  ParticipantRole,
  RemoteParticipant,
} from './contract/call.ts'
import type { CommunicationIdentifier } from './contract/identifiers.ts'
import type { RemoteAudioStream } from './contract/streams.ts'
import { callerIdIn, rawIdOf } from './identifiers.ts'
import type { LocalAudioStream } from './local-audio-stream.ts'
import type { LocalVideoStream } from './local-video-stream.ts'

/** What an app holds of a call. It only reads and hands on: an app's library may stand in its place with a Proxy. */
export class ParleyCall implements Call {
  readonly kind = 'Call'
  readonly transferorInfo?: CallerInfo
  callEndReason?: CallEndReason
  private readonly core: CallCore

  constructor(core: CallCore) {
    this.core = core
    if (core.transferorInfo !== undefined) this.transferorInfo = core.transferorInfo
    core.onEnd = (end) => {
      this.callEndReason = end
    }
  }

  get id(): string {
    return this.core.id
  }
  get info(): Call['info'] {
    return this.core.info
  }
  get callerInfo(): Call['callerInfo'] {
    return this.core.callerInfo
  }
  get direction(): Call['direction'] {
    return this.core.direction
  }
  get state(): CallState {
    return this.core.state
  }
  get role(): ParticipantRole {
    return this.core.role
  }
  get lobby(): Lobby | undefined {
    return this.core.people.lobby
  }
  get isMuted(): boolean {
    return this.core.own.voice.isMuted
  }
  get isScreenSharingOn(): boolean {
    return this.core.own.screen.streams.length > 0
  }
  get isIncomingAudioMuted(): boolean {
    return this.core.isIncomingAudioMuted
  }
  get isLocalVideoStarted(): boolean {
    return this.core.own.video.streams.length > 0
  }
  get localVideoStreams(): LocalVideoStream[] {
    const { video, screen } = this.core.own
    return [...video.streams, ...screen.streams]
  }
  get localAudioStreams(): LocalAudioStream[] {
    return this.core.audioStreams
  }
  get remoteAudioStreams(): RemoteAudioStream[] {
    const { heard } = this.core.own
    return heard === undefined ? [] : [heard]
  }
  get remoteParticipants(): RemoteParticipant[] {
    return this.core.people.list
  }

  async hangUp(options: HangUpOptions = {}): Promise<void> {
    return options.forEveryone === true ? this.core.endForAll() : this.core.hangUp()
  }
  async mute(): Promise<void> {
    return this.core.own.voice.mute()
  }
  async unmute(): Promise<void> {
    return this.core.own.voice.unmute()
  }
  async muteIncomingAudio(): Promise<void> {
    this.core.setIncomingAudioMuted(true)
  }
  async unmuteIncomingAudio(): Promise<void> {
    this.core.setIncomingAudioMuted(false)
  }
  async startVideo(stream: LocalVideoStream): Promise<void> {
    return this.core.own.video.start(stream)
  }
  async stopVideo(stream: LocalVideoStream): Promise<void> {
    return this.core.own.video.stop(stream)
  }
  feature<T>(factory: OfCall<T>): T {
    return this.core.feature(factory)
  }
  /** A call lets go of everything by itself when it ends. */
  dispose(): void {}

  async hold(): Promise<void> {
    return this.core.hold()
  }
  async resume(): Promise<void> {
    return this.core.resume()
  }
  async startAudio(stream: LocalAudioStream): Promise<void> {
    return this.core.startAudio(stream)
  }
  async stopAudio(): Promise<void> {
    this.core.stopAudio()
  }
  async startScreenSharing(stream?: LocalVideoStream): Promise<void> {
    return this.core.own.screen.start(stream)
  }
  async stopScreenSharing(): Promise<void> {
    return this.core.own.screen.stop()
  }
  addParticipant(participant: CommunicationIdentifier, options: AddPhoneNumberOptions = {}): RemoteParticipant {
    return this.core.add(rawIdOf(participant), callerIdIn(options).callerId)
  }
  async removeParticipant(participant: CommunicationIdentifier): Promise<void> {
    return this.core.people.remove(rawIdOf(participant))
  }
  async muteAllRemoteParticipants(): Promise<void> {
    return this.core.muteOthers()
  }
  async sendDtmf(tone: DtmfTone): Promise<void> {
    return this.core.press(tone)
  }
  async setConstraints(): Promise<void> {
    throw failed('notSupported')
  }

  on<E extends keyof CallEvents>(event: E, listener: CallEvents[E]): void {
    this.core.on(event, listener)
  }
  off<E extends keyof CallEvents>(event: E, listener: CallEvents[E]): void {
    this.core.off(event, listener)
  }
}

import { failed } from '../calling-error.ts'
import type { CallCore } from './call-core.ts'
import type {
  Call,
  CallEndReason,
  CallEvents,
  CallState,
  HangUpOptions,
  ParticipantRole,
  RemoteAudioStream,
  RemoteParticipant,
} from './contract/call.ts'
import type { CallFeatureFactory } from './contract/features.ts'
import type { LocalAudioStream } from './local-audio-stream.ts'
import type { LocalVideoStream } from './local-video-stream.ts'

/** What an app holds of a call. It only reads and hands on: an app's library may stand in its place with a Proxy. */
export class ParleyCall implements Call {
  readonly kind = 'Call'
  readonly lobby = undefined
  readonly role: ParticipantRole = 'Unknown'
  readonly isScreenSharingOn = false
  readonly remoteAudioStreams: readonly RemoteAudioStream[] = []
  readonly localAudioStreams: readonly LocalAudioStream[]
  callEndReason?: CallEndReason
  private readonly core: CallCore

  constructor(core: CallCore, localAudioStreams: readonly LocalAudioStream[] = []) {
    this.core = core
    core.onEnd = (end) => {
      this.callEndReason = end
    }
    this.localAudioStreams = localAudioStreams
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
  get isMuted(): boolean {
    return this.core.voice.isMuted
  }
  get isIncomingAudioMuted(): boolean {
    return this.core.isIncomingAudioMuted
  }
  get isLocalVideoStarted(): boolean {
    return this.core.video.streams.length > 0
  }
  get localVideoStreams(): LocalVideoStream[] {
    return this.core.video.streams
  }
  get remoteParticipants(): RemoteParticipant[] {
    return this.core.people.list
  }

  async hangUp(options: HangUpOptions = {}): Promise<void> {
    if (options.forEveryone === true) throw failed('notSupported')
    return this.core.hangUp()
  }
  async mute(): Promise<void> {
    return this.core.voice.mute()
  }
  async unmute(): Promise<void> {
    return this.core.voice.unmute()
  }
  async muteIncomingAudio(): Promise<void> {
    this.core.setIncomingAudioMuted(true)
  }
  async unmuteIncomingAudio(): Promise<void> {
    this.core.setIncomingAudioMuted(false)
  }
  async startVideo(stream: LocalVideoStream): Promise<void> {
    return this.core.video.start(stream)
  }
  async stopVideo(stream: LocalVideoStream): Promise<void> {
    return this.core.video.stop(stream)
  }
  feature<T>(factory: CallFeatureFactory<T>): T {
    return this.core.feature(factory)
  }
  /** A call lets go of everything by itself when it ends. */
  dispose(): void {}

  async hold(): Promise<void> {
    throw failed('notSupported')
  }
  async resume(): Promise<void> {
    throw failed('notSupported')
  }
  async startAudio(): Promise<void> {
    throw failed('notSupported')
  }
  async stopAudio(): Promise<void> {
    throw failed('notSupported')
  }
  async startScreenSharing(): Promise<void> {
    throw failed('notSupported')
  }
  async stopScreenSharing(): Promise<void> {
    throw failed('notSupported')
  }
  addParticipant(): RemoteParticipant {
    throw failed('notSupported')
  }
  async removeParticipant(): Promise<void> {
    throw failed('notSupported')
  }
  async muteAllRemoteParticipants(): Promise<void> {
    throw failed('notSupported')
  }
  async sendDtmf(): Promise<void> {
    throw failed('notSupported')
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

/** Calls and who is in them (ACS: Call, IncomingCall, RemoteParticipant). */
import type { LocalAudioStream } from '../local-audio-stream.ts'
import type { LocalVideoStream } from '../local-video-stream.ts'
import type { CollectionUpdatedEvent, PropertyChangedEvent } from './events.ts'
import type { CommunicationIdentifier, CommunicationIdentifierKind, PhoneNumberIdentifier } from './identifiers.ts'
import type { RemoteAudioStream, RemoteVideoStream } from './streams.ts'

export type CallState =
  | 'None'
  | 'Connecting'
  | 'Ringing'
  | 'EarlyMedia'
  | 'Connected'
  | 'LocalHold'
  | 'RemoteHold'
  | 'InLobby'
  | 'Disconnecting'
  | 'Disconnected'
export type CallDirection = 'Incoming' | 'Outgoing'
export type ParticipantRole =
  | 'Unknown'
  | 'Attendee'
  | 'Presenter'
  | 'Organizer'
  | 'Co-organizer'
  | 'Consumer'
  | 'Collaborator'
export type DtmfTone =
  | 'Num0'
  | 'Num1'
  | 'Num2'
  | 'Num3'
  | 'Num4'
  | 'Num5'
  | 'Num6'
  | 'Num7'
  | 'Num8'
  | 'Num9'
  | 'A'
  | 'B'
  | 'C'
  | 'D'
  | 'Star'
  | 'Pound'
  | 'Flash'

/** Why a call ended; docs/reasons.md lists the pairs. */
export interface CallEndReason {
  readonly code: number
  readonly subCode?: number
  /** A sentence for people. */
  readonly message?: string
}
export interface CallerInfo {
  /** Undefined until the server has taken the call. */
  readonly identifier: CommunicationIdentifierKind | undefined
  readonly displayName?: string
}
export interface CallInfo {
  readonly groupId: string | undefined
  /** Parley's own: the room, of a call in a room. */
  readonly roomId: string | undefined
  readonly threadId: string | undefined
  /** The id of this device's part in the call. */
  readonly participantId: string
  getServerCallId(): Promise<string>
  onCallInfoChanged(event: 'callInfoChanged', listener: PropertyChangedEvent): void
  offCallInfoChanged(event: 'callInfoChanged', listener: PropertyChangedEvent): void
}
export type TransferorInfo = CallerInfo

export interface VideoOptions {
  localVideoStreams?: LocalVideoStream[]
}
export interface AudioOptions {
  muted?: boolean
  localAudioStreams?: LocalAudioStream[]
}
export interface AcceptCallOptions {
  videoOptions?: VideoOptions
  audioOptions?: AudioOptions
}
export interface HangUpOptions {
  forEveryone?: boolean
}
export interface AddPhoneNumberOptions {
  alternateCallerId?: PhoneNumberIdentifier
}

export type RemoteParticipantState =
  | 'Idle'
  | 'Connecting'
  | 'Ringing'
  | 'Connected'
  | 'Hold'
  | 'InLobby'
  | 'EarlyMedia'
  | 'Disconnected'
export interface RemoteParticipantEvents {
  stateChanged: PropertyChangedEvent
  isMutedChanged: PropertyChangedEvent
  displayNameChanged: PropertyChangedEvent
  roleChanged: PropertyChangedEvent
  isSpeakingChanged: PropertyChangedEvent
  videoStreamsUpdated: CollectionUpdatedEvent<RemoteVideoStream>
}
/** Another person in the call, once however many devices he has; the same object from his first event to his last. */
export interface RemoteParticipant {
  readonly identifier: CommunicationIdentifierKind
  readonly displayName?: string
  readonly state: RemoteParticipantState
  /** Why somebody who was invited from here did not come. */
  readonly callEndReason?: CallEndReason
  readonly videoStreams: RemoteVideoStream[]
  readonly isMuted: boolean
  readonly isSpeaking: boolean
  readonly role: ParticipantRole
  readonly endpointDetails: { readonly participantId: string }[]
  readonly hasDisplayNameChanged?: boolean
  /** Mutes his microphone; he may unmute it. Rejects in a 1:1 call, and for those who may not. */
  mute(): Promise<void>
  on<E extends keyof RemoteParticipantEvents>(event: E, listener: RemoteParticipantEvents[E]): void
  off<E extends keyof RemoteParticipantEvents>(event: E, listener: RemoteParticipantEvents[E]): void
}

export interface CallEvents {
  stateChanged: PropertyChangedEvent
  idChanged: PropertyChangedEvent
  isMutedChanged: PropertyChangedEvent
  isScreenSharingOnChanged: PropertyChangedEvent
  isIncomingAudioMutedChanged: PropertyChangedEvent
  isLocalVideoStartedChanged: PropertyChangedEvent
  roleChanged: PropertyChangedEvent
  callerInfoChanged: PropertyChangedEvent
  transferorInfoChanged: PropertyChangedEvent
  mutedByOthers: PropertyChangedEvent
  /** Parley's own: somebody has pressed a key of his phone. */
  dtmfReceived: (args: { tone: DtmfTone; sender: CommunicationIdentifierKind }) => void
  remoteParticipantsUpdated: CollectionUpdatedEvent<RemoteParticipant>
  localVideoStreamsUpdated: CollectionUpdatedEvent<LocalVideoStream>
  localAudioStreamsUpdated: CollectionUpdatedEvent<LocalAudioStream>
  remoteAudioStreamsUpdated: CollectionUpdatedEvent<RemoteAudioStream>
}
/** One of `Features`: makes a feature of a call. What it takes is between the two. */
export interface OfCall<T> {
  readonly name: string
  readonly callApi: (context: never) => T
}
export interface AdmitAllOperationResult {
  readonly successCount: number
  readonly failureCount: number
}
export interface LobbyEvents {
  lobbyParticipantsUpdated: CollectionUpdatedEvent<RemoteParticipant>
}
/** Who waits to be let in. Whoever is let in is the same object among the call's participants. */
export interface Lobby {
  readonly participants: readonly RemoteParticipant[]
  admit(participant: CommunicationIdentifier): Promise<void>
  reject(participant: CommunicationIdentifier): Promise<void>
  /** Lets everybody in who waits now. */
  admitAll(): Promise<AdmitAllOperationResult>
  on<E extends keyof LobbyEvents>(event: E, listener: LobbyEvents[E]): void
  off<E extends keyof LobbyEvents>(event: E, listener: LobbyEvents[E]): void
}

export interface Call {
  readonly kind: 'Call'
  /**
   * Changes, with `idChanged`, when both sides called each other at once, and when others were there before where one
   * joins: the id that a call has at first is the one that was proposed to the server.
   */
  readonly id: string
  readonly info: CallInfo
  readonly callerInfo: CallerInfo
  readonly transferorInfo?: TransferorInfo
  readonly direction: CallDirection
  readonly state: CallState
  /** Set before `state` becomes Disconnected. */
  readonly callEndReason?: CallEndReason
  readonly isMuted: boolean
  readonly isScreenSharingOn: boolean
  readonly isIncomingAudioMuted: boolean
  readonly isLocalVideoStarted: boolean
  readonly localVideoStreams: readonly LocalVideoStream[]
  readonly localAudioStreams: readonly LocalAudioStream[]
  readonly remoteAudioStreams: readonly RemoteAudioStream[]
  readonly remoteParticipants: readonly RemoteParticipant[]
  readonly role: ParticipantRole
  /** There for those who may let people in, while the call has a lobby. */
  readonly lobby: Lobby | undefined

  /** Resolves when the call is over here. `forEveryone` rejects where it may not be done, as in rooms; the call goes on then. */
  hangUp(options?: HangUpOptions): Promise<void>
  /** Silences the microphone at once. Resolves when the others are told, or cannot be told now. */
  mute(): Promise<void>
  /** Rejects with 400/41016 when there is no microphone that may be used, or one may not speak in this call. */
  unmute(): Promise<void>
  muteIncomingAudio(): Promise<void>
  unmuteIncomingAudio(): Promise<void>
  /** Rejects with 400/41027 when video is on already, with 403/43001, 412/43000 or 412/43013 when the camera is not to be had. */
  startVideo(stream: LocalVideoStream): Promise<void>
  /** Rejects with 400/41030 when video is off already. */
  stopVideo(stream: LocalVideoStream): Promise<void>
  /** Stops sound and picture both ways. In a 1:1 call the other side is told. Rejects with 500/41033 unless Connected. */
  hold(): Promise<void>
  /** Puts the agent's other calls on hold. Rejects with 500/41034 unless LocalHold. */
  resume(): Promise<void>
  /** Speaks through this stream in the place of what one spoke through before. */
  startAudio(stream: LocalAudioStream): Promise<void>
  /** Closes what one speaks through; the call is muted then. */
  stopAudio(): Promise<void>
  /**
   * Shares what the person picks, or a stream that the app brings, and takes the place of whoever shares. Rejects with
   * 400/41035 when it is on already, with 412/41071 unless Connected.
   */
  startScreenSharing(stream?: LocalVideoStream): Promise<void>
  /** Rejects with 400/41041 when it is off already. */
  stopScreenSharing(): Promise<void>
  /**
   * Rings somebody to come in; a 1:1 call becomes a group call. He is there at once, the same object as ever if he was
   * there already. Throws 400/10044 for an identifier that cannot be read; who does not come leaves with his
   * `callEndReason`.
   */
  addParticipant(participant: CommunicationIdentifier, options?: AddPhoneNumberOptions): RemoteParticipant
  removeParticipant(participant: CommunicationIdentifier): Promise<void>
  /** Mutes everybody else; they may unmute themselves. Rejects in a 1:1 call, and for those who may not. */
  muteAllRemoteParticipants(): Promise<void>
  feature<T>(factory: OfCall<T>): T
  /** Presses a key towards the phones in the call. Rejects where there is none, and unless Connected. */
  sendDtmf(tone: DtmfTone): Promise<void>
  dispose(): void

  /** Not supported in this version. */
  setConstraints(constraints: object): Promise<void>

  on<E extends keyof CallEvents>(event: E, listener: CallEvents[E]): void
  off<E extends keyof CallEvents>(event: E, listener: CallEvents[E]): void
}

export interface IncomingCallEvents {
  callEnded: (args: { callEndReason: CallEndReason }) => void
  callerInfoChanged: PropertyChangedEvent
  transferorInfoChanged: PropertyChangedEvent
}
/** What a caller may send along with a call. Not sent in this version. */
export interface CustomContext {
  userToUser?: string
  xHeaders?: { key: string; value: string }[]
}
export interface IncomingCall {
  readonly kind: 'IncomingCall'
  readonly customContext?: CustomContext
  readonly id: string
  readonly info: CallInfo
  readonly callerInfo: CallerInfo
  readonly transferorInfo?: TransferorInfo
  readonly callEndReason?: CallEndReason
  /** Rejects with 400/41006 when it does not ring any more. */
  accept(options?: AcceptCallOptions): Promise<Call>
  /** Rejects with 400/41007 when it does not ring any more. */
  reject(): Promise<void>
  on<E extends keyof IncomingCallEvents>(event: E, listener: IncomingCallEvents[E]): void
  off<E extends keyof IncomingCallEvents>(event: E, listener: IncomingCallEvents[E]): void
}

/**
 * What an app that was written for the official declarations takes and gives; compiling this file proves that it fits.
 * Of the official package, a development dependency, only types are imported.
 *
 * Left out are `kind`, an enumeration there and the same word here; what takes or gives the classes that an app makes
 * with `new`, because TypeScript tells classes with private members apart by name; and that a call of this platform may
 * have no lobby.
 */
import type * as Official from '@azure/communication-calling'
import type * as Common from '@azure/communication-common'
import type * as Ours from '../src/index.ts'

/** Members that an app may use there and would miss here. */
type Missing<Theirs, Mine> = Exclude<keyof Theirs, keyof Mine>
type None<T extends never> = T
// prettier-ignore
type _NothingIsMissing = [
  None<Missing<Official.Call, Ours.Call>>,
  None<Missing<Official.CallAgent, Ours.CallAgent>>,
  None<Missing<Official.IncomingCall, Ours.IncomingCall>>,
  None<Missing<Official.CallClient, Ours.CallClient>>,
  None<Missing<Official.LocalVideoStream, Ours.LocalVideoStream>>,
  None<Missing<Official.LocalAudioStream, Ours.LocalAudioStream>>,
  None<Missing<Official.VideoStreamRenderer, Ours.VideoStreamRenderer>>,
  None<Missing<Official.RemoteParticipant, Ours.RemoteParticipant>>,
  None<Missing<Official.CallInfo, Ours.CallInfo>>,
  None<Missing<typeof Official.Features, typeof Ours.Features>>,
]

type Plain<T, Except extends keyof T> = Omit<T, Except | 'kind' | 'on' | 'off'>
type CallsClasses =
  | 'localVideoStreams' | 'localAudioStreams' | 'startVideo' | 'stopVideo' | 'startAudio' | 'startScreenSharing' | 'feature' // prettier-ignore

/** What an app reads and calls. */
export type Gives = {
  call: Plain<Official.Call, CallsClasses | 'lobby'>
  agent: Plain<Official.CallAgent, 'calls' | 'startCall' | 'join'>
  incoming: Plain<Official.IncomingCall, 'accept'>
  participant: Official.RemoteParticipant
  lobby: Official.Lobby
  sound: Official.RemoteAudioStream
  stream: Official.RemoteVideoStream
  view: Official.VideoStreamRendererView
  devices: Official.DeviceManager
  identifier: Common.CommunicationIdentifierKind
}
type OursGive = {
  call: Ours.Call
  agent: Ours.CallAgent
  incoming: Ours.IncomingCall
  participant: Ours.RemoteParticipant
  lobby: Ours.Lobby
  sound: Ours.RemoteAudioStream
  stream: Ours.RemoteVideoStream
  view: Ours.VideoStreamRendererView
  devices: Ours.DeviceManager
  identifier: Ours.CommunicationIdentifierKind
}
export const gives = (ours: OursGive): Gives => ours

/** What an app hands in. */
type Takes = {
  credential: Ours.CommunicationTokenCredential
  identifier: Ours.CommunicationIdentifier
  startOptions: Omit<Ours.StartCallOptions, 'videoOptions' | 'audioOptions'>
  clientOptions: Ours.CallClientOptions
  agentOptions: Ours.CallAgentOptions
  locator: Ours.CallLocator
  viewOptions: Ours.CreateViewOptions
  camera: Ours.VideoDeviceInfo
  microphone: Ours.AudioDeviceInfo
  tone: Ours.DtmfTone
}
type TheirsTake = {
  credential: Common.AzureCommunicationTokenCredential
  identifier: Common.CommunicationIdentifier
  startOptions: Official.StartCallOptions
  clientOptions: Official.CallClientOptions
  agentOptions: Official.CallAgentOptions
  locator: Official.GroupCallLocator | Official.RoomCallLocator
  viewOptions: Official.CreateViewOptions
  camera: Official.VideoDeviceInfo
  microphone: Official.AudioDeviceInfo
  tone: Official.DtmfTone
}
export const takes = (theirs: TheirsTake): Takes => theirs

/** Every feature of a call, with all that an app finds on it. */
type TheirFeature<Factory> = Factory extends Official.CallFeatureFactory<infer Feature> ? NoCall<Feature> : never
type OurFeature<Factory> = Factory extends Ours.CallFeatureFactory<infer Feature> ? NoCall<Feature> : never
/** The one event that gives a call, whose `kind` is another word there. */
type NoCall<Feature> = Feature extends { transfer: unknown } ? Omit<Feature, 'on' | 'off'> : Feature
type TheirFeatures = { [Key in keyof typeof Official.Features]: TheirFeature<(typeof Official.Features)[Key]> }
type OurFeatures = { [Key in keyof typeof Ours.Features]: OurFeature<(typeof Ours.Features)[Key]> }
export const features = (ours: OurFeatures): TheirFeatures => ours

/** Listeners that an app wrote for the official events. */
export function listens(
  call: Ours.Call,
  agent: Ours.CallAgent,
  incoming: Ours.IncomingCall,
  listener: Listeners,
): void {
  call.on('stateChanged', listener.changed)
  call.on('idChanged', listener.changed)
  call.on('isMutedChanged', listener.changed)
  call.on('isScreenSharingOnChanged', listener.changed)
  call.on('isIncomingAudioMutedChanged', listener.changed)
  call.on('isLocalVideoStartedChanged', listener.changed)
  call.on('roleChanged', listener.changed)
  call.on('callerInfoChanged', listener.changed)
  call.on('transferorInfoChanged', listener.changed)
  call.on('mutedByOthers', listener.changed)
  call.on('remoteParticipantsUpdated', listener.people)
  call.on('remoteAudioStreamsUpdated', listener.sounds)
  call.lobby?.on('lobbyParticipantsUpdated', listener.people)
  const [participant] = call.remoteParticipants
  participant?.on('stateChanged', listener.changed)
  participant?.on('isMutedChanged', listener.changed)
  participant?.on('displayNameChanged', listener.changed)
  participant?.on('roleChanged', listener.changed)
  participant?.on('isSpeakingChanged', listener.changed)
  participant?.on('videoStreamsUpdated', listener.pictures)
  agent.on('connectionStateChanged', listener.connection)
  agent.on('handleIncomingCall', listener.handled)
  incoming.on('callEnded', listener.ended)
}
type Listeners = {
  changed: Official.PropertyChangedEvent
  people: Official.CollectionUpdatedEvent<Official.RemoteParticipant>
  sounds: Official.CollectionUpdatedEvent<Official.RemoteAudioStream>
  pictures: Official.CollectionUpdatedEvent<Official.RemoteVideoStream>
  connection: (args: { oldValue: Official.ConnectionState; newValue: Official.ConnectionState }) => void
  handled: (args: { callId: string; participantId: string; code: number; subCode?: number }) => void
  ended: (args: { callEndReason: Official.CallEndReason }) => void
}

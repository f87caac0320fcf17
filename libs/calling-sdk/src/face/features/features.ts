/**
 * Every feature of the contract. What has no meaning yet is there all the same, and inert: apps subscribe to everything
 * when a call begins, and would fail on the first that is missing. Its methods reject, or throw, *notSupported*.
 */
import { failed } from '../../calling-error.ts'
import type {
  AudioStreamFeatureFactory,
  CallClientFeatureFactory,
  CallFeatureFactory,
  FeatureContext,
  VideoStreamFeatureFactory,
} from '../contract/features.ts'
import { capabilities } from './capabilities.ts'
import { shown } from './diagnostics.ts'
import { environmentInfo } from './debug-info.ts'
import { inert } from './shelf.ts'

type AnyListener = (...args: never[]) => void
/** What every feature has. */
export type Feature = {
  readonly name: string
  on(event: string, listener: AnyListener): void
  off(event: string, listener: AnyListener): void
  dispose(): void
}

const nothing = (): void => {}
const refuse = (): Promise<never> => Promise.reject(failed('notSupported'))
const forbid = (): never => {
  throw failed('notSupported')
}
/** A method of a feature that the server takes no part in: it may be called, and rejects. */
type Refusing<Names extends string> = Record<Names, (...args: unknown[]) => Promise<never>>
const refusing = <Names extends string>(...names: Names[]): Refusing<Names> =>
  Object.fromEntries(names.map((name) => [name, refuse])) as Refusing<Names> // made of exactly these names

/** Makes the factory of a call's feature. */
function ofCall<T extends object>(name: string, make: (context: FeatureContext) => T): CallFeatureFactory<Feature & T> {
  return { name, callApi: (context) => ({ name, ...inert, ...make(context) }) }
}

const effects = <T>(activeEffects: T) => ({
  isSupported: (_effect: unknown) => Promise.resolve(false),
  ...refusing('startEffects', 'stopEffects'),
  activeEffects,
})

const DebugInfo: CallClientFeatureFactory<
  Feature & { getEnvironmentInfo: typeof environmentInfo; isCallClientActiveInAnotherTab: boolean }
> = {
  name: 'DebugInfo',
  callClientApi: () => ({
    name: 'DebugInfo',
    ...inert,
    getEnvironmentInfo: environmentInfo,
    isCallClientActiveInAnotherTab: false,
  }),
}
const makeVideoEffects = () => ({ name: 'VideoEffects', ...inert, ...effects<string[]>([]) })
const VideoEffects: VideoStreamFeatureFactory<Feature & ReturnType<typeof makeVideoEffects>> = {
  name: 'VideoEffects',
  videoStreamApi: makeVideoEffects,
}
const makeAudioEffects = () => ({
  name: 'AudioEffects',
  ...inert,
  ...effects<{ echoCancellation: string[]; noiseSuppression: string[] }>({
    echoCancellation: [],
    noiseSuppression: [],
  }),
})
const AudioEffects: AudioStreamFeatureFactory<Feature & ReturnType<typeof makeAudioEffects>> = {
  name: 'AudioEffects',
  audioStreamApi: makeAudioEffects,
}

/** ACS: Features. Factories are compared by identity. */
export const Features = {
  AudioEffects,
  // Its properties are absent while there are no rooms.
  BreakoutRooms: ofCall('BreakoutRooms', () => ({})),
  CallSurvey: ofCall('CallSurvey', () => refusing('submitSurvey')),
  Capabilities: ofCall('Capabilities', () => ({ capabilities: capabilities() })),
  Captions: ofCall('Captions', () => ({
    captions: {
      kind: 'Captions' as const,
      supportedSpokenLanguages: [] as string[],
      activeSpokenLanguage: '',
      isCaptionsFeatureActive: false,
      ...refusing('startCaptions', 'stopCaptions', 'setSpokenLanguage'),
      ...inert,
    },
  })),
  DataChannel: ofCall('DataChannel', () => ({ createDataChannelSender: forbid })),
  DebugInfo,
  DominantSpeakers: ofCall('DominantSpeakers', () => ({
    dominantSpeakers: { speakersList: [] as never[], timestamp: new Date() },
  })),
  MediaAccess: ofCall('MediaAccess', () => ({
    ...refusing('permitAudio', 'forbidAudio', 'permitVideo', 'forbidVideo'),
    ...refusing('permitOthersAudio', 'forbidOthersAudio', 'permitOthersVideo', 'forbidOthersVideo'),
    getAllOthersMediaAccess: (): never[] => [],
    getMeetingMediaAccess: () => ({ isAudioPermitted: true, isVideoPermitted: true }),
  })),
  MediaStats: ofCall('MediaStats', () => ({
    createCollector: (_options?: object) => inert,
    disposeAllCollectors: nothing,
  })),
  OptimalVideoCount: ofCall('OptimalVideoCount', () => ({
    optimalVideoCount: 9,
    lastOvcChangeReason: 'unknown' as const,
  })),
  PPTLive: ofCall('PPTLive', () => ({ isActive: false, target: document.createElement('div') })),
  RaiseHand: ofCall('RaiseHand', () => ({
    ...refusing('raiseHand', 'lowerHand', 'lowerHands', 'lowerAllHands'),
    getRaisedHands: (): never[] => [],
  })),
  Reaction: ofCall('Reaction', () => refusing('sendReaction')),
  RealTimeText: ofCall('RealTimeText', () => refusing('sendRealTimeText')),
  Recording: ofCall('Recording', () => ({
    isRecordingActive: false,
    recordings: [] as never[],
    isTeamsConsentRequired: false,
    grantTeamsConsent: refuse,
  })),
  Spotlight: ofCall('Spotlight', () => ({
    maxParticipantsToSpotlight: 7,
    ...refusing('startSpotlight', 'stopSpotlight', 'stopAllSpotlight'),
    getSpotlightedParticipants: (): never[] => [],
  })),
  TeamsMeetingAudioConferencing: ofCall('TeamsMeetingAudioConferencing', () =>
    refusing('getTeamsMeetingAudioConferencingDetails'),
  ),
  TogetherMode: ofCall('TogetherMode', () => ({
    togetherModeStream: [] as never[],
    togetherModeSeatingMap: new Map<string, never>(),
    sceneSize: { width: 0, height: 0 },
    start: refuse,
  })),
  Transcription: ofCall('Transcription', () => ({
    isTranscriptionActive: false,
    isTeamsConsentRequired: false,
    grantTeamsConsent: refuse,
  })),
  Transfer: ofCall('Transfer', () => ({ transfer: forbid })),
  UserFacingDiagnostics: ofCall('UserFacingDiagnostics', ({ diagnostics }) => ({
    network: shown(diagnostics.network),
    media: shown(diagnostics.media),
    remote: {
      getLatest: () => ({ diagnostics: [] as never[] }),
      startSendingDiagnostics: nothing,
      stopSendingDiagnostics: nothing,
      isSendingDiagnosticsEnabled: false,
      on: nothing,
      off: nothing,
    },
  })),
  VideoEffects,
} as const

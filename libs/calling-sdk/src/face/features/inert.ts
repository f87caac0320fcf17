/**
 * Features that have no meaning on this platform. They are there all the same: apps subscribe to everything when a call
 * begins, and would fail on the first that is missing. Lists are empty, and methods reject with *notSupported*.
 */
import { failed } from '../../calling-error.ts'
import type { AudioStreamFeatureFactory, CallFeatureFactory, VideoStreamFeatureFactory } from '../contract/features.ts'
import { inert } from './shelf.ts'

type AnyListener = (...args: never[]) => void
type InertFeature = {
  readonly name: string
  on(event: string, listener: AnyListener): void
  off(event: string, listener: AnyListener): void
  dispose(): void
}

const refuse = (..._args: unknown[]): Promise<never> => Promise.reject(failed('notSupported'))

function ofCall<T extends object>(name: string, make: () => T): CallFeatureFactory<InertFeature & T> {
  return { name, callApi: () => ({ name, ...inert, ...make() }) }
}

/** Its properties are absent while there are no rooms. */
export const BreakoutRooms = ofCall('BreakoutRooms', () => ({}))
export const Captions = ofCall('Captions', () => ({
  captions: {
    kind: 'Captions' as const,
    supportedSpokenLanguages: [] as string[],
    activeSpokenLanguage: '',
    isCaptionsFeatureActive: false,
    startCaptions: refuse,
    stopCaptions: refuse,
    setSpokenLanguage: refuse,
    ...inert,
  },
}))
export const PPTLive = ofCall('PPTLive', () => ({ isActive: false, target: document.createElement('div') }))
export const Recording = ofCall('Recording', () => ({
  isRecordingActive: false,
  recordings: [] as never[],
  isTeamsConsentRequired: false,
  grantTeamsConsent: refuse,
}))
export const TeamsMeetingAudioConferencing = ofCall('TeamsMeetingAudioConferencing', () => ({
  getTeamsMeetingAudioConferencingDetails: refuse,
}))
export const TogetherMode = ofCall('TogetherMode', () => ({
  togetherModeStream: [] as never[],
  togetherModeSeatingMap: new Map<string, never>(),
  sceneSize: { width: 0, height: 0 },
  start: refuse,
}))
export const Transcription = ofCall('Transcription', () => ({
  isTranscriptionActive: false,
  isTeamsConsentRequired: false,
  grantTeamsConsent: refuse,
}))

const effects = <T>(name: string, activeEffects: T) => ({
  name,
  ...inert,
  isSupported: (_effect: unknown) => Promise.resolve(false),
  startEffects: refuse,
  stopEffects: refuse,
  activeEffects,
})
const makeVideoEffects = () => effects<string[]>('VideoEffects', [])
export const VideoEffects: VideoStreamFeatureFactory<InertFeature & ReturnType<typeof makeVideoEffects>> = {
  name: 'VideoEffects',
  videoStreamApi: makeVideoEffects,
}
const makeAudioEffects = () =>
  effects<{ echoCancellation: string[]; noiseSuppression: string[] }>('AudioEffects', {
    echoCancellation: [],
    noiseSuppression: [],
  })
export const AudioEffects: AudioStreamFeatureFactory<InertFeature & ReturnType<typeof makeAudioEffects>> = {
  name: 'AudioEffects',
  audioStreamApi: makeAudioEffects,
}

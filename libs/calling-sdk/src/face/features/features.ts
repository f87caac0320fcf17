/** Every feature of the contract; those that have no meaning here yet are inert. */
import { CallSurvey } from './call-survey.ts'
import { Capabilities } from './capabilities.ts'
import { DataChannel } from './data-channel.ts'
import { DebugInfo } from './debug-info.ts'
import { DominantSpeakers } from './dominant-speakers.ts'
import {
  AudioEffects,
  BreakoutRooms,
  Captions,
  PPTLive,
  Recording,
  TeamsMeetingAudioConferencing,
  TogetherMode,
  Transcription,
  VideoEffects,
} from './inert.ts'
import { MediaAccess } from './media-access.ts'
import { MediaStats } from './media-stats.ts'
import { OptimalVideoCount } from './optimal-video-count.ts'
import { RaiseHand } from './raise-hand.ts'
import { Reaction } from './reaction.ts'
import { RealTimeText } from './real-time-text.ts'
import { Spotlight } from './spotlight.ts'
import { Transfer } from './transfer.ts'
import { UserFacingDiagnostics } from './user-facing-diagnostics.ts'

/** ACS: Features. Factories are compared by identity. */
export const Features = {
  AudioEffects,
  BreakoutRooms,
  CallSurvey,
  Capabilities,
  Captions,
  DataChannel,
  DebugInfo,
  DominantSpeakers,
  MediaAccess,
  MediaStats,
  OptimalVideoCount,
  PPTLive,
  RaiseHand,
  Reaction,
  RealTimeText,
  Recording,
  Spotlight,
  TeamsMeetingAudioConferencing,
  TogetherMode,
  Transcription,
  Transfer,
  UserFacingDiagnostics,
  VideoEffects,
} as const

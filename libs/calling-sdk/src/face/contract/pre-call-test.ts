/** The test before a call: what it takes, and what it finds. */
import type { DiagnosticQuality } from '../features/diagnostics.ts'
import type { CommunicationTokenCredential } from './identifiers.ts'

export type PreCallTestOptions = {
  tokenCredential: CommunicationTokenCredential
  /** Rejects with its reason at once, and hangs up. */
  signal?: AbortSignal
}
export type PreCallFindings = {
  isBrowserSupported: boolean
  /** How many there are; `speakers` is absent where a page may not know. */
  devices: { microphones: number; cameras: number; speakers?: number }
  /** `unknown` where a page may not ask. Nobody is asked for a permission. */
  permissions: Record<'microphone' | 'camera', PermissionState | 'unknown'>
  service: { isReached: boolean; afterMs?: number; problem?: string }
  media: {
    isReached: boolean
    /** `tcp` is a detour: a network in between blocks UDP. */
    protocol?: string
    afterMs?: number
    roundTripTimeMs?: number
    jitterMs?: number
    /** Of both ways the worse, from 0 to 1. */
    lossRatio?: number
    problem?: string
  }
  quality: DiagnosticQuality
}
export type PreCallTestResult = PreCallFindings & {
  /** All of this in words for the person, the worst first. */
  sentences: string[]
}

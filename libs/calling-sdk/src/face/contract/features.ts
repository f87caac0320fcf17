/** How a feature is asked for: `call.feature(Features.Capabilities)`. The factories stand in features/features.ts. */
import type { Diagnostics } from '../features/diagnostics.ts'

/** What a feature may know of its call. */
export interface FeatureContext {
  readonly diagnostics: Diagnostics
}

export interface CallFeatureFactory<T> {
  readonly name: string
  readonly callApi: (context: FeatureContext) => T
}
export interface CallClientFeatureFactory<T> {
  readonly name: string
  readonly callClientApi: () => T
}
export interface VideoStreamFeatureFactory<T> {
  readonly name: string
  readonly videoStreamApi: () => T
}
export interface AudioStreamFeatureFactory<T> {
  readonly name: string
  readonly audioStreamApi: () => T
}

/** Where the SDK runs (ACS: DebugInfo.getEnvironmentInfo). */
import { detectDevice } from 'mediasoup-client'
import type { PropertyChangedEvent } from '../contract/events.ts'
import type { CallClientFeatureFactory } from '../contract/features.ts'
import { Emitter } from '../emitter.ts'
import { type Feature, listenable } from './feature.ts'
import { watchOtherTabs } from './other-tabs.ts'

export type EnvironmentInfo = {
  environment: { platform: string; browser: string; browserVersion: string }
  isSupportedPlatform: boolean
  isSupportedBrowser: boolean
  isSupportedBrowserVersion: boolean
  isSupportedEnvironment: boolean
}

// In this order: most browsers also call themselves what stands further down.
const browsers: [name: string, mark: RegExp][] = [
  ['Edge', /Edg(?:e|A|iOS)?\/(\d+[\d.]*)/],
  ['Opera', /OPR\/(\d+[\d.]*)/],
  ['Firefox', /(?:Firefox|FxiOS)\/(\d+[\d.]*)/],
  ['Chrome', /(?:Chrome|CriOS|Chromium)\/(\d+[\d.]*)/],
  ['Safari', /Version\/(\d+[\d.]*).*Safari/],
]
const platforms: [name: string, mark: RegExp][] = [
  ['Android', /Android/],
  ['iOS', /iPhone|iPad|iPod/],
  ['Windows', /Windows/],
  ['Mac', /Macintosh/],
  ['Linux', /Linux|CrOS/],
]

/** The one question that counts: is there WebRTC that media can be built on? */
export const canCall = (): boolean => 'RTCPeerConnection' in globalThis && detectDevice() !== undefined

async function environmentInfo(): Promise<EnvironmentInfo> {
  const { userAgent } = navigator
  const [browser, mark] = browsers.find(([, mark]) => mark.test(userAgent)) ?? ['Unknown', /$^/]
  const [platform] = platforms.find(([, mark]) => mark.test(userAgent)) ?? ['Unknown']
  const browserVersion = mark.exec(userAgent)?.[1] ?? ''
  const isSupported = canCall()
  return {
    environment: { platform, browser, browserVersion },
    isSupportedPlatform: platform !== 'Unknown',
    isSupportedBrowser: isSupported,
    isSupportedBrowserVersion: isSupported,
    isSupportedEnvironment: isSupported,
  }
}

type Events = { isCallClientActiveInAnotherTabChanged: PropertyChangedEvent }

/** ACS: DebugInfo. */
export const DebugInfo: CallClientFeatureFactory<
  Feature<Events> & { getEnvironmentInfo: typeof environmentInfo; readonly isCallClientActiveInAnotherTab: boolean }
> = {
  name: 'DebugInfo',
  callClientApi: () => {
    const events = new Emitter<Events>()
    const tabs = watchOtherTabs(() => events.emit('isCallClientActiveInAnotherTabChanged'))
    return {
      name: 'DebugInfo',
      ...listenable(events),
      dispose: tabs.stop,
      getEnvironmentInfo: environmentInfo,
      get isCallClientActiveInAnotherTab() {
        return tabs.isAny
      },
    }
  },
}

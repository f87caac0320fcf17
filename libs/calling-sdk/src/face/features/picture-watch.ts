/** What the person should know of the pictures that he sends: that they stand still. */
import type { FeatureContext, Stop } from '../contract/features.ts'
import type { MediaDiagnostic } from './diagnostics.ts'
import { listenTo } from './listen-to.ts'
import { lookEvery } from './measure.ts'

const lookMs = 3000

export function watchPictures(context: FeatureContext): Stop {
  const stops = [watch(context, 'camera', 'cameraFreeze'), watch(context, 'screen', 'capturerStoppedUnexpectedly')]
  return () => stops.forEach((stop) => stop())
}

/** The device delivers nothing (the browser mutes its track then), or no frame has gone out between two looks. */
function watch(context: FeatureContext, source: 'camera' | 'screen', diagnostic: MediaDiagnostic): Stop {
  const { media } = context.diagnostics
  let track: MediaStreamTrack | undefined
  let stopTrack = (): void => {}
  let still = 0
  const see = (): void => media.set(diagnostic, track !== undefined && (track.muted || still >= 2))
  const follow = (): void => {
    stopTrack()
    track = context.track(source)
    still = 0
    stopTrack = listenTo(track, ['mute', 'unmute'], see)
    if (source === 'camera' && track !== undefined) media.set('cameraStoppedUnexpectedly', false)
    see()
  }
  follow()
  const stops = [
    context.onTrack((changed) => changed === source && follow()),
    // A shared screen on which nothing moves has no frames to send.
    source === 'screen'
      ? (): void => {}
      : lookEvery(context, lookMs, ({ now }) => {
          const sent = now.sent.filter((one) => one.source === source && one.fps !== undefined)
          // What is on hold stands still on purpose.
          const isOpen = context.view()?.state === 'Connected'
          still = isOpen && sent.length > 0 && sent.every(({ fps }) => fps === 0) ? still + 1 : 0
          see()
        }),
  ]
  return () => [...stops, stopTrack].forEach((stop) => stop())
}

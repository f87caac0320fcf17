/** What the person should know of his microphone: that he speaks and nobody hears it, or that nothing comes out of it. */
import type { FeatureContext, Stop } from '../contract/features.ts'
import { type LevelMeter, meterOf } from './level-meter.ts'
import { listenTo } from './listen-to.ts'
import { lookEvery } from './measure.ts'

const meterMs = 100
/** About -34 dB: speech, and not a fan. */
const loud = 0.02
// Three loud moments are speech; after two quiet seconds it is over.
const score = { loud: 7, quiet: -1, speech: 20, most: 20 }
/** So many looks, two seconds apart, without a single sound. */
const silentLooks = 5

export function watchMicrophone(
  context: FeatureContext,
  meter: (track: MediaStreamTrack) => LevelMeter = meterOf,
): Stop {
  const { media } = context.diagnostics
  let track: MediaStreamTrack | undefined
  let stopTrack = (): void => {}
  let stopMeter = (): void => {}
  let silent = 0
  const see = (): void => media.set('microphoneMuteUnexpectedly', track?.muted === true)
  const follow = (): void => {
    const now = context.track('microphone')
    stopMeter()
    stopMeter = (): void => {}
    if (now !== undefined && context.isMuted()) stopMeter = listen(context, now, meter)
    else media.set('speakingWhileMicrophoneIsMuted', false)
    if (now === track) return
    stopTrack()
    track = now
    stopTrack = listenTo(track, ['mute', 'unmute'], see)
    see()
  }
  follow()
  const stops = [
    context.onTrack((source) => source === 'microphone' && follow()),
    lookEvery(context, 2000, ({ now }) => {
      const level = now.sent.find(({ source }) => source === 'microphone')?.level
      // What is on hold is silent on purpose.
      const isOpen = context.view()?.state === 'Connected' && !context.isMuted()
      silent = level === 0 && isOpen ? silent + 1 : 0
      media.set('microphoneNotMuteButSilent', silent >= silentLooks)
    }),
  ]
  return () => [...stops, stopTrack, stopMeter].forEach((stop) => stop())
}

function listen({ clock, diagnostics, log }: FeatureContext, track: MediaStreamTrack, meter: typeof meterOf): Stop {
  let open: LevelMeter
  try {
    open = meter(track)
  } catch (error) {
    // Where there is no audio graph to be had, nobody is told; the call goes on.
    log.warn('microphone.notMetered', { error })
    return () => {}
  }
  let heard = 0
  const look = (): void => {
    heard = Math.min(Math.max(heard + ((open.level() ?? 0) > loud ? score.loud : score.quiet), 0), score.most)
    if (heard >= score.speech) diagnostics.media.set('speakingWhileMicrophoneIsMuted', true)
    else if (heard === 0) diagnostics.media.set('speakingWhileMicrophoneIsMuted', false)
    callOff = clock.after(meterMs, look)
  }
  let callOff = clock.after(meterMs, look)
  return () => {
    callOff()
    open.close()
  }
}

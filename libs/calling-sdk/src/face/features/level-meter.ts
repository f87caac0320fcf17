/** How loud a microphone is, whether or not what it hears is sent. */
export type LevelMeter = {
  /** From 0 to 1 (root mean square); undefined while the browser does not let us listen. */
  level(): number | undefined
  close(): void
}

/** Listens to a copy of the track: a muted one is silent itself. */
export function meterOf(track: MediaStreamTrack): LevelMeter {
  const copy = track.clone()
  copy.enabled = true
  const audio = new AudioContext()
  const analyser = audio.createAnalyser()
  analyser.fftSize = 1024
  audio.createMediaStreamSource(new MediaStream([copy])).connect(analyser)
  const samples = new Float32Array(analyser.fftSize)
  return {
    level: () => {
      if (audio.state !== 'running') return undefined
      analyser.getFloatTimeDomainData(samples)
      return Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length)
    },
    close: () => {
      copy.stop()
      // Closing one that is closed is all that can fail.
      audio.close().catch(() => {})
    },
  }
}

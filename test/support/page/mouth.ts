/** What a person says and shows. Runs in the page, before its own scripts. */

/** One tone that is this person's alone, and the size of the picture that his camera gives. */
export type Voice = { toneHz: number; picture: { width: number; height: number } }

export type Mouth = {
  /** How often the page has asked for a microphone and for a camera. */
  asked: { audio: number; video: number }
  /** While it is true the camera gives no frames. */
  isFrozen: boolean
  /** Stops the humming of every microphone, or lets it go on. Its track goes on all the while. */
  hush(isSilent: boolean): void
}

declare global {
  var mouth: Mouth
}

/**
 * Replaces the devices: the microphone hums the person's tone, the camera shows a square that wanders. The second
 * microphone hums a little higher, and the second camera shows its square in the dark.
 */
export function mouth({ toneHz, picture }: Voice): void {
  /** So much higher hums the second microphone. */
  const otherMicrophoneHz = 110

  let loudness = 0.5
  const hums = new Map<number, GainNode>()
  globalThis.mouth = {
    asked: { audio: 0, video: 0 },
    isFrozen: false,
    hush: (isSilent) => {
      loudness = isSilent ? 0 : 0.5
      for (const hum of hums.values()) hum.gain.value = loudness
    },
  }

  function microphone(frequency: number): MediaStreamTrack[] {
    globalThis.mouth.asked.audio += 1
    const hum = hums.get(frequency) ?? startHumming(frequency)
    hums.set(frequency, hum)
    const microphone = new MediaStreamAudioDestinationNode(hum.context as AudioContext) // it is one, see below
    hum.connect(microphone)
    return microphone.stream.getAudioTracks()
  }

  function startHumming(frequency: number): GainNode {
    const context = new AudioContext({ sampleRate: 48_000 })
    const oscillator = new OscillatorNode(context, { frequency })
    const gain = new GainNode(context, { gain: loudness })
    oscillator.connect(gain)
    oscillator.start()
    return gain
  }

  function camera(background: string): MediaStreamTrack[] {
    globalThis.mouth.asked.video += 1
    const canvas = Object.assign(document.createElement('canvas'), picture)
    const paper = canvas.getContext('2d')
    if (paper === null) throw new Error('This browser draws no canvas.')
    let step = 0
    const draw = () => {
      step += 1
      paper.fillStyle = background
      paper.fillRect(0, 0, canvas.width, canvas.height)
      paper.fillStyle = `hsl(${(step * 7) % 360} 90% 40%)`
      paper.fillRect((step * 13) % canvas.width, (step * 5) % canvas.height, canvas.width / 3, canvas.height / 3)
    }
    draw()
    const tracks = canvas.captureStream(15).getVideoTracks()
    // A canvas without an end would draw on after the camera is off.
    const drawing = setInterval(() => {
      if (tracks.every((track) => track.readyState === 'ended')) clearInterval(drawing)
      else if (!globalThis.mouth.isFrozen) draw()
    }, 1000 / 15)
    return tracks
  }

  /** Whether it is the second one that is asked for. */
  async function isSecond(kind: MediaDeviceKind, { deviceId }: MediaTrackConstraints): Promise<boolean> {
    if (typeof deviceId !== 'object' || !('exact' in deviceId)) return false
    const all = await navigator.mediaDevices.enumerateDevices()
    const [, second] = all.filter((device) => device.kind === kind && device.deviceId !== 'default')
    return second?.deviceId === deviceId.exact
  }

  navigator.mediaDevices.getUserMedia = async ({ audio, video } = {}) => {
    const [other, dark] = await Promise.all([
      typeof audio === 'object' && isSecond('audioinput', audio),
      typeof video === 'object' && isSecond('videoinput', video),
    ])
    const tracks = [
      ...(audio ? microphone(other ? toneHz + otherMicrophoneHz : toneHz) : []),
      ...(video ? camera(dark ? 'black' : 'white') : []),
    ]
    return new MediaStream(tracks)
  }
}

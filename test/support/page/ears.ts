/**
 * What a person hears: every remote track of every connection of the page, mixed, each as loud as the page plays it. Runs
 * in the page.
 */
import type { Hearing, MeterAnswer, MeterQuestion } from './meter.ts'

export type Ears = {
  /** The height of a peak within 12 Hz of a tone in the spectrum of the last 170 ms; -Infinity when there is no peak. */
  levelDbfs(toneHz: number): number
  /** How loud the loudest part of what is heard now is. */
  loudestDbfs(): number
  /** What the meter has heard of a tone; `listen` starts its counts anew. */
  hearing(toneHz: number, listen?: boolean): Promise<Hearing>
  connectionsMade(): number
  /** The candidate pair of each live connection, the first `after` left out: protocol, and port of the far side. */
  paths(after?: number): Promise<string[]>
  /** Keeps what goes out and comes in as sound in the calls from now on, frame by frame as it travels. */
  tap(): void
  /** What was kept, in hex. */
  tapped(): { sent: string[]; heard: string[] }
  /** Whether packets of sound, or of pictures, arrive within a time, played or not. */
  receives(kind: 'audio' | 'video', withinMs: number): Promise<boolean>
}

declare global {
  var ears: Ears
}

/** `meterSource` is the text of the worklet, see meter.ts. */
export function ears({ meterSource }: { meterSource: string }): void {
  type Listening = { context: AudioContext; mix: GainNode; analyser: AnalyserNode; meter: Promise<AudioWorkletNode> }
  let listening: Listening | undefined
  const heardTracks = new Set<MediaStreamTrack>()
  const connections: RTCPeerConnection[] = []
  const answers = new Map<number, (answer: MeterAnswer) => void>()
  /** By the track's id. What the page plays nowhere, as the tests' own connections, is heard as it comes. */
  const loudness = new Map<string, GainNode>()

  function startListening(): Listening {
    const context = new AudioContext({ sampleRate: 48_000 })
    const mix = new GainNode(context, { channelCount: 1, channelCountMode: 'explicit' })
    const analyser = new AnalyserNode(context, { fftSize: 8192, smoothingTimeConstant: 0 })
    // A worklet that leads nowhere is not run.
    const nowhere = new GainNode(context, { gain: 0 })
    mix.connect(analyser).connect(nowhere).connect(context.destination)
    const meter = startMeter(context, mix, nowhere)
    meter.catch(() => {}) // a page that allows no worklet has no meter; hearing() says so
    return { context, mix, analyser, meter }
  }

  async function startMeter(context: AudioContext, mix: AudioNode, nowhere: AudioNode): Promise<AudioWorkletNode> {
    const source = URL.createObjectURL(new Blob([meterSource], { type: 'text/javascript' }))
    await context.audioWorklet.addModule(source)
    URL.revokeObjectURL(source)
    const meter = new AudioWorkletNode(context, 'meter', { channelCount: 1, channelCountMode: 'explicit' })
    meter.port.onmessage = ({ data: answer }: MessageEvent<MeterAnswer>) => {
      answers.get(answer.id)?.(answer)
      answers.delete(answer.id)
    }
    mix.connect(meter).connect(nowhere)
    return meter
  }

  function hear(track: MediaStreamTrack): void {
    if (track.kind !== 'audio' || heardTracks.has(track)) return
    heardTracks.add(track)
    listening ??= startListening()
    const stream = new MediaStream([track])
    // Chromium lets a remote track flow into Web Audio only while some element plays it as well.
    const player = Object.assign(document.createElement('audio'), { muted: true })
    player.srcObject = stream
    void player.play()
    const source = new MediaStreamAudioSourceNode(listening.context, { mediaStream: stream })
    const gain = new GainNode(listening.context)
    loudness.set(track.id, gain)
    source.connect(gain).connect(listening.mix)
    track.addEventListener('ended', () => {
      heardTracks.delete(track)
      loudness.delete(track.id)
      gain.disconnect()
      source.disconnect()
      player.srcObject = null
    })
  }

  function follow({ srcObject, muted, volume }: HTMLAudioElement): void {
    if (!(srcObject instanceof MediaStream)) return
    for (const { id } of srcObject.getAudioTracks()) {
      const gain = loudness.get(id)
      if (gain !== undefined) gain.gain.value = muted ? 0 : volume
    }
  }

  // A player need not be in the document, where it could be found.
  globalThis.Audio = class extends Audio {
    constructor(src?: string) {
      super(src)
      this.addEventListener('volumechange', () => follow(this))
    }
  }

  globalThis.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(configuration?: RTCConfiguration) {
      super(configuration)
      connections.push(this)
      this.addEventListener('track', ({ track, receiver }) => {
        hear(track)
        if (track.kind === 'audio') tapEnd(receiver, 'heard')
      })
    }

    override addTransceiver(what: MediaStreamTrack | string, init?: RTCRtpTransceiverInit): RTCRtpTransceiver {
      const made = super.addTransceiver(what, init)
      if (made.sender.track?.kind === 'audio') tapEnd(made.sender, 'sent')
      return made
    }
  }

  const tapped = { sent: [] as string[], heard: [] as string[] }

  /** Runs in a worker: hands every frame on as it came, and tells its bytes. */
  const tapSource = `onrtctransform = ({ transformer: { readable, writable, options } }) => {
    const tell = (frame, controller) => {
      const hex = Array.from(new Uint8Array(frame.data), (byte) => byte.toString(16).padStart(2, '0')).join('')
      postMessage({ side: options.side, hex })
      controller.enqueue(frame)
    }
    readable.pipeThrough(new TransformStream({ transform: tell })).pipeTo(writable)
  }`

  let tapping: Worker | undefined

  function tap(): void {
    tapping = new Worker(URL.createObjectURL(new Blob([tapSource], { type: 'text/javascript' })))
    tapping.onmessage = ({ data }: MessageEvent<{ side: 'sent' | 'heard'; hex: string }>) => {
      tapped[data.side].push(data.hex)
    }
  }

  /** Chromium lets frames past whoever comes later than the sender or receiver itself. */
  function tapEnd(end: RTCRtpSender | RTCRtpReceiver, side: 'sent' | 'heard'): void {
    if (tapping !== undefined) end.transform = new RTCRtpScriptTransform(tapping, { side })
  }

  globalThis.ears = {
    tap,
    tapped: () => tapped,

    connectionsMade: () => connections.length,

    async paths(after = 0) {
      const live = connections.slice(after).filter((connection) => connection.connectionState === 'connected')
      return Promise.all(live.map(async (connection) => pathOf(await connection.getStats())))
    },

    async receives(kind, withinMs) {
      const before = await packets(kind)
      await new Promise((resolve) => setTimeout(resolve, withinMs))
      return (await packets(kind)) > before
    },

    levelDbfs(toneHz) {
      if (listening === undefined) return -Infinity
      const { analyser, context } = listening
      const bins = new Float32Array(analyser.frequencyBinCount)
      analyser.getFloatFrequencyData(bins)
      const binHz = context.sampleRate / analyser.fftSize
      const from = Math.ceil((toneHz - 12) / binHz)
      const to = Math.floor((toneHz + 12) / binHz)
      const peaks = Array.from({ length: to - from + 1 }, (_, index) => from + index).filter(
        (bin) => at(bins, bin) > at(bins, bin - 1) && at(bins, bin) >= at(bins, bin + 1),
      )
      return Math.max(-Infinity, ...peaks.map((bin) => at(bins, bin)))
    },

    loudestDbfs() {
      if (listening === undefined) return -Infinity
      const bins = new Float32Array(listening.analyser.frequencyBinCount)
      listening.analyser.getFloatFrequencyData(bins)
      return Math.max(...bins)
    },

    async hearing(toneHz, listen = false) {
      listening ??= startListening()
      const meter = await listening.meter
      const id = Math.random()
      const answered = new Promise<MeterAnswer>((resolve) => answers.set(id, resolve))
      meter.port.postMessage({ id, listen } satisfies MeterQuestion)
      const hearing = (await answered).hearings[toneHz]
      if (hearing === undefined) throw new Error(`The meter does not know the tone of ${toneHz} Hz.`)
      return hearing
    },
  }

  async function packets(ofKind: 'audio' | 'video'): Promise<number> {
    const reports = await Promise.all(connections.map((connection) => connection.getStats()))
    const all = reports.flatMap((report) => [...report.values()] as Record<string, unknown>[]) // any in the DOM types
    return all
      .filter(({ type, kind }) => type === 'inbound-rtp' && kind === ofKind)
      .reduce((sum, { packetsReceived }) => sum + Number(packetsReceived), 0)
  }

  function pathOf(stats: RTCStatsReport): string {
    const all = new Map([...stats.entries()] as [string, Record<string, string>][]) // the DOM types leave it at any
    const transport = [...all.values()].find(({ type }) => type === 'transport')
    const pair = all.get(transport?.selectedCandidatePairId ?? '')
    const far = all.get(pair?.remoteCandidateId ?? '')
    return `${far?.protocol} ${far?.port}`
  }

  function at(bins: Float32Array, bin: number): number {
    return bins[bin] ?? -Infinity
  }
}

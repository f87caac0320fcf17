/**
 * What a person can know before a call: whether browser, devices and permissions are ready, whether the calling service
 * is reached, and how well sound passes. Ours; ACS's beta has PreCallDiagnostics for the same purpose.
 *
 * `client.feature(PreCallTest).run({ tokenCredential })` calls the echo bot for some seconds with an agent of its own,
 * which no app hears of, sends a soft tone in place of the microphone, and plays nothing. The identity must have no
 * other agent in this page meanwhile: run it before createCallAgent.
 */
import { CallingError } from '../../calling-error.ts'
import type { Call, CallEndReason } from '../contract/call.ts'
import type {
  CallClientFeatureContext,
  CallClientFeatureFactory,
  CallFeatureFactory,
  FeatureContext,
  Stop,
} from '../contract/features.ts'
import type { CommunicationTokenCredential } from '../contract/identifiers.ts'
import type { PreCallFindings as Found, PreCallTestOptions, PreCallTestResult } from '../contract/pre-call-test.ts'
import { LocalAudioStream } from '../local-audio-stream.ts'
import type { MediaFigures } from '../../media/media-figures.ts'
import { canCall } from './debug-info.ts'
import { DiagnosticQuality } from './diagnostics.ts'
import { lookEvery, lossOf } from './measure.ts'
import { qualityFor } from './network-watch.ts'
import { sentencesOf } from './pre-call-sentences.ts'
import { inert } from './shelf.ts'

const limitMs = 9000
const measureMs = 4000
const lookMs = 500

/** Made once for a client: `client.feature(PreCallTest)`. */
export const PreCallTest: CallClientFeatureFactory<
  typeof inert & { name: string; run(options: PreCallTestOptions): Promise<PreCallTestResult> }
> = {
  name: 'PreCallTest',
  callClientApi: (client) => ({ name: 'PreCallTest', ...inert, run: (options) => run(client, options) }),
}

/** Resolves within 10 s with what is known by then, whatever fails. */
async function run(
  client: CallClientFeatureContext,
  { tokenCredential, signal }: PreCallTestOptions,
): Promise<PreCallTestResult> {
  signal?.throwIfAborted()
  const found: Found = {
    isBrowserSupported: canCall(),
    devices: { microphones: 0, cameras: 0 },
    permissions: { microphone: 'unknown', camera: 'unknown' },
    service: { isReached: false },
    media: { isReached: false },
    quality: DiagnosticQuality.Bad,
  }
  const trial = new Trial(client, found)
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const callOff = client.clock.after(limitMs, resolve)
  const abort = (): void => reject(signal?.reason)
  signal?.addEventListener('abort', abort)
  Promise.all([lookAround(found), trial.run(tokenCredential)]).then(() => resolve(), reject)
  try {
    await promise
  } finally {
    callOff()
    signal?.removeEventListener('abort', abort)
    await trial.close()
  }
  return { ...found, sentences: sentencesOf(found) }
}

async function lookAround(found: Found): Promise<void> {
  const permission = async (name: 'microphone' | 'camera'): Promise<void> => {
    try {
      found.permissions[name] = (await navigator.permissions.query({ name })).state
    } catch {
      // Not every browser lets a page ask: it stays unknown.
    }
  }
  const all = (await (navigator.mediaDevices as MediaDevices | undefined)?.enumerateDevices().catch(() => [])) ?? []
  const count = (kind: MediaDeviceKind): number => all.filter((device) => device.kind === kind).length
  found.devices = {
    microphones: count('audioinput'),
    cameras: count('videoinput'),
    ...('HTMLMediaElement' in globalThis && 'setSinkId' in HTMLMediaElement.prototype
      ? { speakers: count('audiooutput') }
      : {}),
  }
  await Promise.all([permission('microphone'), permission('camera')])
}

/** Gives a call's context as it is. */
const insight: CallFeatureFactory<FeatureContext> = { name: 'PreCallTest', callApi: (context) => context }

/** The call to the echo bot, and what it shows. */
class Trial {
  private readonly client: CallClientFeatureContext
  private readonly found: Found
  private readonly startedAt: number
  private readonly closers: (() => unknown)[] = []
  private isClosed = false

  constructor(client: CallClientFeatureContext, found: Found) {
    this.client = client
    this.found = found
    this.startedAt = client.clock.now()
  }

  async run(credential: CommunicationTokenCredential): Promise<void> {
    const { service } = this.found
    try {
      const agent = await this.client.openAgent(credential)
      this.closers.push(() => agent.dispose())
      if (this.isClosed) return await this.close()
      service.isReached = true
      service.afterMs = this.sinceStart()
      await this.hear(agent.startCall([{ id: '8:echo123' }], { audioOptions: this.sound() }))
    } catch (error) {
      this.client.log.warn('preCallTest.failed', { error })
      const part = service.isReached ? this.found.media : service
      part.problem = error instanceof CallingError ? error.message : 'The test could not be carried out.'
    }
  }

  async close(): Promise<void> {
    this.isClosed = true
    const { clock, log } = this.client
    const closing = Promise.all(this.closers.splice(0).map(async (close) => close()))
    closing.catch((error: unknown) => log.warn('preCallTest.notClosed', { error }))
    await Promise.race([closing.catch(() => {}), new Promise<void>((resolve) => clock.after(lookMs, resolve))])
  }

  private sinceStart(): number {
    return this.client.clock.now() - this.startedAt
  }

  /** Resolves when enough was heard, or the call has ended. */
  private hear(call: Call): Promise<void> {
    void call.muteIncomingAudio()
    return new Promise((resolve) => {
      let stop: Stop = () => {}
      let connectedAt: number | undefined
      const see = (): void => {
        if (call.state === 'Disconnected') {
          stop()
          this.note(call.callEndReason)
          resolve()
        } else if (call.state === 'Connected' && connectedAt === undefined) {
          connectedAt = this.sinceStart()
          let first: MediaFigures | undefined
          stop = lookEvery(call.feature(insight), lookMs, ({ now }) => {
            first ??= now
            this.measure(first, now)
            if (this.sinceStart() - (connectedAt ?? 0) >= measureMs) resolve()
          })
          this.closers.push(stop)
        }
      }
      call.on('stateChanged', see)
      see()
    })
  }

  private measure(first: MediaFigures, now: MediaFigures): void {
    const { media } = this.found
    const way = now.transports.find(({ direction }) => direction === 'send')
    if (!media.isReached && way?.protocol !== undefined) {
      media.isReached = true
      media.afterMs = this.sinceStart()
    }
    const loss = (side: 'sent' | 'received'): number => lossOf(now[side], first[side], side)
    const lossRatio = Math.max(loss('sent'), loss('received'))
    const jitterMs = Math.max(0, ...[...now.sent, ...now.received].map((track) => track.jitterMs ?? 0))
    if (way?.protocol !== undefined) media.protocol = way.protocol
    if (way?.roundTripTimeMs !== undefined) media.roundTripTimeMs = way.roundTripTimeMs
    Object.assign(media, { lossRatio, jitterMs })
    if (media.isReached) this.found.quality = qualityFor(lossRatio, jitterMs, media.roundTripTimeMs ?? 0)
  }

  private note(end: CallEndReason | undefined): void {
    if (!this.isClosed && end?.message !== undefined) this.found.media.problem = end.message
  }

  /** A soft tone; where there is no audio graph nothing is sent, and what is heard must do. */
  private sound(): { muted: true } | { localAudioStreams: LocalAudioStream[] } {
    if (!('AudioContext' in globalThis)) return { muted: true }
    const audio = new AudioContext()
    const [tone, soft, out] = [audio.createOscillator(), audio.createGain(), audio.createMediaStreamDestination()]
    soft.gain.value = 0.01
    tone.connect(soft).connect(out)
    tone.start()
    this.closers.push(() => audio.close())
    return { localAudioStreams: [new LocalAudioStream(out.stream)] }
  }
}

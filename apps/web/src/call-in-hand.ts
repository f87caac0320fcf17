/**
 * The one call that is in hand: listens to what the SDK says about it, reports it as events, and does to it what the
 * person asks. Lives from startCall or accept until the call is Disconnected, and lets go of everything then.
 */
import { LocalVideoStream, type Call, type DeviceManager, type RemoteParticipant } from '@parley/calling-sdk'
import { watchTrouble } from './call-trouble.ts'
import { askFor } from './permission.ts'
import { Picture } from './picture.ts'
import { deviceSentences, troubleSentences, type Sentence } from './sentences.ts'
import type { PhoneEvent, TalkChange } from './state.ts'

export class CallInHand {
  readonly #call: Call
  readonly #devices: DeviceManager
  readonly #tell: (event: PhoneEvent) => void
  readonly #unsubscribe: (() => void)[] = []
  readonly #heard = new Set<object>()
  readonly #own: Picture
  readonly #theirs: Picture
  /** Resolves when the call is over, however it ended. */
  readonly ended: Promise<void>
  #camera: LocalVideoStream | undefined
  #isCameraStarting = false
  #isOver = false
  #end: () => void = () => undefined

  /** @param tell is called for each change, and with `callEnded` as the last */
  constructor(call: Call, devices: DeviceManager, tell: (event: PhoneEvent) => void) {
    this.#call = call
    this.#devices = devices
    this.#tell = tell
    this.ended = new Promise((resolve) => {
      this.#end = resolve
    })
    this.#own = this.#picture('ownPicture', { isMirrored: true, scalingMode: 'Crop' })
    this.#theirs = this.#picture('theirPicture', { isMirrored: false, scalingMode: 'Fit' })
  }

  /** Begins to report. Apart from the constructor, because a call may have ended before it is in hand. */
  open(): void {
    this.#listen()
    this.#look()
  }

  /** The call's id. Changes when both sides have called each other at once (ACS: idChanged). */
  get id(): string {
    return this.#call.id
  }

  async hangUp(): Promise<void> {
    try {
      await this.#call.hangUp()
    } catch {
      this.#change({ problem: troubleSentences.hangUpFailed })
    }
  }

  async mute(isMuted: boolean): Promise<void> {
    try {
      await (isMuted ? this.#call.mute() : this.#call.unmute())
      this.#change({ problem: undefined })
    } catch {
      this.#change({ problem: troubleSentences.muteFailed })
    }
  }

  async cameraOn(): Promise<void> {
    if (this.#camera !== undefined || this.#isCameraStarting) return
    this.#isCameraStarting = true
    this.#change({ camera: 'starting', problem: undefined })
    const problem = await this.#startCamera().catch(cameraSentence)
    this.#isCameraStarting = false
    if (problem === undefined) return this.#look()
    this.#closeCamera()
    this.#change({ camera: 'off', problem })
  }

  async cameraOff(): Promise<void> {
    const stream = this.#camera
    if (stream === undefined) return
    this.#camera = undefined
    this.#change({ camera: 'off', problem: undefined })
    // Already stopped (400/41030) or the call is over: the picture is off either way, which is what was asked.
    await this.#call.stopVideo(stream).catch(() => undefined)
    stream.dispose()
  }

  async #startCamera(): Promise<Sentence | undefined> {
    const refused = await askFor('camera', this.#devices, () => this.#change({ camera: 'asking' }))
    if (refused !== undefined || this.#isOver) return refused
    const [camera] = await this.#devices.getCameras()
    if (camera === undefined) return deviceSentences.cameraMissing
    this.#change({ camera: 'starting' })
    this.#camera = new LocalVideoStream(camera)
    await this.#call.startVideo(this.#camera)
    return undefined
  }

  #closeCamera(): void {
    this.#camera?.dispose()
    this.#camera = undefined
  }

  #listen(): void {
    const call = this.#call
    const look = (): void => this.#look()
    call.on('stateChanged', look)
    call.on('isMutedChanged', look)
    call.on('remoteParticipantsUpdated', look)
    call.on('localVideoStreamsUpdated', look)
    this.#unsubscribe.push(() => {
      call.off('stateChanged', look)
      call.off('isMutedChanged', look)
      call.off('remoteParticipantsUpdated', look)
      call.off('localVideoStreamsUpdated', look)
    })
    const stopWatching = watchTrouble(call, {
      reconnecting: (isReconnecting) => this.#change({ isReconnecting }),
      trouble: (problem) => this.#change({ problem }),
    })
    this.#unsubscribe.push(stopWatching)
  }

  /** Reads all of the call anew: whatever changed, and in whatever order, this is how it stands. */
  #look(): void {
    if (this.#isOver) return
    const call = this.#call
    if (call.state === 'Disconnected') return this.#close()
    const [other] = call.remoteParticipants
    if (other !== undefined) this.#hear(other)
    this.#change({
      callState: call.state,
      isMuted: call.isMuted,
      isOtherMuted: other?.isMuted === true && call.state === 'Connected',
    })
    this.#own.show(call.localVideoStreams[0])
    this.#theirs.show(newest(other))
    this.#lookAtCamera(call.localVideoStreams.length > 0)
  }

  /** A camera that was unplugged is taken out of the call by the SDK. */
  #lookAtCamera(isSent: boolean): void {
    if (this.#camera === undefined || this.#isCameraStarting) return
    if (!isSent) this.#closeCamera()
    this.#change({ camera: isSent ? 'on' : 'off' })
  }

  #hear(other: RemoteParticipant): void {
    const look = (): void => this.#look()
    this.#once(other, () => {
      other.on('isMutedChanged', look)
      other.on('videoStreamsUpdated', look)
      return () => {
        other.off('isMutedChanged', look)
        other.off('videoStreamsUpdated', look)
      }
    })
    for (const stream of other.videoStreams) {
      this.#once(stream, () => {
        stream.on('isAvailableChanged', look)
        return () => stream.off('isAvailableChanged', look)
      })
    }
  }

  #once(source: object, subscribe: () => () => void): void {
    if (this.#heard.has(source)) return
    this.#heard.add(source)
    this.#unsubscribe.push(subscribe())
  }

  #close(): void {
    this.#isOver = true
    for (const unsubscribe of this.#unsubscribe) unsubscribe()
    this.#own.show(undefined)
    this.#theirs.show(undefined)
    this.#closeCamera()
    this.#tell({ type: 'callEnded', end: this.#call.callEndReason ?? { code: 0, subCode: 0 } })
    this.#end()
  }

  #change(change: TalkChange): void {
    if (!this.#isOver) this.#tell({ type: 'callChanged', change })
  }

  #picture(
    slot: 'ownPicture' | 'theirPicture',
    options: { isMirrored: boolean; scalingMode: 'Crop' | 'Fit' },
  ): Picture {
    return new Picture({
      options,
      onTarget: (target) => this.#change({ [slot]: target }),
      onTrouble: () => this.#change({ problem: troubleSentences.pictureFailed }),
    })
  }
}

/** Who comes back with the same id has a new stream; the highest id is the one that lives (ACS). */
function newest(other: RemoteParticipant | undefined): RemoteParticipant['videoStreams'][number] | undefined {
  return other?.videoStreams
    .filter((stream) => stream.isAvailable)
    .toSorted((a, b) => a.id - b.id)
    .at(-1)
}

function cameraSentence(error: unknown): Sentence {
  const subCode = error instanceof Error && 'subCode' in error ? error.subCode : undefined
  if (subCode === 43_001) return deviceSentences.cameraDenied
  return subCode === 43_013 ? deviceSentences.cameraMissing : deviceSentences.cameraBusy
}

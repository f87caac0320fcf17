/**
 * The one call that is in hand: listens to what the SDK says about it, reports it as events, and does to it what the
 * person asks. Lives from startCall or accept until the call is Disconnected, and lets go of everything then.
 */
import { Features, LocalVideoStream, type Call, type DeviceManager, type Lobby } from '@parley/calling-sdk'
import { watchTrouble } from './call-trouble.ts'
import { keyOf, toneOf, type Key, type Tone } from './keys.ts'
import { Members, personOf } from './members.ts'
import { userOf } from './names.ts'
import { askFor } from './permission.ts'
import { Picture } from './picture.ts'
import { deviceSentences, troubleSentences, type Sentence } from './sentences.ts'
import { powers, type PhoneEvent, type TalkChange } from './state.ts'
import { carryOut, type Wish } from './wishes.ts'

export type CallInHandParts = {
  call: Call
  /** One's own raw id. */
  me: string
  isOfMany: boolean
  devices: DeviceManager
  /** Is called for each change, and with `callEnded` as the last. */
  tell: (event: PhoneEvent) => void
}

export class CallInHand {
  readonly #call: Call
  readonly #devices: DeviceManager
  readonly #tell: (event: PhoneEvent) => void
  readonly #unsubscribe: (() => void)[] = []
  readonly #own: Picture
  readonly #members: Members
  /** Resolves when the call is over, however it ended. */
  readonly ended: Promise<void>
  #camera: LocalVideoStream | undefined
  #lobby: Lobby | undefined
  #isCameraStarting = false
  #isOver = false
  #end: () => void = () => undefined

  constructor({ call, me, isOfMany, devices, tell }: CallInHandParts) {
    this.#call = call
    this.#devices = devices
    this.#tell = tell
    this.ended = new Promise((resolve) => {
      this.#end = resolve
    })
    const onTrouble = (problem: Sentence): void => this.#change({ problem })
    this.#own = new Picture({
      options: { isMirrored: true, scalingMode: 'Crop' },
      onTarget: (ownPicture) => this.#change({ ownPicture }),
      onTrouble: () => onTrouble(troubleSentences.pictureFailed),
    })
    const scalingMode = isOfMany ? 'Crop' : 'Fit'
    this.#members = new Members({ call, scalingMode, onTrouble, onSeen: (seen) => this.#change(seen) }, me)
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

  async wish(wish: Wish): Promise<void> {
    this.#change({ problem: undefined })
    const problem = await carryOut(this.#call, wish)
    if (problem !== undefined) this.#change({ problem })
  }

  /** Shown at once, as a key gives way at once. */
  async press(key: Key): Promise<void> {
    this.#tell({ type: 'keyPressed', key })
    await this.#call.sendDtmf(toneOf(key)).catch(() => this.#change({ problem: troubleSentences.keyNotSent }))
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
    const muted = (): void => this.#change({ problem: deviceSentences.mutedByOthers })
    const changes = ['stateChanged', 'isMutedChanged', 'isScreenSharingOnChanged'] as const
    for (const event of changes) call.on(event, look)
    const keyHeard = ({ tone, sender }: { tone: Tone; sender: Parameters<typeof userOf>[0] }): void =>
      this.#tell({ type: 'keyHeard', user: userOf(sender), key: keyOf(tone) })
    call.on('mutedByOthers', muted)
    call.on('dtmfReceived', keyHeard)
    call.on('remoteParticipantsUpdated', look)
    call.on('localVideoStreamsUpdated', look)
    this.#unsubscribe.push(() => {
      for (const event of changes) call.off(event, look)
      call.off('mutedByOthers', muted)
      call.off('dtmfReceived', keyHeard)
      call.off('remoteParticipantsUpdated', look)
      call.off('localVideoStreamsUpdated', look)
    })
    this.#listenToFeatures(look)
  }

  #listenToFeatures(look: () => void): void {
    const [capabilities, reactions] = [this.#call.feature(Features.Capabilities), this.#call.feature(Features.Reaction)]
    const reacted: Parameters<typeof reactions.on>[1] = ({ identifier, reactionMessage }) =>
      this.#tell({ type: 'reacted', user: userOf(identifier), kind: reactionMessage.reactionType })
    capabilities.on('capabilitiesChanged', look)
    reactions.on('reaction', reacted)
    const stopWatching = watchTrouble(this.#call, {
      reconnecting: (isReconnecting) => this.#change({ isReconnecting }),
      trouble: (problem) => this.#change({ problem }),
    })
    this.#unsubscribe.push(stopWatching, () => {
      capabilities.off('capabilitiesChanged', look)
      reactions.off('reaction', reacted)
    })
  }

  /** Reads all of the call anew: whatever changed, and in whatever order, this is how it stands. */
  #look(): void {
    if (this.#isOver) return
    const call = this.#call
    if (call.state === 'Disconnected') return this.#close()
    const { capabilities } = call.feature(Features.Capabilities)
    this.#change({
      callState: call.state,
      isMuted: call.isMuted,
      isSharing: call.isScreenSharingOn,
      may: new Set(powers.filter((power) => capabilities[power].isPresent)),
    })
    this.#lookAtLobby()
    this.#members.look()
    const camera = call.localVideoStreams.find((stream) => stream.mediaStreamType !== 'ScreenSharing')
    this.#own.show(camera)
    this.#lookAtCamera(camera !== undefined)
  }

  /** The lobby comes and goes with the right to open its door. */
  #lookAtLobby(): void {
    const { lobby } = this.#call
    if (lobby !== this.#lobby) {
      const look = (): void => this.#look()
      this.#lobby = lobby
      lobby?.on('lobbyParticipantsUpdated', look)
      this.#unsubscribe.push(() => lobby?.off('lobbyParticipantsUpdated', look))
    }
    this.#change({ waiting: (lobby?.participants ?? []).map(personOf) })
  }

  /** A camera that was unplugged is taken out of the call by the SDK. */
  #lookAtCamera(isSent: boolean): void {
    if (this.#camera === undefined || this.#isCameraStarting) return
    if (!isSent) this.#closeCamera()
    this.#change({ camera: isSent ? 'on' : 'off' })
  }

  #close(): void {
    this.#isOver = true
    for (const unsubscribe of this.#unsubscribe) unsubscribe()
    this.#own.show(undefined)
    this.#members.close()
    this.#closeCamera()
    this.#tell({ type: 'callEnded', end: this.#call.callEndReason ?? { code: 0, subCode: 0 } })
    this.#end()
  }

  #change(change: TalkChange): void {
    if (!this.#isOver) this.#tell({ type: 'callChanged', change })
  }
}

function cameraSentence(error: unknown): Sentence {
  const subCode = error instanceof Error && 'subCode' in error ? error.subCode : undefined
  if (subCode === 43_001) return deviceSentences.cameraDenied
  return subCode === 43_013 ? deviceSentences.cameraMissing : deviceSentences.cameraBusy
}

/**
 * All of one's own part in the sound and picture of one call: microphone, camera and screen, what is heard of the
 * others, and the transports under them, whenever there are any. It follows what the server says one may do.
 */
import type { CallView, JoinedMedia, LegId, Right, Source } from '@parley/protocol'
import type { Leg, MediaEvent } from '../link/leg.ts'
import { CallMedia } from '../media/call-media.ts'
import type { MediaFigures } from '../media/media-figures.ts'
import type { Pictures } from '../media/pictures.ts'
import type { AgentParts } from './agent-parts.ts'
import type { AcceptCallOptions } from './contract/call.ts'
import type { Diagnostics } from './features/diagnostics.ts'
import { captured } from './local-capture.ts'
import type { LocalVideoStream } from './local-video-stream.ts'
import { OwnScreen } from './own-screen.ts'
import { OwnVideo } from './own-video.ts'
import { ParleyRemoteAudioStream } from './remote-audio-stream.ts'
import { Voice } from './voice.ts'

type Update = { added: LocalVideoStream[]; removed: LocalVideoStream[] }
/** Who speaks, loudest first, and who spoke last, the latest first. */
export type Speakers = { speaking: readonly LegId[]; lately: readonly LegId[] }

/** The media of a leg, and what is heard over it. */
export type LegMedia = { media: CallMedia; heard: ParleyRemoteAudioStream }

/** Media for a leg, before there are transports. */
export function openMedia(agent: AgentParts, leg: Leg): LegMedia {
  const heard = new ParleyRemoteAudioStream()
  const { playback } = agent.media
  const tapped = { play: (track: MediaStreamTrack) => heard.follow(track, playback.play(track)) }
  return { media: new CallMedia({ ...agent.media, playback: tapped }, leg), heard }
}

type OwnMediaParts = {
  agent: AgentParts
  leg: Leg
  options: AcceptCallOptions
  diagnostics: Diagnostics
  on: {
    muted(): void
    video(update: Update): void
    screen(update: Update): void
    /** Throws when one may not share now. */
    beforeSharing(): void
    /** The pictures of the others are to be had from here, or have changed. */
    pictures(pictures: Pictures): void
    speakers(speakers: Speakers): void
    /** One's own track of this source is another one, or none, or was muted or unmuted. */
    track(source: Source): void
    heard(heard: ParleyRemoteAudioStream): void
  }
}

export class OwnMedia {
  readonly voice: Voice
  readonly video: OwnVideo
  readonly screen: OwnScreen
  private readonly parts: OwnMediaParts
  private now: LegMedia | undefined
  private isIncomingMuted = false
  private isHeldHere = false
  private isHeld = false

  constructor(parts: OwnMediaParts) {
    this.parts = parts
    this.voice = this.openVoice()
    this.video = this.openVideo()
    this.screen = this.openScreen()
  }

  /** What is heard of the others; nothing before the call has media. */
  get heard(): ParleyRemoteAudioStream | undefined {
    return this.now?.heard
  }

  /** Opens the microphone, and the camera that the call begins with. */
  begin(): void {
    void this.voice.open()
    this.video.begin(this.parts.options.videoOptions?.localVideoStreams?.[0])
  }

  /** Goes on with media that was warmed up while the call rang. */
  take(now: LegMedia): CallMedia {
    const { leg, on } = this.parts
    const { media } = now
    this.now = now
    media.belongTo(leg, {
      pictures: () => on.pictures(media.pictures),
      speakers: (speakers) => on.speakers(speakers),
    })
    media.sounds.setMuted(this.isIncomingMuted)
    media.sounds.makeAudible()
    media.hold(this.isHeld)
    this.voice.sendOver(media.outgoing)
    this.video.sendOver(media.outgoing)
    this.screen.sendOver(media.outgoing)
    on.pictures(media.pictures)
    if (leg.view !== undefined) this.see(leg.view)
    on.heard(now.heard)
    return media
  }

  /** Takes the transports that came with the reply to a start. */
  async use(joined: JoinedMedia): Promise<void> {
    const { agent, leg } = this.parts
    await (this.now?.media ?? this.take(openMedia(agent, leg))).use(joined)
  }

  /** What comes before the reply to a start, as it may when both sides call at once, waits in the media for it. */
  hear(event: MediaEvent): void {
    const { agent, leg } = this.parts
    const media = this.now?.media ?? this.take(openMedia(agent, leg))
    media.take(event)
  }

  /** Events about media were missed. */
  missed(): void {
    this.now?.media.missed()
  }

  see(view: CallView): void {
    const may = (right: Right): boolean => view.may.includes(right)
    this.voice.permit(may('speak'))
    this.video.permit(may('sendPicture'))
    this.screen.see(view.isSharing)
    this.now?.media.see(view)
    this.hold(view)
  }

  /** Stops sound and picture both ways at once, whatever the server knows of it; or lets its word count again. */
  silence(isHeld: boolean): void {
    this.isHeldHere = isHeld
    this.hold(this.parts.leg.view)
  }

  muteIncoming(isMuted: boolean): void {
    this.isIncomingMuted = isMuted
    this.now?.media.sounds.setMuted(isMuted)
  }

  track(source: Source): MediaStreamTrack | undefined {
    return { microphone: this.voice, camera: this.video, screen: this.screen }[source].current
  }

  async stats(): Promise<MediaFigures | undefined> {
    return this.now?.media.stats()
  }

  /** The answer was refused: what was warmed up rings on without this call. */
  abandon(): void {
    this.now = undefined
    this.close()
  }

  /** Closes microphone, camera, screen and transports. */
  close(): void {
    this.voice.close()
    this.video.close()
    this.screen.close()
    this.now?.media.close()
    this.now?.heard.close()
  }

  private hold(view: CallView | undefined): void {
    const isHeld = this.isHeldHere || view?.state === 'LocalHold' || view?.state === 'RemoteHold'
    // In a large call there are many views, and few of them are about this.
    if (this.isHeld === isHeld) return
    this.isHeld = isHeld
    this.now?.media.hold(isHeld)
  }

  private openVoice(): Voice {
    const { agent, leg, options, diagnostics, on } = this.parts
    const { clock, log, devices } = agent
    return new Voice({
      devices,
      brought: options.audioOptions?.localAudioStreams?.[0]?.[captured],
      isMuted: options.audioOptions?.muted ?? false,
      clock,
      log,
      diagnostics,
      tell: (isMuted) => leg.setMuted(isMuted),
      changed: () => {
        on.muted()
        on.track('microphone')
      },
      captured: () => on.track('microphone'),
    })
  }

  private openVideo(): OwnVideo {
    const { agent, diagnostics, on } = this.parts
    return new OwnVideo({
      log: agent.log,
      diagnostics,
      updated: (update) => on.video(update),
      captured: () => on.track('camera'),
    })
  }

  private openScreen(): OwnScreen {
    const { agent, leg, diagnostics, on } = this.parts
    return new OwnScreen({
      log: agent.log,
      diagnostics,
      check: () => on.beforeSharing(),
      tell: (isOn) => leg.ask('call.share', { isOn }),
      updated: (update) => on.screen(update),
      captured: () => on.track('screen'),
    })
  }
}

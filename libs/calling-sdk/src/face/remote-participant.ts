import type { LegId, ParticipantView } from '@parley/protocol'
import type { Picture } from '../media/picture.ts'
import type {
  CallEndReason,
  ParticipantRole,
  RemoteParticipant,
  RemoteParticipantEvents,
  RemoteParticipantState,
} from './contract/call.ts'
import type { CommunicationIdentifierKind } from './contract/identifiers.ts'
import { Emitter } from './emitter.ts'
import { identifierOf } from './identifiers.ts'
import { ParleyRemoteVideoStream } from './remote-video-stream.ts'

/** Another person in a call. Follows his views; everything readable is true before anybody is told. */
export class ParleyRemoteParticipant extends Emitter<RemoteParticipantEvents> implements RemoteParticipant {
  readonly identifier: CommunicationIdentifierKind
  role: ParticipantRole = 'Unknown'
  isSpeaking = false
  displayName?: string
  callEndReason?: CallEndReason
  state: RemoteParticipantState = 'Idle'
  isMuted = false
  endpointDetails: { participantId: string }[] = []
  videoStreams: ParleyRemoteVideoStream[] = []
  private legIds: readonly LegId[] = []
  private seen: ParticipantView | undefined
  private readonly askToMute: () => Promise<void>

  /** `mute` asks the server to mute him. */
  constructor(view: ParticipantView, ask: { mute(): Promise<void> }) {
    super()
    this.identifier = identifierOf(view.id)
    this.askToMute = () => ask.mute()
    this.see(view)
  }

  /** Mutes his microphone; he may unmute it. Rejects with the server's refusal. */
  async mute(): Promise<void> {
    return this.askToMute()
  }

  see(view: ParticipantView): void {
    // In a large call most people are as they were: their views are the same objects then.
    if (view === this.seen) return
    this.seen = view
    const { state, isMuted, displayName, role } = this
    // Who rang is Ringing until he is in (ACS: Connecting comes before Ringing).
    if (view.state !== 'Connecting' || state !== 'Ringing') this.state = view.state
    this.isMuted = view.isMuted
    this.role = view.role ?? 'Unknown'
    if (view.displayName !== undefined) this.displayName = view.displayName
    this.legIds = view.legIds
    this.endpointDetails = view.legIds.map((participantId) => ({ participantId }))
    if (this.state !== state) this.emit('stateChanged')
    if (this.isMuted !== isMuted) this.emit('isMutedChanged')
    if (this.displayName !== displayName) this.emit('displayNameChanged')
    if (this.role !== role) this.emit('roleChanged')
  }

  /** Follows who speaks: the legs that do. */
  hear(speaking: readonly LegId[]): void {
    const isSpeaking = this.legIds.some((id) => speaking.includes(id))
    if (isSpeaking === this.isSpeaking) return
    this.isSpeaking = isSpeaking
    this.emit('isSpeakingChanged')
  }

  /** Shows the pictures that his legs send. */
  show(picturesOf: (legIds: readonly LegId[]) => Picture[]): void {
    const pictures = picturesOf(this.legIds)
    const removed = this.videoStreams.filter(({ picture }) => !pictures.includes(picture))
    const added = pictures
      .filter((picture) => !this.videoStreams.some((stream) => stream.picture === picture))
      .map((picture) => new ParleyRemoteVideoStream(picture))
    if (added.length === 0 && removed.length === 0) return
    this.videoStreams = [...this.videoStreams.filter((stream) => !removed.includes(stream)), ...added]
    for (const stream of removed) stream.withdraw()
    this.emit('videoStreamsUpdated', { added, removed })
  }

  /** He is gone. `end` says why one who was invited from here never came. */
  leave(end?: CallEndReason): void {
    this.show(() => [])
    this.hear([])
    if (this.state === 'Disconnected') return
    const hasNotCome = ['Idle', 'Connecting', 'Ringing', 'EarlyMedia'].includes(this.state)
    if (end !== undefined && hasNotCome) this.callEndReason = end
    this.state = 'Disconnected'
    this.emit('stateChanged')
  }
}

import type { ParticipantView } from '@parley/protocol'
import { failed } from '../calling-error.ts'
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
  readonly role: ParticipantRole = 'Unknown'
  readonly isSpeaking = false
  displayName?: string
  callEndReason?: CallEndReason
  state: RemoteParticipantState = 'Idle'
  isMuted = false
  endpointDetails: { participantId: string }[] = []
  videoStreams: ParleyRemoteVideoStream[] = []
  private legIds: ParticipantView['legIds'] = []

  constructor(view: ParticipantView) {
    super()
    this.identifier = identifierOf(view.id)
    this.see(view)
  }

  /** Not supported in this version. */
  async mute(): Promise<void> {
    throw failed('notSupported')
  }

  see(view: ParticipantView): void {
    const before = { state: this.state, isMuted: this.isMuted, displayName: this.displayName }
    // Who rang is Ringing until he is in (ACS: Connecting comes before Ringing).
    if (view.state !== 'Connecting' || this.state !== 'Ringing') this.state = view.state
    this.isMuted = view.isMuted
    if (view.displayName !== undefined) this.displayName = view.displayName
    this.legIds = view.legIds
    this.endpointDetails = view.legIds.map((participantId) => ({ participantId }))
    if (this.state !== before.state) this.emit('stateChanged')
    if (this.isMuted !== before.isMuted) this.emit('isMutedChanged')
    if (this.displayName !== before.displayName) this.emit('displayNameChanged')
  }

  /** Shows the pictures that his legs send. */
  show(picturesOf: (legIds: ParticipantView['legIds']) => Picture[]): void {
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

  leave(): void {
    this.show(() => [])
    if (this.state === 'Disconnected') return
    this.state = 'Disconnected'
    this.emit('stateChanged')
  }
}

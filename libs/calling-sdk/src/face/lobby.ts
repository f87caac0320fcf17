import type { ParticipantView, RawId } from '@parley/protocol'
import type { AdmitAllOperationResult, Lobby, LobbyEvents, RemoteParticipant } from './contract/call.ts'
import type { CommunicationIdentifier } from './contract/identifiers.ts'
import { Emitter } from './emitter.ts'
import { rawIdOf } from './identifiers.ts'
import type { People } from './people.ts'
import type { ParleyRemoteParticipant } from './remote-participant.ts'

type LobbyParts = {
  people: People
  admit(who?: RawId[]): Promise<unknown>
  deny(who: RawId[]): Promise<unknown>
}

/** Who waits to be let into a call; it is there for those who may let them in. */
export class ParleyLobby extends Emitter<LobbyEvents> implements Lobby {
  private readonly parts: LobbyParts
  private readonly waiting = new Map<RawId, ParleyRemoteParticipant>()

  constructor(parts: LobbyParts) {
    super()
    this.parts = parts
  }

  get participants(): RemoteParticipant[] {
    return [...this.waiting.values()]
  }

  find(id: RawId): ParleyRemoteParticipant | undefined {
    return this.waiting.get(id)
  }

  /** Who waits now. Who does not any more has come in, and is among the people by then, or has left. */
  see(views: readonly ParticipantView[]): void {
    const added: RemoteParticipant[] = []
    for (const view of views) {
      const known = this.waiting.get(view.id)
      const person = known ?? this.parts.people.make(view)
      this.waiting.set(view.id, person)
      if (known === undefined) added.push(person)
      else known.see(view)
    }
    const gone = [...this.waiting].filter(([id]) => !views.some((view) => view.id === id))
    for (const [id] of gone) this.waiting.delete(id)
    for (const [id, person] of gone) if (this.parts.people.find(id) !== person) person.leave()
    const removed = gone.map(([, person]) => person)
    if (added.length > 0 || removed.length > 0) this.emit('lobbyParticipantsUpdated', { added, removed })
  }

  async admit(participant: CommunicationIdentifier): Promise<void> {
    await this.parts.admit([rawIdOf(participant)])
  }

  async reject(participant: CommunicationIdentifier): Promise<void> {
    await this.parts.deny([rawIdOf(participant)])
  }

  async admitAll(): Promise<AdmitAllOperationResult> {
    const successCount = this.waiting.size
    await this.parts.admit()
    return { successCount, failureCount: 0 }
  }
}

import type { ParticipantView, RawId } from '@parley/protocol'
import type { Pictures } from '../media/pictures.ts'
import type { RemoteParticipant } from './contract/call.ts'
import { ParleyRemoteParticipant } from './remote-participant.ts'

type Update = { added: RemoteParticipant[]; removed: RemoteParticipant[] }

/** The others in one call: one object per person, from when he appears until he leaves. */
export class People {
  private readonly people = new Map<RawId, ParleyRemoteParticipant>()
  private readonly updated: (update: Update) => void
  private pictures: Pictures | undefined

  constructor(on: { updated(update: Update): void }) {
    this.updated = (update) => on.updated(update)
  }

  get list(): RemoteParticipant[] {
    return [...this.people.values()]
  }

  /** Somebody is being called; he is there before anything is known of him. */
  expect(id: RawId): void {
    this.people.set(id, new ParleyRemoteParticipant({ id, state: 'Connecting', isMuted: false, legIds: [] }))
  }

  /** From now on people are shown with these pictures. */
  showFrom(pictures: Pictures): void {
    this.pictures = pictures
    this.show()
  }

  see(views: readonly ParticipantView[]): void {
    const added: RemoteParticipant[] = []
    for (const view of views.filter(({ state }) => state !== 'Disconnected')) {
      const known = this.people.get(view.id)
      const person = known ?? new ParleyRemoteParticipant(view)
      this.people.set(view.id, person)
      if (known === undefined) added.push(person)
      else known.see(view)
    }
    const gone = [...this.people.keys()].filter(
      (id) => !views.some((view) => view.id === id && view.state !== 'Disconnected'),
    )
    this.update(added, gone)
    this.show()
  }

  /** Somebody's pictures came or went. */
  show(): void {
    const { pictures } = this
    if (pictures === undefined) return
    for (const person of this.people.values()) person.show((legIds) => pictures.of(legIds))
  }

  private update(added: RemoteParticipant[], gone: RawId[]): void {
    const removed = gone.flatMap((id) => this.people.get(id) ?? [])
    for (const id of gone) this.people.delete(id)
    for (const person of removed) person.leave()
    if (added.length > 0 || removed.length > 0) this.updated({ added, removed })
  }
}

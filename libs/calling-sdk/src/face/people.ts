import type { LegId, ParticipantView, RawId } from '@parley/protocol'
import type { Pictures } from '../media/pictures.ts'
import { endReasonOf } from './call-info.ts'
import type { CallEndReason, RemoteParticipant } from './contract/call.ts'
import { ParleyRemoteParticipant } from './remote-participant.ts'

type Update = { added: RemoteParticipant[]; removed: RemoteParticipant[] }
type PeopleParts = {
  updated(update: Update): void
  mute(id: RawId): Promise<void>
  /** Somebody who waits in the lobby: he stays the same object when he comes in. */
  waiting(id: RawId): ParleyRemoteParticipant | undefined
}

/** The others in one call: one object per person, from when he appears until he leaves. */
export class People {
  private readonly parts: PeopleParts
  private readonly people = new Map<RawId, ParleyRemoteParticipant>()
  /** Whoever was invited from here: why he did not come is shown here only. */
  private readonly invited = new Set<RawId>()
  /** Who was invited just now; the server has not answered. */
  private readonly expected = new Set<RawId>()
  private pictures: Pictures | undefined
  private speaking: readonly LegId[] = []

  constructor(parts: PeopleParts) {
    this.parts = parts
  }

  get list(): RemoteParticipant[] {
    return [...this.people.values()]
  }

  find(id: RawId): ParleyRemoteParticipant | undefined {
    return this.people.get(id)
  }

  /** Somebody is being called; he is there before anything is known of him. Nobody is told: the call is new too. */
  expect(id: RawId): void {
    this.invited.add(id)
    this.people.set(id, this.newcomer(id))
  }

  /** Somebody is invited; he is there at once, and told of in a moment. Who is there already stays as he is. */
  invite(id: RawId): ParleyRemoteParticipant {
    const known = this.people.get(id)
    if (known !== undefined) return known
    const person = this.newcomer(id)
    this.invited.add(id)
    this.expected.add(id)
    this.people.set(id, person)
    queueMicrotask(() => this.parts.updated({ added: [person], removed: [] }))
    return person
  }

  /** The server has answered the invitation. From now on its views say whether he is there. */
  invitedBy(id: RawId): void {
    this.expected.delete(id)
  }

  /** The invitation came to nothing. */
  uninvite(id: RawId, end: CallEndReason): void {
    this.expected.delete(id)
    this.update([], [id], new Map([[id, end]]))
  }

  /** From now on people are shown with these pictures. */
  showFrom(pictures: Pictures): void {
    this.pictures = pictures
    this.show()
  }

  see(views: readonly ParticipantView[]): void {
    const added: RemoteParticipant[] = []
    const there = views.filter(({ state }) => state !== 'Disconnected')
    for (const view of there) {
      const known = this.people.get(view.id)
      const person = known ?? this.parts.waiting(view.id) ?? this.make(view)
      this.people.set(view.id, person)
      person.see(view)
      if (known === undefined) added.push(person)
    }
    const left = new Map(
      views.filter(({ state }) => state === 'Disconnected').map(({ id, end }) => [id, end && endReasonOf(end)]),
    )
    const present = new Set(there.map(({ id }) => id))
    const isAwaited = (id: RawId): boolean => this.expected.has(id) && !left.has(id)
    const gone = [...this.people.keys()].filter((id) => !present.has(id) && !isAwaited(id))
    this.update(added, gone, left)
    this.hear(this.speaking)
    this.show()
  }

  /** Who speaks now, by their legs. */
  hear(speaking: readonly LegId[]): void {
    this.speaking = speaking
    for (const person of this.people.values()) person.hear(speaking)
  }

  /** Somebody's pictures came or went. */
  show(): void {
    const { pictures } = this
    if (pictures === undefined) return
    for (const person of this.people.values()) person.show((legIds) => pictures.of(legIds))
  }

  /** The call is over: everybody is gone, some with a reason. */
  close(last: readonly ParticipantView[]): void {
    this.expected.clear()
    this.see(last.filter(({ state }) => state === 'Disconnected'))
  }

  /** Makes the object of a person. */
  make(view: ParticipantView): ParleyRemoteParticipant {
    return new ParleyRemoteParticipant(view, { mute: () => this.parts.mute(view.id) })
  }

  private newcomer(id: RawId): ParleyRemoteParticipant {
    return this.make({ id, state: 'Connecting', isMuted: false, legIds: [], isSharing: false, forbidden: [] })
  }

  private update(added: RemoteParticipant[], gone: RawId[], ends: ReadonlyMap<RawId, CallEndReason | undefined>): void {
    const leaving = gone.flatMap((id) => {
      const person = this.people.get(id)
      return person === undefined ? [] : [{ id, person }]
    })
    for (const { id } of leaving) this.people.delete(id)
    for (const { id, person } of leaving) person.leave(this.invited.has(id) ? ends.get(id) : undefined)
    const removed = leaving.map(({ person }) => person)
    if (added.length > 0 || removed.length > 0) this.parts.updated({ added, removed })
  }
}

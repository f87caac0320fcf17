/** Who else is in a call, by the newest that was said of each. */
import type { CallView, LegId, ParticipantView, PeopleView, RawId } from '@parley/protocol'

export class People {
  readonly #people = new Map<RawId, { version: number; view: ParticipantView }>()

  /** A whole view: who is not in it is not there, unless something newer was heard of him. */
  see({ version, participants }: CallView): void {
    const present = new Set(participants.map(({ id }) => id))
    for (const [id, known] of this.#people) {
      if (!present.has(id) && known.version <= version) this.#people.delete(id)
    }
    this.take({ version, participants })
  }

  take({ version, participants }: Pick<PeopleView, 'version' | 'participants'>): void {
    for (const view of participants) {
      const known = this.#people.get(view.id)
      if (known === undefined || known.version <= version) this.#people.set(view.id, { version, view })
    }
  }

  /** All who have not left. */
  get present(): ParticipantView[] {
    return [...this.#people.values()].flatMap(({ view }) => (view.state === 'Disconnected' ? [] : [view]))
  }

  of(user: RawId): ParticipantView | undefined {
    return this.#people.get(user)?.view
  }

  /** Whose leg it is. */
  ownerOf(leg: LegId): RawId | undefined {
    for (const [id, { view }] of this.#people) if (view.legIds.includes(leg)) return id
    return undefined
  }
}

/**
 * The others in a call, out of two kinds of news that come in any order: whole views, and deltas that name only those
 * who changed. Each participant has a version of his own, so that nothing newer is lost to something older.
 */
import type { CallView, ParticipantView, PeopleView, RawId } from '@parley/protocol'

export class Roster {
  /** The version of the newest whole view: nobody is known by an older one. */
  #version = -1
  #base: readonly ParticipantView[] = []
  /** Who is known by a newer word than the whole view. */
  readonly #newer = new Map<RawId, { version: number; view: ParticipantView }>()

  /** Takes a whole view; gives the people as they are now. Who has left is shown once more, as Disconnected. */
  see({ version, participants }: CallView): ParticipantView[] {
    this.#version = version
    this.#base = participants.filter(isThere)
    for (const [id, known] of this.#newer) if (known.version <= version) this.#newer.delete(id)
    return [...this.list, ...participants.filter((one) => !isThere(one) && !this.#newer.has(one.id))]
  }

  /** Takes a delta; gives the people as they are now, with those who have just left, or nothing when it is all old. */
  take({ version, participants }: Omit<PeopleView, 'callId'>): ParticipantView[] | undefined {
    const news = participants.filter(({ id }) => version >= (this.#newer.get(id)?.version ?? this.#version))
    if (news.length === 0) return undefined
    for (const view of news) this.#newer.set(view.id, { version, view })
    return [...this.list, ...news.filter((one) => !isThere(one))]
  }

  /** Everybody who is there. */
  get list(): ParticipantView[] {
    const people = new Map(this.#base.map((view) => [view.id, view]))
    for (const [id, { view }] of this.#newer) people.set(id, view)
    return [...people.values()].filter(isThere)
  }
}

const isThere = ({ state }: ParticipantView): boolean => state !== 'Disconnected'

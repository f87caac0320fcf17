/**
 * Whose sounds are heard in a call. In a small one all of them are, muted ones too, so that who unmutes is heard at once.
 * In a larger one only the unmuted ones, and of too many of those the ones who spoke last: who speaks now goes before
 * who has spoken, and where too many speak at once the loudest are heard.
 */
import type { LegId, ProducerId } from '@parley/protocol'
import type { Level } from './call-router.ts'
import type { SentTrack, Sound } from './sent-track.ts'

/** How much louder somebody must be to take another's place while both speak: breathing must not do. */
const headStartDb = 6

type Spoken = { readonly speaking: readonly Level[]; readonly lately: readonly LegId[] }

export class Audible {
  readonly #most: number
  #tracks = new Map<ProducerId, SentTrack>()

  constructor(most: number) {
    this.#most = most
  }

  /** The sounds that are heard. */
  get tracks(): SentTrack[] {
    return [...this.#tracks.values()]
  }

  /** Chooses among all sounds of the call, and gives back what is different now. */
  choose(sounds: Sound[], spoken: Spoken): { begun: SentTrack[]; ended: SentTrack[] } {
    const before = this.#tracks
    const chosen = this.#chosen(sounds, spoken)
    this.#tracks = new Map(chosen.map((track) => [track.id, track]))
    return {
      begun: chosen.filter(({ id }) => !before.has(id)),
      ended: [...before.values()].filter(({ id }) => !this.#tracks.has(id)),
    }
  }

  /** The track has ended for good. */
  forget({ id }: SentTrack): void {
    this.#tracks.delete(id)
  }

  #chosen(sounds: Sound[], spoken: Spoken): SentTrack[] {
    const unmuted = sounds.filter(({ isMuted }) => !isMuted)
    const all = sounds.length <= this.#most ? sounds : unmuted
    const tracks = all.map(({ track }) => track)
    return tracks.length <= this.#most ? tracks : this.#lastSpoken(tracks, spoken)
  }

  #lastSpoken(tracks: SentTrack[], { speaking, lately }: Spoken): SentTrack[] {
    const byLeg = new Map(tracks.map((track) => [track.legId, track]))
    const order = [...this.#loudestFirst(speaking, byLeg), ...lately]
    const ranked = [...new Set(order)].flatMap((legId) => byLeg.get(legId) ?? [])
    return ranked.slice(0, this.#most)
  }

  #loudestFirst(speaking: readonly Level[], byLeg: Map<LegId, SentTrack>): LegId[] {
    const score = ({ legId, dbov }: Level): number => {
      const track = byLeg.get(legId)
      return dbov + (track !== undefined && this.#tracks.has(track.id) ? headStartDb : 0)
    }
    return speaking.toSorted((a, b) => score(b) - score(a)).map(({ legId }) => legId)
  }
}

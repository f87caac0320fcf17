/** What has happened to someone, in order, and waiting for what has not happened yet. */
import { soonMs } from './until.ts'

export class Journal<Note> {
  readonly #owner: string
  readonly #tell: (note: Note) => string
  readonly #notes: Note[] = []
  readonly #writtenAt: number[] = []
  readonly #waiting = new Set<() => void>()

  /** `owner` and `tell` make the sentence of a failure: whose journal it is and how a note reads. */
  constructor(owner: string, tell: (note: Note) => string) {
    this.#owner = owner
    this.#tell = tell
  }

  get notes(): readonly Note[] {
    return this.#notes
  }

  add(note: Note): void {
    this.#notes.push(note)
    this.#writtenAt.push(performance.now())
    for (const look of this.#waiting) look()
  }

  /** When a note was written, by performance.now(). */
  timeOf(note: Note): number {
    return this.#writtenAt[this.#notes.indexOf(note)] ?? Number.NaN
  }

  /** The first note that matches, already written or still to come. */
  async find<Found extends Note>(
    waitingFor: string,
    matches: (note: Note) => note is Found,
    limitMs?: number,
  ): Promise<Found>
  async find(waitingFor: string, matches: (note: Note) => boolean, limitMs?: number): Promise<Note>
  async find(waitingFor: string, matches: (note: Note) => boolean, limitMs = soonMs): Promise<Note> {
    return this.when(waitingFor, () => this.#notes.find(matches), limitMs)
  }

  /** Waits until the question, asked again after every note, has an answer. */
  when<T>(waitingFor: string, ask: () => T | undefined, limitMs = soonMs): Promise<T> {
    return new Promise((resolve, reject) => {
      const limit = setTimeout(() => {
        this.#waiting.delete(look)
        reject(new Error(`${this.#owner}: within ${limitMs / 1000} s there was no ${waitingFor}; ${this.#story()}`))
      }, limitMs)
      const look = () => {
        const answer = ask()
        if (answer === undefined) return
        clearTimeout(limit)
        this.#waiting.delete(look)
        resolve(answer)
      }
      this.#waiting.add(look)
      look()
    })
  }

  #story(): string {
    if (this.#notes.length === 0) return 'nothing has happened.'
    return `what happened: ${this.#notes.slice(-20).map(this.#tell).join(', ')}.`
  }
}

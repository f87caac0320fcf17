/**
 * What this window remembers over a reload: its identity, while that lives. It is the window's own (sessionStorage), so
 * a second window is a second person.
 */
import * as z from 'zod/mini'
import type { Identity } from './demo-door.ts'

const key = 'parley.identity'

const Remembered = z.object({ user: z.string(), displayName: z.string(), token: z.string(), expiresAt: z.number() })

/** An identity that ends sooner than this is not worth going on with, in milliseconds. */
const worthwhileMs = 60_000

/** The part of the Storage interface that is needed. Browsers may refuse it with an exception (cookies blocked). */
export type Store = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>

export class Memory {
  readonly #store: () => Store

  /** @param store reaching for it may throw, which is taken for a store that remembers nothing */
  constructor(store: () => Store) {
    this.#store = store
  }

  /** The identity of before, when it can still be used; its name alone when not. */
  recall(now: number): { identity: Identity | undefined; name: string } {
    const remembered = Remembered.safeParse(this.#read())
    if (!remembered.success) return { identity: undefined, name: '' }
    const { displayName, expiresAt } = remembered.data
    return { identity: expiresAt - now > worthwhileMs ? remembered.data : undefined, name: displayName }
  }

  remember(identity: Identity): void {
    this.#try((store) => store.setItem(key, JSON.stringify(identity)))
  }

  forget(): void {
    this.#try((store) => store.removeItem(key))
  }

  #read(): unknown {
    try {
      return JSON.parse(this.#store().getItem(key) ?? 'null')
    } catch {
      return undefined // no store, or not ours: the same as nothing
    }
  }

  /** Remembering is a comfort: where it is refused or full, the page works without. */
  #try(act: (store: Store) => void): void {
    try {
      act(this.#store())
    } catch {
      return
    }
  }
}

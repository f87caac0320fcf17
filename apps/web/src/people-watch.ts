/** Looks who else is here, every few seconds while the page is visible, until it is aborted. */
import { DoorError, type DemoDoor, type Identity } from './demo-door.ts'
import type { Person } from './names.ts'

export type PeopleWatchParts = {
  door: DemoDoor
  identity: Identity
  /** Ends the watch. */
  signal: AbortSignal
  onSeen: (people: readonly Person[]) => void
  onTrouble: (error: DoorError) => void
}

/** A pause long enough for a server that many pages ask, short enough to look alive, in milliseconds. */
const pauseMs = 2500
/** While the server does not answer it is asked less often. */
const troubledPauseMs = 6000

export async function watchPeople(parts: PeopleWatchParts): Promise<void> {
  const { signal } = parts
  while (!signal.aborted) {
    await visible(signal)
    const pause = (await look(parts)) ? pauseMs : troubledPauseMs
    await pauseFor(pause, signal)
  }
}

async function look({ door, identity, signal, onSeen, onTrouble }: PeopleWatchParts): Promise<boolean> {
  try {
    const people = await door.people(identity, signal)
    if (!signal.aborted) onSeen(people)
    return true
  } catch (error) {
    if (!signal.aborted) onTrouble(error instanceof DoorError ? error : new DoorError('broken', error))
    return false
  }
}

/** Resolves when the page is seen, or the watch is over. */
function visible(signal: AbortSignal): Promise<void> {
  if (!document.hidden || signal.aborted) return Promise.resolve()
  return new Promise((resolve) => {
    const done = (): void => {
      document.removeEventListener('visibilitychange', done)
      signal.removeEventListener('abort', done)
      resolve()
    }
    document.addEventListener('visibilitychange', done)
    signal.addEventListener('abort', done)
  })
}

function pauseFor(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal.addEventListener('abort', done)
    if (signal.aborted) done()
  })
}

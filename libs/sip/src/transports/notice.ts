import type { Flow } from './flow.ts'

/**
 * Something that was dropped, refused or cut off before it became a transaction, or a session. `stray` is a response that
 * nobody waits for, late ones among them. `why` is for people who read logs.
 */
export type Notice = {
  what: 'dropped' | 'stray' | 'refused' | 'limited' | 'connectionFailed' | 'userFailed'
  why: string
  transport: Flow['transport']
  remote: Flow['remote']
  cause?: unknown
}

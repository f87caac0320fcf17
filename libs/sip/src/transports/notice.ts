import type { Flow } from './flow.ts'

/** Something that was dropped, refused or cut off before it became a transaction. `why` is for people who read logs. */
export type Notice = {
  what: 'dropped' | 'refused' | 'limited' | 'connectionFailed' | 'userFailed'
  why: string
  transport: Flow['transport']
  remote: Flow['remote']
  cause?: unknown
}

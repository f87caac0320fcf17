/** The body of the group doors, which are ours: ACS knows nothing of a group but its id. */
import * as z from 'zod/mini'
import type { GroupSettings } from '../../rooms/group-store.ts'
import { notAnObject } from '../raw-body.ts'

const presentersSay = 'presenters must be a list of at most 350 rawIds.'

export const GroupBody = z.object(
  {
    /** Everyone but a presenter waits to be let in. */
    lobbyEnabled: z.boolean('lobbyEnabled must be true or false.'),
    /** Who enters at once and lets others in. */
    presenters: z._default(z.array(z.string(presentersSay), presentersSay).check(z.maxLength(350, presentersSay)), []),
  },
  notAnObject,
)
export type GroupBody = z.infer<typeof GroupBody>

export function groupBodyOf({ hasLobby, presenters }: GroupSettings): GroupBody {
  return { lobbyEnabled: hasLobby, presenters: [...presenters] }
}

/**
 * Long lists go on where the last page ended: its last item is named in the `after` of the next link. Microsoft's clients
 * sign a query as a form would write it and send it as it came, so it holds only characters that both write alike.
 */
import { EpochMs } from '@parley/protocol'
import * as z from 'zod/mini'
import { AcsError } from './acs-error.ts'

/** After which item a list goes on. */
type ListPosition<Id extends string> = { createdAt: EpochMs; id: Id }

/** What is shown of a list at once. `last` is there when more follows it. */
export type Page<Item> = { items: Item[]; last?: Item }

/** Cuts a page out of what was read, which is one more than it shows where more follows. */
export function pageOf<Item>(read: readonly Item[], size: number): Page<Item> {
  const items = read.slice(0, size)
  const last = items.at(-1)
  return { items, ...(read.length > size && last !== undefined ? { last } : {}) }
}

/** The link to what follows an item. It is relative: whatever stands before us, the client knows the way here. */
export function nextLink(path: string, { createdAt, id }: ListPosition<string>, query: Record<string, string>): string {
  return `${path}?${new URLSearchParams({ after: `${createdAt}_${id}`, ...query }).toString()}`
}

/** Reads `after`, whose ids have the shape of `Id`. @throws AcsError 400 */
export function positionIn<Id extends string>(after: unknown, Id: z.ZodMiniType<Id>): ListPosition<Id> | undefined {
  if (after === undefined) return undefined
  const [, createdAt, rest] = /^([0-9]{1,15})_(.*)$/.exec(String(after)) ?? []
  const id = Id.safeParse(rest)
  if (!id.success) throw new AcsError(400, 'BadRequest', 'The list cannot go on here. Take the link as it came.')
  return { createdAt: EpochMs.parse(Number(createdAt)), id: id.data }
}

/** Where people meet without being called: a group call, or a room. */
import * as z from 'zod/mini'

/** The id of a group call: a GUID that its people have agreed on. Compared in lower case. */
export const GroupId = z
  .pipe(
    z.string().check(z.regex(/^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$/)),
    z.transform((id: string) => id.toLowerCase()),
  )
  .brand<'GroupId'>()
export type GroupId = z.infer<typeof GroupId>

/** The id of a room: decimal digits, opaque to everyone but their maker. */
export const RoomId = z
  .string()
  .check(z.regex(/^[0-9]{8,32}$/))
  .brand<'RoomId'>()
export type RoomId = z.infer<typeof RoomId>

export const Place = z.union([z.object({ groupId: GroupId }), z.object({ roomId: RoomId })])
export type Place = z.infer<typeof Place>

/** The numbers of a resource: what its calls may show, and who gets the calls to them. There may be thousands. */
import { EpochMs, GroupId, PhoneNumber, RoomId, UserId } from '@parley/protocol'
import * as z from 'zod/mini'

/** Who gets the calls to a number. */
export const NumberTarget = z.union([
  z.object({ user: UserId }),
  z.object({ groupId: GroupId }),
  z.object({ roomId: RoomId }),
  /** A server app is asked, at this URL. */
  z.object({ webhook: z.string() }),
])
export type NumberTarget = z.infer<typeof NumberTarget>

/** A number of the resource. Calls may show it; where calls to it go is its target, and nowhere without one. */
export const OwnNumber = z.object({
  number: PhoneNumber,
  target: z.optional(NumberTarget),
  /** The trunks that may show it; absent: all. */
  trunks: z.optional(z.array(z.string())),
  /**
   * Telephones called in its name show no number; trunks that are trusted are told it (RFC 3325, Privacy: id). Absent: no.
   */
  isHidden: z.optional(z.literal(true)),
  createdAt: EpochMs,
})
export type OwnNumber = z.infer<typeof OwnNumber>

/** A number that is reached from everywhere: short codes belong to somebody's network. */
export function readE164(text: string): PhoneNumber | undefined {
  const read = PhoneNumber.safeParse(text)
  return read.success && text.startsWith('+') ? read.data : undefined
}

/**
 * A room: where those meet who are invited, between two instants (ACS: Rooms). What it is, and what an operator may make
 * of it; who may enter is in meeting-places.ts. The REST doors change rooms, the socket door lets people in; calls are
 * known here only as those who are told of changes (room-changes.ts).
 */
import type { EpochMs, ResourceId, Role, RoomId, UserId } from '@parley/protocol'

export type Room = {
  id: RoomId
  resourceId: ResourceId
  createdAt: EpochMs
  /** From this instant it may be entered, and its call ends at `validUntil`. */
  validFrom: EpochMs
  validUntil: EpochMs
  /** Whether its presenters may call phone numbers. */
  hasPstnDialOut: boolean
  /** Ours: everyone but a presenter waits to be let in. */
  hasLobby: boolean
}

/** Who is invited, as what. */
export type Roster = ReadonlyMap<UserId, Role>

/** ACS: the longest that a room may be open, and how long it is when nothing is said. */
export const longestMs = 180 * 24 * 3_600_000

/** How many may be invited to a room: as many as a call takes. */
export const mostInvited = 350

/** What is wrong with the instants of a room. */
export type RoomTimesProblem = 'inThePast' | 'endsBeforeItBegins' | 'tooLong'

/** `now` is given where the end is new: a room that has closed may keep its own. */
export function problemWith(
  { validFrom, validUntil }: Pick<Room, 'validFrom' | 'validUntil'>,
  now: EpochMs | undefined,
): RoomTimesProblem | undefined {
  if (now !== undefined && validUntil <= now) return 'inThePast'
  if (validUntil <= validFrom) return 'endsBeforeItBegins'
  if (validUntil - validFrom > longestMs) return 'tooLong'
  return undefined
}

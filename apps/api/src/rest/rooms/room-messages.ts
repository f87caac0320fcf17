/**
 * The bodies of the room doors, as ACS's rooms API 2025-03-13 has them, with one property of ours: `lobbyEnabled`.
 * Absent may be written as null.
 */
import { EpochMs, Role } from '@parley/protocol'
import * as z from 'zod/mini'
import type { Room, Roster } from '../../rooms/room.ts'
import { notAnObject } from '../raw-body.ts'
import type { RoomWish } from './rooms.ts'

const instant = (name: string) =>
  z.nullish(z.iso.datetime({ offset: true, error: `${name} must be an instant in ISO 8601.` }))
const flag = (name: string) => z.nullish(z.boolean(`${name} must be true or false.`))

const roomWishes = {
  validFrom: instant('validFrom'),
  validUntil: instant('validUntil'),
  pstnDialOutEnabled: flag('pstnDialOutEnabled'),
  lobbyEnabled: flag('lobbyEnabled'),
}

const Invited = z.object(
  { role: z.nullish(z.enum(Role.options, `role must be one of ${Role.options.join(', ')}.`)) },
  'A participant must be an object with a role.',
)
const participantsSay = 'participants must be an object of participants by their rawIds.'

export const CreateRoom = z.object(
  { ...roomWishes, participants: z.nullish(z.record(z.string(), Invited, participantsSay)) },
  notAnObject,
)
export type CreateRoom = z.infer<typeof CreateRoom>

export const UpdateRoom = z.object(roomWishes, notAnObject)
export type UpdateRoom = z.infer<typeof UpdateRoom>

/** Null removes someone (RFC 7396). */
export const UpdateParticipants = z.object(
  { participants: z.nullish(z.record(z.string(), z.nullable(Invited), participantsSay)) },
  notAnObject,
)
export type UpdateParticipants = z.infer<typeof UpdateParticipants>

export const RoomModel = z.object({
  id: z.string(),
  createdAt: z.iso.datetime(),
  validFrom: z.iso.datetime(),
  validUntil: z.iso.datetime(),
  pstnDialOutEnabled: z.boolean(),
  lobbyEnabled: z.boolean(),
})
export type RoomModel = z.infer<typeof RoomModel>

export const RoomList = z.object({ value: z.array(RoomModel), nextLink: z.optional(z.string()) })
export type RoomList = z.infer<typeof RoomList>

export const ParticipantList = z.object({ value: z.array(z.object({ rawId: z.string(), role: Role })) })
export type ParticipantList = z.infer<typeof ParticipantList>

/** What a body wishes a room to be. */
export function roomWishIn({ validFrom, validUntil, pstnDialOutEnabled, lobbyEnabled }: UpdateRoom): RoomWish {
  return {
    validFrom: instantOf(validFrom),
    validUntil: instantOf(validUntil),
    hasPstnDialOut: pstnDialOutEnabled ?? undefined,
    hasLobby: lobbyEnabled ?? undefined,
  }
}

function instantOf(text: string | null | undefined): EpochMs | undefined {
  return typeof text === 'string' ? EpochMs.parse(Date.parse(text)) : undefined
}

/** Who is invited as what, by rawIds. */
export function invitedIn({ participants }: CreateRoom): Map<string, Role> {
  return new Map(Object.entries(participants ?? {}).map(([rawId, one]) => [rawId, roleOf(one)]))
}

/** The same for a roster that is there; undefined are those who go. */
export function rosterChangesIn({ participants }: UpdateParticipants): Map<string, Role | undefined> {
  const entries = Object.entries(participants ?? {})
  return new Map(entries.map(([rawId, one]) => [rawId, one === null ? undefined : roleOf(one)]))
}

/** ACS: Attendee when nothing is said. */
function roleOf({ role }: z.infer<typeof Invited>): Role {
  return role ?? 'Attendee'
}

export function roomModelOf({ id, createdAt, validFrom, validUntil, hasPstnDialOut, hasLobby }: Room): RoomModel {
  return {
    id,
    createdAt: new Date(createdAt).toISOString(),
    validFrom: new Date(validFrom).toISOString(),
    validUntil: new Date(validUntil).toISOString(),
    pstnDialOutEnabled: hasPstnDialOut,
    lobbyEnabled: hasLobby,
  }
}

export function participantListOf(roster: Roster): ParticipantList {
  return { value: [...roster].map(([rawId, role]) => ({ rawId, role })) }
}

/** Situations that stories begin with. Each ends with what is true then. */
import { randomUUID } from 'node:crypto'
import type { ParticipantRole } from '@azure/communication-rooms'
import type { People } from './people.ts'
import type { Person } from './person.ts'
import type { Platform } from './platform.ts'

export type Two = { ann: Person; bob: Person }
type Options = {
  withPicture?: boolean
  /** Who they are instead of Ann and Bob. */
  as?: readonly [string, string]
}

/** Two are connected; nobody calls anybody. Ann hums 440 Hz and Bob 660 Hz. */
export async function twoAreHere({ people }: { people: People }, { as }: Options = {}): Promise<Two> {
  const [ann, bob] = await Promise.all([
    people.arrive(as?.[0] ?? 'ann', { displayName: 'Ann', ...(as ? {} : { tone: 440 }) }),
    people.arrive(as?.[1] ?? 'bob', { displayName: 'Bob', ...(as ? {} : { tone: 660 }) }),
  ])
  return { ann, bob }
}

/** Ann calls Bob, and it rings at Bob's. */
export async function oneRings(stage: { people: People }, options: Options = {}): Promise<Two> {
  const { ann, bob } = await twoAreHere(stage, options)
  await ann.calls(bob, options)
  await Promise.all([bob.isRung(), ann.reaches('Ringing')])
  return { ann, bob }
}

/** Ann has called Bob, and both are connected. */
export async function twoInACall(stage: { people: People }, options: Options = {}): Promise<Two> {
  const { ann, bob } = await oneRings(stage, options)
  await bob.answers(options)
  await Promise.all([ann.reaches('Connected'), bob.reaches('Connected')])
  return { ann, bob }
}

/** So many people meet in a group of their own, and are connected; some of them come muted, or say nothing. */
export async function groupMeets(
  { people }: { people: People },
  names: readonly string[],
  { muted = [], silent = [] }: { muted?: readonly string[]; silent?: readonly string[] } = {},
): Promise<{ groupId: string; all: Person[] }> {
  const groupId = randomUUID()
  const all = await Promise.all(names.map((name) => people.arrive(name, { displayName: name })))
  await Promise.all(all.filter(({ name }) => silent.includes(name)).map((one) => one.fallsSilent()))
  await Promise.all(all.map((one) => one.joins({ groupId }, { muted: muted.includes(one.name) })))
  await Promise.all(all.map((one) => one.seesPeople(...all.filter((other) => other !== one))))
  return { groupId, all }
}

type Room<Name extends string> = { roomId: string; here: Record<Name, Person> }

/** These people are here, and the server app has made a room to which they are invited. Nobody is in it yet. */
export async function roomIsMade<Name extends string>(
  { platform, people }: { platform: Platform; people: People },
  roles: Readonly<Record<Name, ParticipantRole>>,
  hours: { validFrom?: Date; validUntil?: Date } = {},
): Promise<Room<Name>> {
  const invited = Object.entries(roles) as [Name, ParticipantRole][] // the record has exactly these
  const arrived = invited.map(async ([name]) => [name, await people.arrive(name, { displayName: name })] as const)
  const here = Object.fromEntries(await Promise.all(arrived)) as Record<Name, Person>
  const participants = invited.map(([name, role]) => ({ id: here[name].user, role }))
  const { id: roomId } = await platform.rooms.createRoom({ participants, ...hours })
  return { roomId, here }
}

/** They have come into a room of their own, and are connected. */
export async function roomMeets<Name extends string>(
  stage: { platform: Platform; people: People },
  roles: Readonly<Record<Name, ParticipantRole>>,
): Promise<Room<Name>> {
  const { roomId, here } = await roomIsMade(stage, roles)
  const all = Object.values<Person>(here)
  await Promise.all(all.map((one) => one.joins({ roomId })))
  await Promise.all(all.map((one) => one.seesPeople(...all.filter((other) => other !== one))))
  return { roomId, here }
}

/** Everybody hears everybody else, and nobody himself. */
export async function allHearEachOther(all: readonly Person[]): Promise<void> {
  await allHearExactly(all, all)
}

/** Everybody hears these people, and neither anybody else nor himself. */
export async function allHearExactly(all: readonly Person[], speakers: readonly Person[]): Promise<void> {
  const look = (one: Person, other: Person) =>
    other !== one && speakers.includes(other) ? one.hears(other) : one.hearsNot(other)
  await Promise.all(all.map((one) => Promise.all(all.map((other) => look(one, other)))))
}

/** Ann and Bob are connected and hear each other. */
export async function twoTalk(stage: { people: People }, options: Options = {}): Promise<Two> {
  const { ann, bob } = await twoInACall(stage, options)
  await Promise.all([ann.hears(bob), bob.hears(ann)])
  return { ann, bob }
}

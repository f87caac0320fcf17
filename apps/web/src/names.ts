/**
 * How people are written on the page. Names come from strangers: they are shown as text only, and without the
 * characters that would let a name turn its neighbours around or pretend to be empty.
 */

import type { CommunicationIdentifier } from '@parley/calling-sdk'
import type { Place } from './place.ts'

/** Somebody who can be called. */
export type Person = {
  /** The raw id, `8:acs:…`, or `4:+49…` of a telephone. */
  user: string
  /** As it was given: show it through `nameOf`. */
  displayName: string
}

/** Whom or what a call is with: somebody who is called, or a place where people meet. */
export type Party = Person | Place

export function isPlace(party: Party): party is Place {
  return 'groupId' in party || 'roomId' in party
}

/** The bot that says what it hears (ACS: 8:echo123). */
export const echo: Person = { user: '8:echo123', displayName: 'Echo' }

/** With what the raw ids of telephones begin (ACS). */
const telephone = '4:'

/** A telephone, by a number as people write it. */
export function telephoneOf(typed: string): Person {
  const number = typed.replace(/[\s()/.-]/gu, '')
  return { user: telephone + number, displayName: number }
}

/** The number of a telephone; undefined for who is none. */
export function numberOf({ user }: Person): string | undefined {
  return user.startsWith(telephone) ? user.slice(telephone.length) : undefined
}

/** The raw id behind an identifier of the SDK; empty for what this page cannot call. */
export function userOf(identifier: CommunicationIdentifier | undefined): string {
  if (identifier === undefined) return ''
  if ('communicationUserId' in identifier) return identifier.communicationUserId
  if ('phoneNumber' in identifier) return `${telephone}${identifier.phoneNumber}`
  return 'id' in identifier ? identifier.id : ''
}

/** Marks that reverse the direction of the text around them (Unicode TR9, 2), and other characters without a picture. */
const unseen = /[\p{Cc}\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/gu

const maxNameLength = 60

/** The name to show: never empty, on one line, without bidi controls. A nameless one is a guest with an end of his id. */
export function nameOf(party: Party): string {
  if (isPlace(party)) return 'groupId' in party ? 'the group' : 'the room'
  return nameOfPerson(party)
}

function nameOfPerson(person: Person): string {
  const name = [...person.displayName.replace(/\s+/gu, ' ').replace(unseen, '').trim()].slice(0, maxNameLength).join('')
  // The server gives the id of those who came without a name.
  const number = numberOf(person)
  if (name === '' && number !== undefined) return number === 'anonymous' ? 'A phone without a number' : number
  return name === '' || person.displayName === person.user ? `Guest ${shortIdOf(person)}` : name
}

/** The end of the id: tells two people of the same name apart. */
export function shortIdOf(person: Person): string {
  return person.user.slice(-4)
}

/** One or two letters for the round picture. */
export function initialsOf(person: Person): string {
  const words = nameOf(person)
    .split(' ')
    .filter((word) => /[\p{L}\p{N}]/u.test(word))
  const ends = words.length > 1 ? [words.at(0), words.at(-1)] : [words.at(0) ?? '?']
  return ends.map((word) => firstLetterOf(word ?? '')).join('')
}

function firstLetterOf(word: string): string {
  return (/[\p{L}\p{N}]/u.exec(word)?.[0] ?? '?').toLocaleUpperCase()
}

/** How many colours the round pictures have: `data-tone` in page.css. */
export const toneCount = 6

/** The colour of the round picture: the same for a person on every screen. */
export function toneOf(person: Person): number {
  let sum = 0
  for (const char of person.user) sum = (sum * 31 + char.charCodeAt(0)) % 9973
  return sum % toneCount
}

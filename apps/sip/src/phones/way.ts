/** One way to a phone: over a trunk, or straight to a telephone that has registered here. */
import type { InviteOptions } from '@parley/sip'
import type { SoundTerms } from './phone-sdp.ts'
import type { Writing } from './written-numbers.ts'

/** Over what a phone is reached, or calls. */
export type Line = {
  /** The trunk's name in records; absent for a telephone of this machine. */
  trunk?: string
  /** How numbers are written there. */
  writing?: Writing
  /** Whether its REFER is carried out, and an INVITE of its with Replaces. */
  mayTransfer: boolean
}

export type Way = Line & {
  terms: SoundTerms
  /** Where the phone is to send its sound. */
  address: string
  /** Whether an address is of those who are called: the phone's sound may be sent there before any has come. */
  isTheirs(address: string): boolean
  invite: Pick<
    InviteOptions,
    | 'to'
    | 'from'
    | 'toHeader'
    | 'destination'
    | 'trust'
    | 'credentials'
    | 'headers'
    | 'contactUser'
    | 'route'
    | 'firstResponseMs'
  >
  /** It has refused us for a while: RFC 3261 section 21.5.4. */
  isAway?(forS: number): void
}

/** Ways to several telephones of one number, which ring together. */
export type Ways = readonly [Way, ...Way[]]

/** What phones ask of a store. Everything is found in its own resource only. */
import type { CallId, EpochMs, LegId, PhoneNumber, ReasonName, ResourceId, UserId } from '@parley/protocol'
import type { CallsInUse } from './dialling.ts'
import type { OwnNumber } from './own-number.ts'
import type { PhoneBook } from './phone-book.ts'

export interface PhoneStore {
  /** The empty book where nothing is settled. */
  book(resourceId: ResourceId): Promise<PhoneBook>
  /** Changes the book while nobody else does. What `change` throws leaves it as it was. */
  changeBook(resourceId: ResourceId, change: (book: PhoneBook) => PhoneBook): Promise<PhoneBook>
  number(resourceId: ResourceId, number: PhoneNumber): Promise<OwnNumber | undefined>
  /** At most `most` numbers in their order, after one. */
  numbers(resourceId: ResourceId, most: number, after?: PhoneNumber): Promise<OwnNumber[]>
  /** The first of the numbers whose calls go to a user. */
  numberFor(resourceId: ResourceId, user: UserId): Promise<PhoneNumber | undefined>
  /** Keeps a number, new or not; the instant of its making stays. */
  keepNumber(resourceId: ResourceId, number: Omit<OwnNumber, 'createdAt'>): Promise<OwnNumber>
  /** False when there is none. */
  deleteNumber(resourceId: ResourceId, number: PhoneNumber): Promise<boolean>
}

/** A phone call that begins: to a phone (`out`), or from one. */
export type NewPhoneCall = {
  resourceId: ResourceId
  callId: CallId
  /** The leg of the phone. */
  legId: LegId
  direction: 'in' | 'out'
  /** Who dialled; absent for calls that come in. */
  user?: UserId
  /** What the phone shows, or who calls; absent where that is not known. */
  from?: string
  to: string
  /** The first that is tried, then the one that took the call. */
  trunk?: string
}

export type PhoneCall = NewPhoneCall & {
  id: string
  beganAt: EpochMs
  answeredAt?: EpochMs
  endedAt?: EpochMs
  reason?: ReasonName
  /** The final response that ended it before it was answered. */
  sipStatus?: number
}

/** After which phone call a list goes on. */
export type PhoneCallPosition = { createdAt: EpochMs; id: string }

/** What became of a phone call. What is undefined stays as it is. */
export type PhoneCallChange = {
  trunk?: string | undefined
  isAnswered?: boolean
  end?: { reason: ReasonName; sipStatus?: number | undefined }
}

export interface PhoneCallStore {
  /**
   * Counts what goes on, and keeps what `decide` makes of it, while nobody else of the resource does: what is counted
   * here is admitted once. Nothing is kept when it gives undefined.
   */
  begin(
    resourceId: ResourceId,
    user: UserId | undefined,
    decide: (inUse: CallsInUse) => NewPhoneCall | undefined,
  ): Promise<void>
  /** Notes what became of a call; a call that has ended stays as it ended, and may turn out to have been answered. */
  change(legId: LegId, change: PhoneCallChange): Promise<void>
  /** Keeps a call that goes on, answered, where another one has led, and that is of the same user, numbers and trunk. */
  goOn(from: LegId, to: Pick<NewPhoneCall, 'callId' | 'legId'>): Promise<void>
  /** The number of the resource that a phone in this call shows, or was called at; the latest, where there are several. */
  ownNumberIn(callId: CallId): Promise<PhoneNumber | undefined>
  /** Whether a phone is reached, or has called, over a trunk; those of this machine need none. */
  isOverTrunk(legId: LegId): Promise<boolean>
  /** Forgets a call that did not come about, so that it counts no more. */
  forget(legId: LegId): Promise<void>
  /** At most `most` calls, the newest first; those of one number, trunk or user when it is named. */
  list(
    resourceId: ResourceId,
    most: number,
    from: {
      number?: string | undefined
      trunk?: string | undefined
      user?: UserId | undefined
      after?: PhoneCallPosition | undefined
    },
  ): Promise<PhoneCall[]>
}

/**
 * The others in a call: who they are, what they show, and who wants to speak. Reads them anew whenever one of them
 * changes, and lets go of them when they leave.
 */
import { Features, type Call, type RemoteParticipant } from '@parley/calling-sdk'
import { nameOf, userOf, type Person } from './names.ts'
import { Picture } from './picture.ts'
import { sentenceOfEnd, troubleSentences, type Sentence } from './sentences.ts'
import type { Member, Screen } from './state.ts'

export type MembersParts = {
  call: Call
  /** In a call of two a picture is shown whole, in one of many it fills its tile. */
  scalingMode: 'Crop' | 'Fit'
  onSeen: (seen: { members: Member[]; isHandUp: boolean; screen: Screen | undefined }) => void
  onTrouble: (sentence: Sentence) => void
}

/** Somebody's place at the table: his pictures, and how to stop listening to him. */
type Seat = { camera: Shown; screen: Shown; leave(): void }
type Shown = { picture: Picture; target: HTMLElement | undefined }

export class Members {
  readonly #parts: MembersParts
  readonly #me: string
  readonly #seats = new Map<RemoteParticipant, Seat>()
  readonly #stopHands: () => void
  #isOver = false

  /** @param me one's own raw id, to know one's own hand */
  constructor(parts: MembersParts, me: string) {
    this.#parts = parts
    this.#me = me
    const hands = parts.call.feature(Features.RaiseHand)
    const look = (): void => this.look()
    hands.on('raisedHandEvent', look)
    hands.on('loweredHandEvent', look)
    this.#stopHands = () => {
      hands.off('raisedHandEvent', look)
      hands.off('loweredHandEvent', look)
    }
  }

  /** Reads all of them, and reports. */
  look(): void {
    if (this.#isOver) return
    const present = this.#parts.call.remoteParticipants
    for (const person of present) this.#show(person, this.#seatOf(person))
    for (const [person, seat] of this.#seats) if (!present.includes(person)) this.#unseat(person, seat)
    this.#report()
  }

  close(): void {
    this.#isOver = true
    this.#stopHands()
    for (const [person, seat] of this.#seats) this.#unseat(person, seat)
  }

  #report(): void {
    const { call, onSeen } = this.#parts
    const hands = new Set(
      call
        .feature(Features.RaiseHand)
        .getRaisedHands()
        .map((hand) => userOf(hand.identifier)),
    )
    const members = [...this.#seats].map(([person, { camera }]): Member => {
      const who = personOf(person)
      const { state, isMuted, isSpeaking } = person
      return { ...who, state, isMuted, isSpeaking, isHandUp: hands.has(who.user), picture: camera.target }
    })
    onSeen({ members, isHandUp: hands.has(this.#me), screen: this.#screen() })
  }

  #screen(): Screen | undefined {
    for (const [person, { screen }] of this.#seats) {
      if (screen.target !== undefined) return { of: personOf(person), picture: screen.target }
    }
    return undefined
  }

  #show(person: RemoteParticipant, { camera, screen }: Seat): void {
    const available = person.videoStreams.filter((stream) => stream.isAvailable)
    // Who comes back with the same id has a new stream; the highest id is the one that lives (ACS).
    const newest = available.toSorted((a, b) => b.id - a.id)
    camera.picture.show(newest.find((stream) => stream.mediaStreamType !== 'ScreenSharing'))
    screen.picture.show(newest.find((stream) => stream.mediaStreamType === 'ScreenSharing'))
  }

  #seatOf(person: RemoteParticipant): Seat {
    const known = this.#seats.get(person)
    if (known !== undefined) return known
    const look = (): void => this.look()
    const events = ['stateChanged', 'isMutedChanged', 'isSpeakingChanged', 'displayNameChanged'] as const
    for (const event of events) person.on(event, look)
    person.on('videoStreamsUpdated', look)
    const leave = (): void => {
      for (const event of events) person.off(event, look)
      person.off('videoStreamsUpdated', look)
    }
    const seat: Seat = { camera: this.#place(this.#parts.scalingMode), screen: this.#place('Fit'), leave }
    this.#seats.set(person, seat)
    return seat
  }

  #unseat(person: RemoteParticipant, seat: Seat): void {
    this.#seats.delete(person)
    seat.leave()
    seat.camera.picture.show(undefined)
    seat.screen.picture.show(undefined)
    // The SDK knows a reason only for those who were asked to come and did not.
    if (person.callEndReason === undefined || this.#isOver) return
    this.#parts.onTrouble(sentenceOfEnd(person.callEndReason, nameOf(personOf(person)), 'Outgoing').sentence)
  }

  #place(scalingMode: 'Crop' | 'Fit'): Shown {
    const shown: Shown = {
      target: undefined,
      picture: new Picture({
        options: { isMirrored: false, scalingMode },
        onTarget: (target) => {
          shown.target = target
          if (!this.#isOver) this.#report()
        },
        onTrouble: () => this.#parts.onTrouble(troubleSentences.pictureFailed),
      }),
    }
    return shown
  }
}

/** A participant as the page names him. */
export function personOf({ identifier, displayName }: RemoteParticipant): Person {
  return { user: userOf(identifier), displayName: displayName ?? '' }
}

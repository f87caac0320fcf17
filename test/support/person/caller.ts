/** Someone who calls people and is called, comes to where others meet, and sees how his calls go and end. */
import type { EndReason, Locator, Note } from '../page/desk.ts'
import { soonMs } from '../until.ts'
import { SdkUser, type NoteOf } from './sdk-user.ts'

type Options = { muted?: boolean; withPicture?: boolean; showing?: string }

/** A string is the id of a user; an identifier of another kind is given as it is. */
type Callee = SdkUser | string | { id: string } | { phoneNumber: string }

export class Caller extends SdkUser {
  #ring = -1

  async calls(callee: Callee | Callee[], options: Options = {}): Promise<void> {
    const callees = [callee].flat().map((one) => (one instanceof SdkUser ? one.id : one))
    this.currentCall = await this.ask('startCall', callees, options)
  }

  /** Comes to where a group, or a room, meets. */
  async joins(place: Locator, options: Options = {}): Promise<void> {
    this.currentCall = await this.ask('join', place, options)
  }

  /** Waits for the next incoming call. */
  async isRung(limitMs = soonMs): Promise<NoteOf<'rung'>> {
    const next = this.#ring + 1
    const isNext = (note: Note): note is NoteOf<'rung'> => note.what === 'rung' && note.ring === next
    const rung = await this.journal.find('incoming call', isNext, limitMs)
    this.#ring = next
    return rung
  }

  /** The incoming call that he was told of last. */
  get rung(): NoteOf<'rung'> | undefined {
    return this.notes('rung').at(-1)
  }

  get ringCount(): number {
    return this.notes('rung').length
  }

  async answers(options: Options = {}): Promise<void> {
    this.currentCall = await this.ask('accept', this.#ring, options)
  }

  declines(): Promise<void> {
    return this.ask('reject', this.#ring)
  }

  hangsUp(): Promise<void> {
    return this.ask('hangUp', this.currentCall)
  }

  /** Goes back to a call that he started, joined or answered before, counted from 0. */
  turnsTo(call: number): void {
    this.currentCall = call
  }

  /** Goes on in the call that his agent began by itself, because he was transferred. */
  async goesOnInNewCall(): Promise<void> {
    this.currentCall = await this.ask('followNewest')
  }

  /** What he was told of his agent's calls, in order: `+1` is one that came, `-1` one that went. */
  get callsUpdated(): string[] {
    return this.notes('calls').flatMap(({ added, removed }) => [
      ...(added > 0 ? [`+${added}`] : []),
      ...(removed > 0 ? [`-${removed}`] : []),
    ])
  }

  /** How many calls his agent has. */
  callCount(): Promise<number> {
    return this.ask('callCount')
  }

  /** All states of his call, in order. */
  get states(): string[] {
    return this.#stateNotes().map(({ state }) => state)
  }

  get callId(): string {
    const ids = this.notes('state', 'id').flatMap((note) => (note.call === this.currentCall ? [note.callId] : []))
    return ids.at(-1) ?? ''
  }

  /** Waits until his call is in a state, or has been. */
  async reaches(state: string, limitMs = soonMs): Promise<void> {
    await this.journal.when(`state ${state}`, () => this.states.find((one) => one === state), limitMs)
  }

  /** Waits for the end of his call. */
  async ends(limitMs = soonMs): Promise<EndReason> {
    return this.journal.when('end of the call', () => this.#stateNotes().find(({ reason }) => reason)?.reason, limitMs)
  }

  /** When his call ended, by performance.now(). */
  get endedAt(): number {
    const end = this.#stateNotes().find(({ reason }) => reason)
    return end === undefined ? Number.NaN : this.journal.timeOf(end)
  }

  /** Waits for the end of a ringing that he did not answer here. */
  async ringEnds(limitMs = soonMs): Promise<EndReason> {
    const ended = () => this.notes('ringEnded').find(({ ring }) => ring === this.#ring)
    return this.journal.when('end of the ringing', () => ended()?.reason, limitMs)
  }

  #stateNotes(): NoteOf<'state'>[] {
    return this.notes('state').filter(({ call }) => call === this.currentCall)
  }
}

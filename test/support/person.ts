/** Someone with a browser. What he does reads as a sentence; what he waits for has a limit and fails with one. */
import type { CommunicationUserIdentifier } from '@azure/communication-common'
import type { Page } from 'playwright-core'
import { Body } from './body.ts'
import { Journal } from './journal.ts'
import type { Desk, EndReason, Hands, Locator, Note, Outcome } from './page/desk.ts'
import type { Picture } from './page/eyes.ts'
import { soonMs, until, within } from './until.ts'

export type AccessToken = { token: string; expiresOnTimestamp: number }

type Being = {
  name: string
  page: Page
  toneHz: number
  user: CommunicationUserIdentifier
  token: () => Promise<AccessToken>
}

type Options = { muted?: boolean; withPicture?: boolean; showing?: string }

/** A string is the id of a user; an identifier of another kind is given as it is. */
type Callee = Person | string | { id: string } | { phoneNumber: string }

/** Somebody in a call: a person, or a phone by its rawId. */
type Other = { name: string; id: string }

type NoteOf<What extends Note['what']> = Extract<Note, { what: What }>

/** How someone sees another of his call (ACS: RemoteParticipant). */
export type Seen = {
  displayName?: string
  state: string
  isMuted: boolean
  isSpeaking: boolean
  /** How many endpoints he is there with. */
  endpoints: number
}

/** What the SDK threw at the person. */
class SdkError extends Error {
  readonly code: number | undefined
  readonly subCode: number | undefined

  constructor(verb: string, { message, code, subCode }: { message: string; code?: number; subCode?: number }) {
    super(`${verb}: ${message}`)
    this.name = 'SdkError'
    this.code = code
    this.subCode = subCode
  }
}

export class Person extends Body {
  readonly user: CommunicationUserIdentifier
  token: () => Promise<AccessToken>
  readonly journal: Journal<Note>
  /** The call that he is in, or was in last, counted from 0. */
  #call = -1
  #ring = -1

  constructor({ name, page, toneHz, user, token }: Being) {
    super({ name, page, toneHz })
    this.user = user
    this.token = token
    this.journal = new Journal(name, ({ who: _who, what, ...more }) => `${what} ${JSON.stringify(more)}`)
  }

  get id(): string {
    return this.user.communicationUserId
  }

  /** Makes a CallAgent, which lets him call and be called. @throws {SdkError} */
  async connects(sdkUrl: string, displayName?: string): Promise<void> {
    await this.#ask('arrive', { sdkUrl, ...(displayName === undefined ? {} : { displayName }) })
  }

  // Calls

  async calls(callee: Callee | Callee[], options: Options = {}): Promise<void> {
    const callees = [callee].flat().map((one) => (one instanceof Person ? one.id : one))
    this.#call = await this.#ask('startCall', callees, options)
  }

  /** Comes to where a group, or a room, meets. */
  async joins(place: Locator, options: Options = {}): Promise<void> {
    this.#call = await this.#ask('join', place, options)
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
    return this.#notes('rung').at(-1)
  }

  get ringCount(): number {
    return this.#notes('rung').length
  }

  async answers(options: Options = {}): Promise<void> {
    this.#call = await this.#ask('accept', this.#ring, options)
  }

  declines(): Promise<void> {
    return this.#ask('reject', this.#ring)
  }

  hangsUp(): Promise<void> {
    return this.#ask('hangUp', this.#call)
  }

  mutes(): Promise<void> {
    return this.#ask('mute', this.#call)
  }

  unmutes(): Promise<void> {
    return this.#ask('unmute', this.#call)
  }

  /** Says nothing any more, without muting. */
  async fallsSilent(): Promise<void> {
    await this.page.evaluate(() => mouth.hush(true))
  }

  async speaks(): Promise<void> {
    await this.page.evaluate(() => mouth.hush(false))
  }

  isMuted(): Promise<boolean> {
    return this.#ask('isMuted', this.#call)
  }

  adds(other: Person | string): Promise<void> {
    return this.does(({ call }, id) => void call.addParticipant({ communicationUserId: id }), idOf(other))
  }

  removes(other: Person | string): Promise<void> {
    return this.does(({ call }, id) => call.removeParticipant({ communicationUserId: id }), idOf(other))
  }

  holds(): Promise<void> {
    return this.does(({ call }) => call.hold())
  }

  resumes(): Promise<void> {
    return this.does(({ call }) => call.resume())
  }

  endsForAll(): Promise<void> {
    return this.does(({ call }) => call.hangUp({ forEveryone: true }))
  }

  /**
   * Does something with the SDK that has no word of its own here. The function runs on his page: it sees nothing but its
   * arguments, and what it returns is copied. @throws {SdkError}
   */
  does<T>(act: (hands: Hands) => T | Promise<T>): Promise<T>
  does<T, A>(act: (hands: Hands, arg: A) => T | Promise<T>, arg: A): Promise<T>
  async does<T, A>(act: (hands: Hands, arg: A) => T | Promise<T>, arg?: A): Promise<T> {
    return (await this.#ask('act', this.#call, act.toString(), arg)) as T
  }

  /** Goes back to a call that he started, joined or answered before, counted from 0. */
  turnsTo(call: number): void {
    this.#call = call
  }

  /** Goes on in the call that his agent began by itself, because he was transferred. */
  async goesOnInNewCall(): Promise<void> {
    this.#call = await this.#ask('followNewest')
  }

  /** What he was told of his agent's calls, in order: `+1` is one that came, `-1` one that went. */
  get callsUpdated(): string[] {
    return this.#notes('calls').flatMap(({ added, removed }) => [
      ...(added > 0 ? [`+${added}`] : []),
      ...(removed > 0 ? [`-${removed}`] : []),
    ])
  }

  /** How many calls his agent has. */
  callCount(): Promise<number> {
    return this.#ask('callCount')
  }

  /** Ends his agent. */
  signsOff(): Promise<void> {
    return this.#ask('dispose')
  }

  // What he was told

  /** All states of his call, in order. */
  get states(): string[] {
    return this.#stateNotes().map(({ state }) => state)
  }

  get callId(): string {
    const ids = this.#notes('state', 'id').flatMap((note) => (note.call === this.#call ? [note.callId] : []))
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
    const ended = () => this.#notes('ringEnded').find(({ ring }) => ring === this.#ring)
    return this.journal.when('end of the ringing', () => ended()?.reason, limitMs)
  }

  /** Each change of the other side's isMuted, in order. */
  get seenMutes(): boolean[] {
    return this.#notes('participantMuted').flatMap(({ call, isMuted }) => (call === this.#call ? [isMuted] : []))
  }

  /** Each change of his own isMuted, in order. */
  get ownMutes(): boolean[] {
    return this.#notes('muted').flatMap(({ call, isMuted }) => (call === this.#call ? [isMuted] : []))
  }

  /** Each change of another's isMuted, in order. */
  mutesOf(other: Other): boolean[] {
    return this.#notes('participantMuted').flatMap(({ call, id, isMuted }) =>
      call === this.#call && id === other.id ? [isMuted] : [],
    )
  }

  /** Waits until the newest change of the other side's isMuted is this one. */
  async seesMuted(isMuted: boolean, limitMs = soonMs): Promise<void> {
    const look = () => (this.seenMutes.at(-1) === isMuted ? true : undefined)
    await this.journal.when(isMuted ? 'mute of the other side' : 'unmute of the other side', look, limitMs)
  }

  /** The states of the other participant, in order. */
  get participantStates(): string[] {
    return this.#notes('participantState').flatMap(({ call, state }) => (call === this.#call ? [state] : []))
  }

  /** Waits for what `does` had him told, or a mute by others or a change of role, past or to come. */
  async isToldOf<T = unknown>(event: string, matches: (data: T) => boolean = () => true, limitMs = soonMs): Promise<T> {
    const isIt = (note: Note): note is NoteOf<'told'> =>
      note.what === 'told' && note.event === event && matches(note.data as T)
    return (await this.journal.find(event, isIt, limitMs)).data as T
  }

  /** Waits until what he was told of an event so far is exactly this, in order. */
  async isToldAll(event: string, expected: readonly unknown[], limitMs = soonMs): Promise<void> {
    const wanted = JSON.stringify(expected)
    const look = () => (JSON.stringify(this.toldOf(event)) === wanted ? true : undefined)
    await this.journal.when(`${event} that is ${wanted}`, look, limitMs)
  }

  /** What he was told of an event so far, in order. */
  toldOf(event: string): unknown[] {
    return this.#notes('told').flatMap((note) => (note.event === event ? [note.data] : []))
  }

  /** Whom he sees in his call now, each with his state. */
  people(): Promise<{ id: string; state: string }[]> {
    return this.does(({ call }) =>
      call.remoteParticipants.map(({ identifier, state }) => {
        if ('phoneNumber' in identifier) return { id: `4:${identifier.phoneNumber}`, state }
        return { id: 'communicationUserId' in identifier ? identifier.communicationUserId : identifier.kind, state }
      }),
    )
  }

  /** Waits until he sees these people connected in his call, and nobody else. */
  async seesPeople(...others: Other[]): Promise<void> {
    const expected = others.map(({ id }) => `${id} Connected`).toSorted()
    await until(`${others.map(({ name }) => name).join(', ') || 'nobody'} in the call of ${this.name}`, async () => {
      const seen = (await this.people()).map(({ id, state }) => `${id} ${state}`).toSorted()
      return seen.join() === expected.join() ? { found: true } : { sawOnly: seen.join(', ') || 'nobody' }
    })
  }

  /** Waits until he sees another of his call like this. */
  async sees(other: Other, expected: Partial<Seen>): Promise<void> {
    await until(`${JSON.stringify(expected)} of ${other.name} at ${this.name}`, async () => {
      const seen = await this.does(({ call }, id) => {
        const found = call.remoteParticipants.find(({ identifier }) =>
          'phoneNumber' in identifier
            ? `4:${identifier.phoneNumber}` === id
            : 'communicationUserId' in identifier && identifier.communicationUserId === id,
        )
        if (found === undefined) return undefined
        const { displayName, state, isMuted, isSpeaking, endpointDetails } = found
        return { displayName, state, isMuted, isSpeaking, endpoints: endpointDetails.length }
      }, other.id)
      const isIt = Object.entries(expected).every(([name, value]) => seen?.[name as keyof typeof seen] === value)
      return seen !== undefined && isIt ? { found: true } : { sawOnly: JSON.stringify(seen) ?? 'nobody' }
    })
  }

  /** Who came into his call and who left it, in order: `+ann`, `-ann` by the name of that person. */
  comingsAndGoings(...others: Other[]): string[] {
    return this.#notes('participantCame', 'participantLeft').flatMap(({ call, what, id }) => {
      const name = others.find((one) => one.id === id)?.name
      return call === this.#call && name !== undefined ? [`${what === 'participantCame' ? '+' : '-'}${name}`] : []
    })
  }

  /** The states of one other participant, in order. */
  statesOf(other: Other): string[] {
    return this.#notes('participantState').flatMap(({ call, id, state }) =>
      call === this.#call && id === other.id ? [state] : [],
    )
  }

  get connectionStates(): { state: string; reason?: string }[] {
    return this.#notes('connection').map(({ state, reason }) => ({
      state,
      ...(reason === undefined ? {} : { reason }),
    }))
  }

  /** Waits for a change of the agent's connection. */
  async isTold({ state, reason }: { state: string; reason?: string }): Promise<void> {
    const isIt = (note: Note) => note.what === 'connection' && note.state === state && note.reason === reason
    await this.journal.find(`connection that is ${state}`, isIt)
  }

  // Pictures

  turnsCameraOn(): Promise<void> {
    return this.#ask('startVideo', this.#call)
  }

  /** His camera gives no frames, or gives them again. */
  async freezesCamera(isFrozen: boolean): Promise<void> {
    await this.page.evaluate((isFrozen) => void (mouth.isFrozen = isFrozen), isFrozen)
  }

  turnsCameraOff(): Promise<void> {
    return this.#ask('stopVideo', this.#call)
  }

  /** Waits until the other side's camera is on, or off. */
  async seesCamera(isAvailable: boolean): Promise<void> {
    const newest = () => this.#notes('picture').findLast(({ call, type }) => call === this.#call && type === 'Video')
    const look = () => (newest()?.isAvailable === isAvailable ? true : undefined)
    await this.journal.when(isAvailable ? 'picture of the other side' : 'end of the picture', look)
  }

  /** Shows the other side's picture in this size. */
  async viewsPicture(size = { width: 320, height: 180 }): Promise<void> {
    await this.#ask('view', this.#call, size)
  }

  /** The kinds of pictures that another shows now: `Video`, `ScreenSharing`. */
  picturesOf(other: Person): Promise<string[]> {
    return this.does(
      ({ participant }, id) =>
        participant(id)
          .videoStreams.filter(({ isAvailable }) => isAvailable)
          .map(({ mediaStreamType }) => mediaStreamType),
      other.id,
    )
  }

  /** Waits until another shows these pictures, and no others. */
  async seesPictures(other: Person, ...types: string[]): Promise<void> {
    await until(`${types.join(' and ') || 'no picture'} of ${other.name} at ${this.name}`, async () => {
      const shown = await this.picturesOf(other)
      return shown.toSorted().join() === types.toSorted().join() ? { found: true } : { sawOnly: shown.join() }
    })
  }

  /** Waits for a picture of another, shows it, and waits until it moves. */
  async seesMoving(other: Person, type: 'Video' | 'ScreenSharing'): Promise<Picture> {
    await until(`${type} of ${other.name} at ${this.name}`, async () => {
      const shown = await this.picturesOf(other)
      return shown.includes(type) ? { found: true } : { sawOnly: shown.join() || 'no picture' }
    })
    const look = async ({ participant, sdk }: Hands, { id, type }: { id: string; type: string }) => {
      const stream = participant(id).videoStreams.find((one) => one.mediaStreamType === type)
      if (stream === undefined) throw new Error(`There is no ${type} any more.`)
      const renderer = new sdk.VideoStreamRenderer(stream)
      const { target } = await renderer.createView({ scalingMode: 'Fit' })
      Object.assign(target.style, { width: '320px', height: '180px' })
      document.body.append(target)
      const video = target.querySelector('video')
      if (video === null) throw new Error('The view has no video element.')
      try {
        return await eyes.watch(video)
      } finally {
        renderer.dispose()
      }
    }
    return this.does(look, { id: other.id, type })
  }

  /** Each coming (+) and going (-) of another's pictures, in order. */
  pictureChangesOf(other: Person): string[] {
    const changes = this.#notes('picture').flatMap(({ call, id, type, isAvailable }) =>
      call === this.#call && id === other.id ? [`${isAvailable ? '+' : '-'}${type}`] : [],
    )
    // A stream that is taken away says so itself, and its participant too.
    return changes.filter((change, index) => change !== changes[index - 1])
  }

  /** Waits until the picture that is shown moves. */
  seesMovement(): Promise<Picture> {
    return this.#ask('watch', this.#call)
  }

  /** Waits until the picture arrives in a width. */
  async seesWidth(what: string, fits: (width: number) => boolean, limitMs = 20_000): Promise<number> {
    const look = async () => {
      const { width } = await this.#ask('pictureSize', this.#call)
      return fits(width) ? { found: width } : { sawOnly: `${width} pixels` }
    }
    return until(`picture ${what} at ${this.name}`, look, limitMs)
  }

  closesView(): Promise<void> {
    return this.#ask('closeView', this.#call)
  }

  /** Lets the page die in the middle of what it does. */
  async crashes(): Promise<void> {
    const crashed = new Promise((resolve) => this.page.once('crash', resolve))
    const debuggerOfPage = await this.page.context().newCDPSession(this.page)
    // It never answers: there is nobody any more.
    debuggerOfPage.send('Page.crash').catch(() => {})
    await within(soonMs, `end of ${this.name}'s page`, crashed)
  }

  /** Closes the page, as one closes a tab. */
  async closesPage(): Promise<void> {
    await this.page.close({ runBeforeUnload: false })
  }

  #stateNotes(): NoteOf<'state'>[] {
    return this.#notes('state').filter(({ call }) => call === this.#call)
  }

  #notes<What extends Note['what']>(...whats: What[]): NoteOf<What>[] {
    const isOne = (note: Note): note is NoteOf<What> => whats.some((what) => what === note.what)
    return this.journal.notes.filter(isOne)
  }

  /** Asks the desk on his page. An SDK that never settles is found by the limit. @throws {SdkError} */
  async #ask<Verb extends keyof Desk>(
    verb: Verb,
    ...args: Parameters<Desk[Verb]> extends [string, ...infer Rest] ? Rest : never
  ): Promise<Awaited<ReturnType<Desk[Verb]>>> {
    type Result = Awaited<ReturnType<Desk[Verb]>>
    const asked = this.page.evaluate(
      async ({ verb, args }): Promise<Outcome<Result>> => {
        const act = desk[verb] as (...args: unknown[]) => Promise<Result> // the arguments were checked outside
        try {
          return { ok: await act(...args) }
        } catch (error) {
          const { message, code, subCode } = error as { message: string; code?: number; subCode?: number }
          return {
            error: {
              message,
              ...(code === undefined ? {} : { code }),
              ...(subCode === undefined ? {} : { subCode }),
            },
          }
        }
      },
      { verb, args: [this.name, ...args] },
    )
    const outcome = await within(15_000, `end of ${this.name}'s ${verb}`, asked)
    if ('error' in outcome) throw new SdkError(verb, outcome.error)
    return outcome.ok
  }
}

function idOf(one: Person | string): string {
  return typeof one === 'string' ? one : one.id
}

/**
 * Someone whose page has the SDK: connects, asks it for something, and is told. What he asks goes by the desk on his page;
 * what he is told stands in his journal.
 */
import type { CommunicationUserIdentifier } from '@azure/communication-common'
import type { Page } from 'playwright-core'
import { Body } from '../body.ts'
import { Journal } from '../journal.ts'
import type { Desk, Hands, Note, Outcome } from '../page/desk.ts'
import { soonMs, within } from '../until.ts'

export type AccessToken = { token: string; expiresOnTimestamp: number }

type Being = {
  name: string
  page: Page
  toneHz: number
  user: CommunicationUserIdentifier
  token: () => Promise<AccessToken>
}

/** Somebody in a call: a person, or a phone by its rawId. */
export type Other = { name: string; id: string }

export type NoteOf<What extends Note['what']> = Extract<Note, { what: What }>

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

export class SdkUser extends Body {
  readonly user: CommunicationUserIdentifier
  token: () => Promise<AccessToken>
  readonly journal: Journal<Note>
  /** The call that he is in, or was in last, counted from 0. */
  protected currentCall = -1

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
    await this.ask('arrive', { sdkUrl, ...(displayName === undefined ? {} : { displayName }) })
  }

  /** Ends his agent. */
  signsOff(): Promise<void> {
    return this.ask('dispose')
  }

  /**
   * Does something with the SDK that has no word of its own here. The function runs on his page: it sees nothing but its
   * arguments, and what it returns is copied. @throws {SdkError}
   */
  does<T>(act: (hands: Hands) => T | Promise<T>): Promise<T>
  does<T, A>(act: (hands: Hands, arg: A) => T | Promise<T>, arg: A): Promise<T>
  async does<T, A>(act: (hands: Hands, arg: A) => T | Promise<T>, arg?: A): Promise<T> {
    return (await this.ask('act', this.currentCall, act.toString(), arg)) as T
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
    return this.notes('told').flatMap((note) => (note.event === event ? [note.data] : []))
  }

  get connectionStates(): { state: string; reason?: string }[] {
    return this.notes('connection').map(({ state, reason }) => ({
      state,
      ...(reason === undefined ? {} : { reason }),
    }))
  }

  /** Waits for a change of the agent's connection. */
  async isTold({ state, reason }: { state: string; reason?: string }): Promise<void> {
    const isIt = (note: Note) => note.what === 'connection' && note.state === state && note.reason === reason
    await this.journal.find(`connection that is ${state}`, isIt)
  }

  protected notes<What extends Note['what']>(...whats: What[]): NoteOf<What>[] {
    const isOne = (note: Note): note is NoteOf<What> => whats.some((what) => what === note.what)
    return this.journal.notes.filter(isOne)
  }

  /** Asks the desk on his page. An SDK that never settles is found by the limit. @throws {SdkError} */
  protected async ask<Verb extends keyof Desk>(
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

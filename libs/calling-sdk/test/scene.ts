/** Calls of one agent as an app follows them, against an api whose every word a test decides. */
import type { CallId, CallView, End, EventBody, EventName } from '@parley/protocol'
import type { CallLocator } from '../src/face/contract/agent.ts'
import type { Call, RemoteParticipant } from '../src/face/contract/call.ts'
import { connected, type Situation } from './agent.ts'
import { Inbox } from './inbox.ts'
import { bob, view } from './views.ts'

// There is no microphone here; a call that is muted does not miss it.
export const muted = { audioOptions: { muted: true } }

export class Scene {
  readonly #here: Situation
  #seq = 0

  static async open(): Promise<Scene> {
    return new Scene(await connected())
  }

  private constructor(here: Situation) {
    this.#here = here
  }

  get agent(): Situation['agent'] {
    return this.#here.agent
  }
  get api(): Situation['socket'] {
    return this.#here.socket
  }
  get clock(): Situation['clock'] {
    return this.#here.clock
  }

  close(): Promise<void> {
    return this.#here.close()
  }

  /** A call to Bob, of which the api says this. */
  async calls(more: Partial<CallView> = {}): Promise<Followed> {
    return this.follows(this.agent.startCall([{ communicationUserId: bob }], muted), 'call.start', more)
  }

  /** A call that is joined, of which the api says this. */
  async joins(locator: CallLocator, more: Partial<CallView> = {}): Promise<Followed> {
    return this.follows(this.agent.join(locator, muted), 'call.join', { kind: 'group', participants: [], ...more })
  }

  tells<E extends EventName>(event: E, body: EventBody<E>): void {
    this.api.tells(++this.#seq, event, body)
  }

  /** Follows a call that begins, and answers what it asks. */
  async follows(call: Call, verb: string, more: Partial<CallView>): Promise<Followed> {
    const followed = new Followed(call, this)
    const asked = await this.api.hears(verb)
    // The id that was proposed; every test's api takes it where it says nothing else.
    this.api.answers(asked, { call: followed.view({ callId: call.id as CallId, ...more }) })
    await followed.sees(more.state ?? 'Connected')
    return followed
  }
}

/** A call, and everything that an app is told of it, in words. */
export class Followed {
  readonly call: Call
  readonly #scene: Scene
  readonly #told = new Inbox<string>('what the call tells')
  #view: CallView = view({ version: 0 })

  constructor(call: Call, scene: Scene) {
    this.call = call
    this.#scene = scene
    call.on('stateChanged', () => this.#told.put(call.state))
    call.on('isMutedChanged', () => this.#told.put(call.isMuted ? 'muted' : 'unmuted'))
    call.on('mutedByOthers', () => this.#told.put('muted by others'))
    call.on('roleChanged', () => this.#told.put(`is ${call.role}`))
    call.on('isScreenSharingOnChanged', () => this.#told.put(call.isScreenSharingOn ? 'shares' : 'shares no more'))
    call.on('remoteParticipantsUpdated', ({ added, removed }) => {
      this.#told.put([...added.map((one) => `+${named(one)}`), ...removed.map((one) => `-${named(one)}`)].join(' '))
    })
  }

  /** The next version of the call, with these changes. */
  view = (more: Partial<CallView>): CallView => {
    this.#view = { ...this.#view, version: this.#view.version + 1, ...more }
    return this.#view
  }

  /** The api says that the call changed. */
  changes = (more: Partial<CallView>): void => {
    this.#scene.tells('call.changed', { call: this.view(more) })
  }

  ends = (end: End, participants: CallView['participants'] = []): void => {
    this.#scene.tells('call.ended', { call: this.view({ state: 'Disconnected', end, participants }) })
  }

  /** The api says that somebody else changed. */
  people = (...participants: CallView['participants']): void => {
    this.#view = { ...this.#view, version: this.#view.version + 1 }
    const { callId, version } = this.#view
    this.#scene.tells('call.people', { callId, version, participants })
  }

  /** Waits until the app is told this. */
  sees = async (what: string): Promise<void> => {
    for (;;) if ((await this.#told.next()) === what) return
  }

  /** What the app was told since. */
  get unseen(): readonly string[] {
    return this.#told.rest
  }
}

/** By the name that he has, or the last letter of his id. */
const named = ({ displayName, identifier }: RemoteParticipant): string =>
  displayName ?? ('communicationUserId' in identifier ? identifier.communicationUserId.slice(-1) : identifier.kind)

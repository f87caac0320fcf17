/**
 * The phone: what people want done (the public methods, called by the views), carried out, and reported as events to
 * `step`. Every method may be called in every state: what has no meaning there does nothing.
 */
import type { CallClient } from '@parley/calling-sdk'
import { Calls } from './calls.ts'
import { checkBeforeCall } from './check.ts'
import { DoorError, type DemoDoor, type Identity } from './demo-door.ts'
import type { Key } from './keys.ts'
import type { Memory } from './memory.ts'
import { telephoneOf, type Party, type Person } from './names.ts'
import { watchPeople } from './people-watch.ts'
import { deviceTrouble } from './permission.ts'
import { placeTyped, type Place } from './place.ts'
import { troubleSentences, type Sentence } from './sentences.ts'
import { blank, step, type EpochMs, type PhoneEvent, type PhoneState } from './state.ts'
import type { Wish } from './wishes.ts'

export type PhoneParts = {
  door: DemoDoor
  /** An agent needs a client of its own (ACS: 409/40228). */
  createClient: () => CallClient
  memory: Memory
  /** Where the page's address leads, and how to change that. */
  address: { read(): Place | undefined; write(place: Place | undefined): void; copy(place: Place): Promise<void> }
  now: () => EpochMs
  isSoundBlocked: () => boolean
  /** Called with the new state after each change. */
  draw: (state: PhoneState) => void
}

/** One identity, from getting it until leaving. What an older life still reports is not listened to. */
type Life = {
  identity: Identity
  over: AbortController
  connection: Connection | undefined
  /** The test before a call, while it runs. */
  check: AbortController | undefined
}

type Connection = { client: CallClient; calls: Calls }

export class Phone {
  readonly #parts: PhoneParts
  #state: PhoneState
  #life: Life | undefined

  constructor(parts: PhoneParts) {
    this.#parts = parts
    this.#state = blank('', undefined, parts.now())
  }

  /** Goes on with the identity of before the reload, or asks for a name. */
  open(): void {
    const { identity, name } = this.#parts.memory.recall(this.#parts.now())
    const trouble = deviceTrouble()
    const { address, now } = this.#parts
    this.#state = step(blank(name, trouble, now()), { type: 'placeChosen', place: address.read() }, now())
    if (identity !== undefined && trouble === undefined) this.#live(identity)
    else this.#parts.draw(this.#state)
  }

  /** Gets an identity of this name, and goes where the address leads. */
  signIn(name: string): void {
    if (this.#state.page === 'signIn' && !this.#state.isBusy) this.#run(this.#getIdentity(name))
  }

  /** Gives the identity up. Its calls end with it. */
  leave(problem?: Sentence): void {
    const life = this.#life
    if (life === undefined) return
    this.#life = undefined
    life.over.abort()
    this.#parts.memory.forget()
    this.#apply({ type: 'signedOut', problem })
    this.#run(life.connection?.client.dispose())
  }

  /** Tries again after the connection could not be opened. */
  reconnect(): void {
    const life = this.#life
    if (life !== undefined && this.#state.page === 'phone' && this.#state.link.state === 'failed') {
      this.#run(this.#connect(life))
    }
  }

  /** Calls somebody, or goes where people meet. */
  call(party: Party): void {
    this.#run(this.#calls?.call(party))
  }

  /** Calls a telephone by its number. */
  dial(typed: string): void {
    this.call(telephoneOf(typed))
  }

  /** Makes a group, and puts it into the address, for others to come by. */
  startGroup(): void {
    const place = { groupId: crypto.randomUUID() }
    this.#goTo(place)
    this.call(place)
  }

  /** Goes where a link or an id leads that somebody has typed. */
  join(typed: string): void {
    const place = placeTyped(typed)
    this.#goTo(place)
    this.call(place)
  }

  /** The address leads nowhere any more. */
  forgetPlace(): void {
    this.#goTo(undefined)
  }

  copyLink(): void {
    if (this.#state.page === 'phone' && this.#state.place !== undefined) this.#run(this.#copy(this.#state.place))
  }

  /** Tests the way to the server, and the devices. */
  checkDevices(): void {
    const life = this.#life
    const isFree = this.#state.page === 'phone' && this.#state.line.state === 'free' && !this.#state.incoming.length
    if (isFree && life?.connection !== undefined) this.#run(this.#check(life, life.connection))
  }

  /** Breaks the test off, or puts away what it has found. */
  dismissCheck(): void {
    this.#life?.check?.abort()
    this.#apply({ type: 'checkEnded', sentences: undefined })
  }

  /** Something that is asked of the call in hand. */
  wish(wish: Wish): void {
    this.#run(this.#calls?.wish(wish))
  }

  giveUpDialling(): void {
    this.#calls?.giveUpDialling()
  }

  /** Answers a call that rings here. The call in hand, if there is one, is hung up first. */
  answer(id: string): void {
    this.#run(this.#calls?.answer(id))
  }

  decline(id: string): void {
    this.#run(this.#calls?.decline(id))
  }

  hangUp(): void {
    this.#run(this.#calls?.hangUp())
  }

  mute(isMuted: boolean): void {
    this.#run(this.#calls?.mute(isMuted))
  }

  /** Presses a key towards the telephones in the call. */
  press(key: Key): void {
    this.#run(this.#calls?.press(key))
  }

  camera(isOn: boolean): void {
    this.#run(this.#calls?.camera(isOn))
  }

  dismissTrouble(): void {
    this.#apply({ type: 'callChanged', change: { problem: undefined } })
  }

  dismissEnd(): void {
    this.#apply({ type: 'endDismissed' })
  }

  /** The browser lets the page be heard from now on. */
  soundUnblocked(): void {
    if (this.#state.page === 'phone' && this.#state.isSoundBlocked) this.#apply({ type: 'soundUnblocked' })
  }

  /** A second has gone by. */
  tick(): void {
    this.#apply({ type: 'ticked' })
  }

  async #getIdentity(name: string): Promise<void> {
    this.#apply({ type: 'nameGiven', name })
    const trouble = deviceTrouble()
    if (trouble !== undefined) return this.#apply({ type: 'signInFailed', problem: trouble })
    try {
      const identity = await this.#parts.door.newIdentity(name)
      this.#parts.memory.remember(identity)
      this.#live(identity, true)
    } catch (error) {
      this.#apply({ type: 'signInFailed', problem: sentenceOfDoor(error) })
    }
  }

  /** @param mayJoin whoever has just given his name at a link need not say once more that he wants to follow it */
  #live(identity: Identity, mayJoin = false): void {
    const life: Life = { identity, over: new AbortController(), connection: undefined, check: undefined }
    this.#life = life
    const me = { user: identity.user, displayName: identity.displayName }
    this.#apply({ type: 'signedIn', me, isSoundBlocked: this.#parts.isSoundBlocked() })
    this.#run(this.#connect(life).then(() => mayJoin && this.#followLink()))
    const watching = watchPeople({
      door: this.#parts.door,
      identity,
      signal: life.over.signal,
      onSeen: (list) => this.#peopleSeen(list),
      onTrouble: (error) => this.#peopleNotSeen(error),
    })
    this.#run(watching)
  }

  #goTo(place: Place | undefined): void {
    this.#parts.address.write(place)
    this.#apply({ type: 'placeChosen', place })
  }

  async #copy(place: Place): Promise<void> {
    // Browsers may refuse it, and have no clipboard outside https and localhost.
    const isCopied = await this.#parts.address.copy(place).then(
      () => true,
      () => false,
    )
    this.#apply({ type: 'linkCopied', isCopied })
  }

  #followLink(): void {
    if (this.#state.page === 'phone' && this.#state.place !== undefined) this.call(this.#state.place)
  }

  /** The test has an agent of its own, and an identity may have one in a page (ACS: 409/40228): ours goes meanwhile. */
  async #check(life: Life, connection: Connection): Promise<void> {
    const check = new AbortController()
    life.check = check
    life.connection = undefined
    this.#apply({ type: 'checkBegan' })
    this.#apply({ type: 'linkChanged', link: { state: 'connecting' } })
    await connection.client.dispose()
    const signal = AbortSignal.any([life.over.signal, check.signal])
    const found = await checkBeforeCall(this.#parts.createClient(), credentialOf(life.identity), signal)
    if (this.#life !== life) return
    this.#apply({ type: 'checkEnded', sentences: found })
    await this.#connect(life)
  }

  /** A server that answers again after a while is also tried again for calls. */
  #peopleSeen(list: readonly Person[]): void {
    const wasAway = this.#state.page === 'phone' && this.#state.people.problem !== undefined
    this.#apply({ type: 'peopleSeen', list })
    if (wasAway) this.reconnect()
  }

  #peopleNotSeen(error: DoorError): void {
    if (error.trouble === 'identityOver') return this.#identityOver()
    const isOutOfReach = error.trouble === 'unreachable'
    this.#apply({ type: 'peopleNotSeen', problem: error.sentence, isOutOfReach })
  }

  async #connect(life: Life): Promise<void> {
    this.#apply({ type: 'linkChanged', link: { state: 'connecting' } })
    const client = this.#parts.createClient()
    try {
      const { displayName } = life.identity
      const agent = await client.createCallAgent(credentialOf(life.identity), { displayName })
      const devices = await client.getDeviceManager()
      if (this.#life !== life) return await client.dispose()
      const connection = {
        client,
        calls: new Calls(life.identity.user, agent, devices, (event) => this.#hear(life, event)),
      }
      life.connection = connection
      this.#apply({ type: 'linkChanged', link: { state: 'connected' } })
      agent.on('connectionStateChanged', ({ reason }) => this.#disconnected(life, connection, reason))
    } catch (error) {
      this.#run(client.dispose())
      if (this.#life !== life) return
      if (codeOf(error) === 401) this.#identityOver()
      else this.#linkFailed()
    }
  }

  /** An agent that is Disconnected stays so (ACS). Without a valid token its calls go on; else they have ended with it. */
  #disconnected(life: Life, connection: Connection, reason: 'invalidToken' | 'connectionIssue' | undefined): void {
    if (this.#life !== life || life.connection !== connection) return
    if (reason === 'invalidToken') return this.#identityOver()
    life.connection = undefined
    this.#run(connection.client.dispose())
    this.#linkFailed()
  }

  #linkFailed(): void {
    this.#apply({ type: 'linkChanged', link: { state: 'failed', problem: troubleSentences.noLink } })
  }

  /** Nobody is cut off in mid-sentence: a call that is up goes on to its end. */
  #identityOver(): void {
    if (this.#state.page !== 'phone') return
    if (this.#state.line.state !== 'call') return this.leave(troubleSentences.identityOver)
    this.#life?.over.abort()
    this.#apply({ type: 'linkChanged', link: { state: 'ranOut' } })
  }

  #hear(life: Life, event: PhoneEvent): void {
    if (this.#life !== life) return
    this.#apply(event)
    const state = this.#state
    if (state.page === 'phone' && event.type === 'callEnded' && state.link.state === 'ranOut') {
      const says = state.lastEnd?.sentence.says ?? troubleSentences.identityOver.says
      this.leave({ says, todo: 'Your identity has run out. Continue to get a new one.' })
    }
  }

  get #calls(): Calls | undefined {
    return this.#life?.connection?.calls
  }

  #apply(event: PhoneEvent): void {
    this.#state = step(this.#state, event, this.#parts.now())
    this.#parts.draw(this.#state)
  }

  /** What goes on beside. Everything expected is answered where it happens; the rest is a fault of ours, and is shown. */
  #run(task: Promise<unknown> | undefined): void {
    task?.catch((error: unknown) => console.error('The phone could not carry this out.', error))
  }
}

function sentenceOfDoor(error: unknown): Sentence {
  return error instanceof DoorError ? error.sentence : troubleSentences.broken
}

/** The token is what it is until it runs out: the demo gives a new identity then, not a new token for the old one. */
function credentialOf(identity: Identity): Parameters<CallClient['createCallAgent']>[0] {
  const accessToken = { token: identity.token, expiresOnTimestamp: identity.expiresAt }
  return { getToken: () => Promise.resolve(accessToken), dispose: () => undefined }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
}

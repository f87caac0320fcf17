/**
 * The calls of one agent: dialling, ringing, and the one in hand. Turns what people ask into orders to the SDK, and
 * what the SDK says into events. After every wait it looks again: the other side may have been quicker.
 */
import type { Call, CallAgent, CallerInfo, DeviceManager, IncomingCall } from '@parley/calling-sdk'
import { CallInHand } from './call-in-hand.ts'
import type { Key } from './keys.ts'
import { isPlace, nameOf, numberOf, userOf, type Party, type Person } from './names.ts'
import { askFor } from './permission.ts'
import { sentenceOfFailure, troubleSentences, type CallEnd, type Sentence } from './sentences.ts'
import type { PhoneEvent, Talk } from './state.ts'
import type { Wish } from './wishes.ts'

/** How long a call that was hung up may take to end before another is answered in its place, in milliseconds. */
const hangUpLimitMs = 3000

export class Calls {
  readonly #me: string
  readonly #agent: CallAgent
  readonly #devices: DeviceManager
  readonly #tell: (event: PhoneEvent) => void
  readonly #ringing = new Map<string, IncomingCall>()
  readonly #answering = new Map<IncomingCall, 'asking' | 'accepting'>()
  #inHand: CallInHand | undefined
  /** The dialling that waits for the microphone: another one, or none, when it was given up meanwhile. */
  #dialling: { callee: Party } | undefined

  /** @param me one's own raw id */
  constructor(me: string, agent: CallAgent, devices: DeviceManager, tell: (event: PhoneEvent) => void) {
    this.#me = me
    this.#agent = agent
    this.#devices = devices
    this.#tell = tell
    agent.on('incomingCall', ({ incomingCall }) => this.#ring(incomingCall))
  }

  /** Calls somebody, or goes where people meet. */
  async call(callee: Party): Promise<void> {
    if (this.#inHand !== undefined || this.#dialling !== undefined) return
    const dialling = { callee }
    this.#dialling = dialling
    this.#tell({ type: 'dialled', callee })
    const refused = await this.#mayTalk(() => this.#dialling === dialling && this.#tell({ type: 'microphonePrompted' }))
    if (this.#dialling !== dialling) return
    this.#dialling = undefined
    if (refused !== undefined) return this.#tell({ type: 'diallingFailed', problem: refused })
    try {
      this.#take(this.#begin(callee), callee, 'Outgoing')
    } catch (error) {
      const otherwise = isPlace(callee) ? troubleSentences.joinFailed : troubleSentences.callFailed
      const problem = sentenceOfFailure(error, nameOf(callee), otherwise)
      this.#tell({ type: 'diallingFailed', problem })
    }
  }

  giveUpDialling(): void {
    this.#dialling = undefined
    this.#tell({ type: 'diallingGivenUp' })
  }

  /** Answers. What is in hand is hung up first. */
  async answer(id: string): Promise<void> {
    const incoming = this.#ringing.get(id)
    if (incoming === undefined || this.#answering.has(incoming)) return
    this.#answering.set(incoming, 'asking')
    const problem = await this.#accept(id, incoming)
    this.#answering.delete(incoming)
    // Who hung up meanwhile has said so through callEnded, and the card has gone with it.
    if (problem !== undefined && this.#ringing.has(id)) this.#tell({ type: 'answering', id, answer: 'open', problem })
  }

  async decline(id: string): Promise<void> {
    const incoming = this.#ringing.get(id)
    if (incoming === undefined || this.#answering.get(incoming) === 'accepting') return
    this.#stopRinging(id, { code: 603, subCode: 0 })
    // Refused when the caller was quicker (400/41007): it does not ring any more, which is what was asked.
    await incoming.reject().catch(() => undefined)
  }

  async hangUp(): Promise<void> {
    await this.#inHand?.hangUp()
  }

  async mute(isMuted: boolean): Promise<void> {
    await this.#inHand?.mute(isMuted)
  }

  async press(key: Key): Promise<void> {
    await this.#inHand?.press(key)
  }

  async camera(isOn: boolean): Promise<void> {
    await (isOn ? this.#inHand?.cameraOn() : this.#inHand?.cameraOff())
  }

  async wish(wish: Wish): Promise<void> {
    await this.#inHand?.wish(wish)
  }

  #begin(callee: Party): Call {
    if (isPlace(callee)) return this.#agent.join(callee)
    const phoneNumber = numberOf(callee)
    return this.#agent.startCall([phoneNumber === undefined ? { communicationUserId: callee.user } : { phoneNumber }])
  }

  async #accept(id: string, incoming: IncomingCall): Promise<Sentence | undefined> {
    const refused = await this.#mayTalk(() => this.#tell({ type: 'answering', id, answer: 'askingMicrophone' }))
    if (refused !== undefined || !this.#ringing.has(id)) return refused
    this.#answering.set(incoming, 'accepting')
    this.#tell({ type: 'answering', id, answer: 'answering' })
    try {
      await this.#endWhatIsInHand()
      const call = await incoming.accept()
      this.#stopRinging(id, undefined)
      this.#take(call, callerOf(incoming.callerInfo), 'Incoming')
      return undefined
    } catch (error) {
      return sentenceOfFailure(error, nameOf(callerOf(incoming.callerInfo)), troubleSentences.answerFailed)
    }
  }

  async #mayTalk(onPrompt: () => void): Promise<Sentence | undefined> {
    return askFor('microphone', this.#devices, onPrompt).catch(() => troubleSentences.noMicrophoneList)
  }

  async #endWhatIsInHand(): Promise<void> {
    this.#dialling = undefined
    const call = this.#inHand
    if (call === undefined) return
    const tooLong = AbortSignal.timeout(hangUpLimitMs)
    const limit = new Promise<void>((resolve) => tooLong.addEventListener('abort', () => resolve(), { once: true }))
    await Promise.race([Promise.all([call.hangUp(), call.ended]), limit])
  }

  #take(call: Call, other: Party, direction: Talk['direction']): void {
    this.#dialling = undefined
    this.#tell({ type: 'callStarted', other, direction, callState: call.state, isMuted: call.isMuted })
    const tell = (event: PhoneEvent): void => {
      if (this.#inHand !== inHand) return
      if (event.type === 'callEnded') this.#inHand = undefined
      this.#tell(event)
    }
    const isOfMany = isPlace(other)
    const inHand = new CallInHand({ call, me: this.#me, isOfMany, devices: this.#devices, tell })
    this.#inHand = inHand
    // Both called each other at once: what rang here has become this very call.
    call.on('idChanged', () => this.#stopRinging(call.id, undefined))
    inHand.open()
  }

  #ring(incoming: IncomingCall): void {
    if (incoming.id === this.#inHand?.id) return
    this.#ringing.set(incoming.id, incoming)
    incoming.on('callEnded', ({ callEndReason }) => this.#stopRinging(incoming.id, callEndReason))
    this.#tell({ type: 'rang', id: incoming.id, from: callerOf(incoming.callerInfo) })
  }

  /** @param end nothing when the ringing has become the call in hand */
  #stopRinging(id: string, end: CallEnd | undefined): void {
    if (this.#ringing.delete(id))
      this.#tell({ type: 'ringingEnded', id, end: id === this.#inHand?.id ? undefined : end })
  }
}

function callerOf({ identifier, displayName }: CallerInfo): Person {
  return { user: userOf(identifier), displayName: displayName ?? '' }
}

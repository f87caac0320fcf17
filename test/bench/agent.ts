/** An agent of Parley that keeps its session as an SDK does, with a heartbeat. */
import { randomUUID } from 'node:crypto'
import { protocolVersion, socketPath, type RequestResult, type Verb } from '@parley/protocol'
import type { Platform } from '../support/platform.ts'
import { Peer, unheard } from './peer.ts'

/** As often as an SDK in a call. */
const heartbeatMs = 2_000

export type User = { id: string; token: string }

/** A new identity with a token for calls. */
export async function newUser(platform: Platform): Promise<User> {
  const { user, token } = await platform.identities.createUserAndToken(['voip'])
  return { id: user.communicationUserId, token }
}

export class Agent {
  readonly user: User
  readonly session: RequestResult<'hello'>
  readonly peer: Peer

  private constructor(user: User, peer: Peer, session: RequestResult<'hello'>) {
    this.user = user
    this.peer = peer
    this.session = session
    const heartbeat = setInterval(() => {
      peer.tell(frameOf('ping', { seenSeq: peer.eventCount }, unheard))
    }, heartbeatMs)
    peer.onClosed(() => clearInterval(heartbeat))
  }

  /** Connects a user's device. */
  static async arrive(platform: Platform, user: User): Promise<Agent> {
    const peer = await Peer.open(platform.url.replace(/^http/, 'ws') + socketPath)
    const hello = { protocol: protocolVersion, token: user.token, device: randomUUID() }
    const reply = await peer.ask(frameOf('hello', hello))
    return new Agent(user, peer, (JSON.parse(reply.toString()) as { ok: RequestResult<'hello'> }).ok)
  }

  /** Places a call to a user; resolves when the server has replied. */
  async startCall(to: User, callId: string): Promise<void> {
    await this.peer.ask(frameOf('call.start', this.startOf(to, callId)))
  }

  /** What a browser that can all that the routers can would place a call with. */
  startOf(to: User, callId: string): object {
    const join = { generation: 1, rtpCapabilities: this.session.rtpCapabilities }
    return { callId, to: [to.id], isMuted: false, join }
  }

  async hangUp(callId: string): Promise<void> {
    await this.peer.ask(frameOf('call.hangUp', { callId }))
  }

  /** Ends the session and its calls. */
  async leave(): Promise<void> {
    await this.peer.sayLast(frameOf('bye', {}))
  }
}

let requests = 0

/** A request, with an id of its own unless one is given. */
export function frameOf(verb: Verb, body: object, id = `bench-${(requests += 1)}`): string {
  return JSON.stringify({ id, verb, body })
}

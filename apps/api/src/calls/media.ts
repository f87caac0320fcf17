/**
 * The media requests of a leg, turned into orders for the call's sfu. What the leg may do comes from its row with each
 * order; sfu only looks whether the order stays within it.
 */
import { BusError, orderMedia, type Bus } from '@parley/bus'
import { grantOf, type Call, type Leg } from '@parley/call'
import {
  Refused,
  type CallId,
  type JoinedMedia,
  type MediaVerb,
  type OrderBody,
  type OrderResult,
  type PlainMedia,
  type RequestBody,
  type SessionId,
} from '@parley/protocol'
import type { Nodes } from '../nodes/nodes.ts'
import type { Calls } from './calls.ts'

type Join = RequestBody<'media.join'>['join']
/** Orders that concern one build of one leg's media. */
type LegOrder = Exclude<MediaVerb, 'openLeg' | 'openPlain' | 'openBot' | 'setGrant' | 'closeLeg'>

export class CallMedia {
  constructor(private readonly parts: { calls: Calls; nodes: Nodes; bus: Bus; orderMs: number }) {}

  /** Opens a leg's transports. The same generation again gives the same answer. */
  join(callId: CallId, session: SessionId, join: Join): Promise<JoinedMedia> {
    return this.#open('openLeg', callId, session, join)
  }

  /** Opens a leg's one plain transport, for who has no browser. */
  joinPlain({ callId, ...join }: RequestBody<'media.joinPlain'>, session: SessionId): Promise<PlainMedia> {
    return this.#open('openPlain', callId, session, join)
  }

  /** Carries an order about a leg's media to its sfu. */
  async order<V extends LegOrder>(
    order: V,
    session: SessionId,
    body: Omit<OrderBody<V>, 'legId'> & { callId: CallId },
  ): Promise<OrderResult<V>> {
    const call = await this.parts.calls.find(body.callId)
    if (call === undefined) throw new Refused('unknownCall')
    const leg = legOf(call, session)
    // Nobody looks into a call that he is not in, or not yet.
    if (order === 'watch' && !grantOf(call, leg).receive) throw new Refused('mediaRefused')
    const { id: legId } = leg
    // Omit<…, 'legId'> & { legId } is the body again, which TypeScript cannot see for an open V.
    return this.#order(call, order, { ...body, legId } as unknown as OrderBody<V>)
  }

  async #open<V extends 'openLeg' | 'openPlain'>(
    order: V,
    callId: CallId,
    session: SessionId,
    join: Omit<OrderBody<V>, 'callId' | 'legId' | 'version' | 'session' | 'grant'>,
  ): Promise<OrderResult<V>> {
    const call = await this.#placed(callId)
    const leg = legOf(call, session)
    const about = { callId, legId: leg.id, version: call.version, session, grant: grantOf(call, leg) }
    // What is omitted above is added here, which TypeScript cannot see for an open V.
    const opened = await this.#order(call, order, { ...about, ...join } as unknown as OrderBody<V>)
    await this.#catchUp(call, leg)
    return opened
  }

  /** The call, on a node that is alive: after the death of its sfu it gets another one. */
  async #placed(callId: CallId): Promise<Call> {
    const call = await this.parts.calls.find(callId)
    if (call === undefined) throw new Refused('unknownCall')
    if (this.parts.nodes.isAlive(call.mediaNode)) return call
    return this.parts.calls.step(callId, { type: 'placed', mediaNode: this.parts.nodes.place() })
  }

  /** A step that came while the transports were being opened found no leg at the sfu: say again what it decided. */
  async #catchUp(was: Call, leg: Leg): Promise<void> {
    const call = await this.parts.calls.find(was.id)
    if (call === undefined || call.version === was.version) return
    const now = call.legs.find((one) => one.id === leg.id)
    const about = { callId: call.id, legId: leg.id, version: call.version }
    if (now === undefined || now.state === 'Disconnected') {
      await this.#order(call, 'closeLeg', about)
      throw new Refused('unknownCall')
    }
    await this.#order(call, 'setGrant', { ...about, grant: grantOf(call, now) })
  }

  async #order<V extends MediaVerb>(call: Call, order: V, body: OrderBody<V>): Promise<OrderResult<V>> {
    try {
      return await orderMedia(this.parts.bus, call.mediaNode, order, body, { timeoutMs: this.parts.orderMs })
    } catch (error) {
      if (error instanceof BusError) {
        throw new Refused('unavailable', { detail: 'The media server did not answer.', cause: error })
      }
      throw error
    }
  }
}

/** The live leg of a session in a call. @throws Refused 'unknownCall': someone else's call looks like none. */
function legOf(call: Call, session: SessionId): Leg {
  const leg = call.legs.find((one) => one.session === session && one.state !== 'Disconnected')
  if (leg === undefined) throw new Refused('unknownCall')
  return leg
}

/**
 * What who is transferred finds at the other end. A number of ours leads him to whom its calls go, as a call to it from
 * outside would; any other number is dialled, and as he cannot say what it is to show, the call that he comes from says.
 */
import type { Call, Leg } from '@parley/call'
import {
  asPhoneNumber,
  asUserId,
  Refused,
  type CallId,
  type PhoneNumber,
  type RawId,
  type RequestBody,
} from '@parley/protocol'
import type { Caller } from '../agents/asker.ts'
import type { Calls } from '../calls/calls.ts'
import type { Phones } from '../phones/phones.ts'
import type { Destination, Reception } from '../phones/reception.ts'

export type Follow = NonNullable<RequestBody<'call.start'>['transfer']>

/** Where it leads; and what a phone shows that is called there. */
export type Lead = { to: Destination | undefined; showing: PhoneNumber | undefined }

export class Following {
  constructor(
    private readonly parts: {
      calls: Pick<Calls, 'find' | 'step'>
      phones: Pick<Phones, 'isOverTrunk' | 'numberOf' | 'numberFor'>
      reception: Pick<Reception, 'leads'>
    },
  ) {}

  /** @throws Refused 'alreadyThere' where it leads back to himself, 'roleForbids' where who sends him may not dial */
  async lead(row: Caller, callId: CallId, [callee, ...others]: readonly RawId[], follow: Follow): Promise<Lead> {
    const known = await this.#transferOf(row, follow)
    const number = callee === undefined || others.length > 0 ? undefined : asPhoneNumber(callee)
    if (known === undefined || number === undefined) return { to: undefined, showing: undefined }
    const from = asPhoneNumber(row.user)
    const to = await this.parts.reception.leads({ callId, to: number, from })
    if (to !== undefined && 'to' in to && to.to === row.user) throw new Refused('alreadyThere')
    if (to !== undefined) return { to, showing: undefined }
    const [{ id, phone }] = known.sides
    // A telephone of this machine has shown nobody a password: what it asks for is not to cost anything.
    const isUnproven = phone !== undefined && !(await this.parts.phones.isOverTrunk(id))
    if (isUnproven && number.startsWith('+')) throw new Refused('roleForbids')
    return { to, showing: await this.#shownFrom(known) }
  }

  /** He does not get there: the call that he comes from is told, and does not wait for him in vain. */
  async failed(row: Caller, follow: Follow): Promise<void> {
    if ((await this.#transferOf(row, follow)) === undefined) return
    await this.parts.calls.step(follow.callId, { type: 'transferFailed', id: follow.id, reason: 'noEndpoint' })
  }

  /** The call that he comes from, with both sides; undefined for one out of which nobody transfers him. */
  async #transferOf(
    { id: session }: Caller,
    { callId, id }: Follow,
  ): Promise<{ call: Call; sides: [by: Leg, of: Leg] } | undefined> {
    const call = await this.parts.calls.find(callId)
    const { transfer } = call ?? {}
    const [by, of] = [transfer?.by, transfer?.of].map((legId) => call?.legs.find((leg) => leg.id === legId))
    if (call === undefined || by === undefined || of?.session !== session || transfer?.id !== id) return undefined
    return { call, sides: [by, of] }
  }

  /** The number that the call has gone by; where it has none, that of who transfers, and then his own. */
  async #shownFrom({ call, sides }: { call: Call; sides: readonly Leg[] }): Promise<PhoneNumber | undefined> {
    const { phones } = this.parts
    const ofCall = await phones.numberOf(call.id)
    if (ofCall !== undefined) return ofCall
    const users = sides.flatMap(({ user }) => asUserId(user) ?? [])
    const numbers = await Promise.all(users.map((user) => phones.numberFor(user)))
    return numbers.find((number) => number !== undefined)
  }
}

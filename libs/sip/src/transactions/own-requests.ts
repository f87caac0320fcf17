/** The requests that the layer makes by itself: ACK of a refusal and CANCEL; and the Via that each request gets. */
import { noParameters } from '../grammar/parameters.ts'
import { Headers } from '../messages/headers.ts'
import { CSeq, MaxForwards, newBranch, Via } from '../messages/kinds/routing.ts'
import { noBody, type Request, type Response } from '../messages/message.ts'
import type { OpenFlow } from '../transports/transports.ts'

const usualHops = 70

/** A copy of a request that may be changed. */
export function copyOf(request: Request): Request {
  return { ...request, headers: request.headers.clone() }
}

/** Puts our Via on top and gives the branch. */
export function putVia({ headers }: Request, flow: OpenFlow, random: string): string {
  const branch = newBranch(random)
  const parameters = new Map<string, string | undefined>()
  // RFC 3581: whoever answers a datagram is asked to answer to where it came from.
  if (flow.transport === 'udp') parameters.set('rport', undefined)
  parameters.set('branch', branch)
  headers.prepend(Via, { transport: flow.transport.toUpperCase(), ...flow.sentBy, parameters })
  if (!headers.has('Max-Forwards')) headers.set(MaxForwards, usualHops)
  return branch
}

/** RFC 3261 section 17.1.1.3. */
export function ackOf(invite: Request, response: Response): Request {
  const ack = sameHop(invite, 'ACK')
  ack.headers.copy(response.headers, 'To')
  return ack
}

/** RFC 3261 section 9.1. */
export function cancelOf(invite: Request, reason: string | undefined): Request {
  const cancel = sameHop(invite, 'CANCEL')
  cancel.headers.copy(invite.headers, 'To')
  if (reason !== undefined) cancel.headers.setText('Reason', reason)
  return cancel
}

/** A request that belongs to an INVITE's transaction: the same way, the same branch, the same number. */
function sameHop(invite: Request, method: string): Request {
  const [hop = { transport: 'UDP', host: 'unknown.invalid', parameters: noParameters }] = invite.headers.all(Via)
  const headers = new Headers()
    .setAll(Via, [hop])
    .set(MaxForwards, usualHops)
    .copy(invite.headers, 'From', 'Call-ID', 'Route')
    .set(CSeq, { number: invite.headers.need(CSeq).number, method })
  return { kind: 'request', method, uri: invite.uri, headers, body: noBody }
}

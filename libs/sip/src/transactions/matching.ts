/** To which transaction a message belongs (RFC 3261 sections 17.1.3, 17.2.3 and 8.2.2.2). */
import { writeUri } from '../grammar/uri.ts'
import { branchOf, CallId, CSeq, From, tagOf, To, Via, type ViaHop } from '../messages/kinds/routing.ts'
import type { Request, Response } from '../messages/message.ts'

/** Of a client transaction: its branch is ours and enough, but CANCEL shares the branch of its INVITE. */
export function clientKey(branch: string, method: string): string {
  return `${method} ${branch}`
}

/** The client transaction that a response is for; undefined when it cannot be for us. */
export function keyOfResponse({ headers }: Response): string | undefined {
  const [hop, further] = headers.all(Via)
  // Section 8.1.3.3: with a second Via it has been sent to the wrong one.
  const branch = hop === undefined || further !== undefined ? undefined : branchOf(hop)
  return branch === undefined ? undefined : clientKey(branch, headers.need(CSeq).method)
}

/** The server transaction that a request belongs to; `method` says INVITE to find the one that an ACK or a CANCEL is about. */
export function serverKey(request: Request, via: ViaHop, method = request.method): string {
  const branch = branchOf(via)
  if (branch !== undefined) return `${method} ${branch} ${via.host}:${via.port ?? ''}`
  // RFC 2543 knew no branches of that kind: everything that a repetition has in common counts.
  const { number } = request.headers.need(CSeq)
  const who = [request.headers.need(CallId), tagOf(request.headers.need(From)) ?? '', number, writeUri(request.uri)]
  return `${method} old ${who.join(' ')} ${request.headers.text('Via') ?? ''}`
}

/** What two copies of one request have in common that came by different ways; undefined inside of a dialog. */
export function mergedKey({ method, headers }: Request): string | undefined {
  const fromTag = tagOf(headers.need(From))
  if (fromTag === undefined || tagOf(headers.need(To)) !== undefined) return undefined
  return `${method} ${headers.need(CallId)} ${headers.need(CSeq).number} ${fromTag}`
}

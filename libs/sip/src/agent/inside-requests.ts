/** What comes in for a session inside of its dialog goes to the mechanism that it belongs to (RFC 3261 section 12.2.2). */
import { retryAfterOverlap } from '../dialogs/index.ts'
import type { ServerTransaction } from '../transactions/index.ts'
import { readAhead, tellAbilities } from './abilities.ts'
import { reply, responseOf } from './answering.ts'
import type { DialogLink } from './dialog-link.ts'
import { takeInfo } from './infos.ts'
import type { OurRefers } from './our-refers.ts'
import { reasonsIn, type Ending } from './endings.ts'
import type { SessionPart } from './session-part.ts'
import type { TheirOffers } from './their-offers.ts'
import { takeRefer } from './their-refers.ts'

/** A session as what comes in for it sees it. */
export interface InsideSession extends SessionPart {
  readonly direction: 'outgoing' | 'incoming'
  readonly isOver: boolean
  readonly theirOffers: TheirOffers
  readonly ourRefers: OurRefers
  takePrack(transaction: ServerTransaction): void
  peerHungUp(end: Ending): void
}

export function takeInside(session: InsideSession, transaction: ServerTransaction, link: DialogLink): void {
  const { context } = session
  const { method } = transaction.request
  // A subscription outlives the call that it began in (RFC 5057 section 4.1).
  if (session.isOver && method !== 'NOTIFY') {
    // Two BYEs have crossed: both are right.
    reply(context, transaction, method === 'BYE' ? 200 : 481)
    return
  }
  if (!link.dialog.takesInOrder(transaction.request)) {
    reply(context, transaction, 500, { headers: { 'Retry-After': '0' } })
    return
  }
  readAhead(transaction.request)
  link.flow = transaction.flow
  dispatch(session, transaction, link)
}

function dispatch(session: InsideSession, transaction: ServerTransaction, link: DialogLink): void {
  switch (transaction.request.method) {
    case 'BYE':
      takeBye(session, transaction)
      return
    case 'INVITE':
      if (session.isConfirmed) session.theirOffers.takeInvite(transaction, link)
      else refuseEarlyInvite(session, transaction)
      return
    case 'UPDATE':
      session.theirOffers.takeUpdate(transaction, link)
      return
    case 'PRACK':
      session.takePrack(transaction)
      return
    case 'INFO':
      takeInfo(session, transaction)
      return
    case 'REFER':
      takeRefer(session, transaction, link)
      return
    case 'NOTIFY':
      session.ourRefers.takeNotify(transaction)
      return
    default:
      takeOther(session, transaction)
  }
}

function takeBye(session: InsideSession, transaction: ServerTransaction): void {
  reply(session.context, transaction, 200)
  session.peerHungUp({ why: 'bye', by: 'peer', reasons: reasonsIn(transaction.request) })
}

/** RFC 3261 section 14.2: the first INVITE has no answer yet, or its answer is being looked at. */
function refuseEarlyInvite({ context, direction }: InsideSession, transaction: ServerTransaction): void {
  if (direction === 'outgoing') reply(context, transaction, 491)
  else reply(context, transaction, 500, { headers: { 'Retry-After': String(retryAfterOverlap()) } })
}

function takeOther({ context }: InsideSession, transaction: ServerTransaction): void {
  const response = responseOf(context, transaction, transaction.request.method === 'OPTIONS' ? 200 : 405)
  tellAbilities(response.headers)
  transaction.respond(response)
}

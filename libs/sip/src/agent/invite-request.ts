/** The INVITE with which a session begins (RFC 3261 section 13.2.1), without its offer. */
import { askForTimer, withoutHeaders } from '../dialogs/index.ts'
import { nameAddr, withParameter } from '../grammar/index.ts'
import {
  CallId,
  CSeq,
  From,
  Headers,
  noBody,
  ReferredBy,
  Replaces,
  Require,
  To,
  type Request,
} from '../messages/index.ts'
import { tellAbilities } from './abilities.ts'
import type { InviteOptions } from './agent.ts'
import { newCallId, newTag, type AgentContext } from './context.ts'
import { putWay } from './way-options.ts'

export function makeInvite({ limits, name }: AgentContext, options: InviteOptions): Request {
  const { to, toHeader, from, callId, replaces, referredBy, reliable } = options
  const uri = withoutHeaders(to)
  const headers = new Headers()
    .set(From, withParameter(from, 'tag', newTag()))
    .set(To, toHeader ?? nameAddr(uri))
    .set(CallId, callId ?? newCallId())
    .set(CSeq, { number: 1, method: 'INVITE' })
  tellAbilities(headers, reliable === 'off' ? ['100rel'] : [])
  if (reliable === 'required') headers.setAll(Require, ['100rel'])
  if (replaces !== undefined) headers.set(Replaces, replaces)
  if (referredBy !== undefined) headers.set(ReferredBy, referredBy)
  const request: Request = { kind: 'request', method: 'INVITE', uri, headers, body: noBody }
  askForTimer(request, limits, 0)
  putWay(headers, options, name)
  return request
}

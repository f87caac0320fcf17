/** A request outside of a dialog that makes none: OPTIONS, MESSAGE and their like (RFC 3261 section 8.1). */
import { DigestClient } from '../digest/index.ts'
import { nameAddr, withParameter } from '../grammar/index.ts'
import { bodyOf, CallId, CSeq, From, Headers, noBody, To, type Request, type Response } from '../messages/index.ts'
import type { RequestOptions } from './agent.ts'
import { newCallId, newTag, within, type AgentContext } from './context.ts'
import { bodyParts } from './dialog-link.ts'
import { failedToSend, refused, SipFailure } from './errors.ts'
import { ProvenRequest } from './proven-request.ts'
import { putWay, sendOptions } from './way-options.ts'

/** Resolves with a 2xx; rejects with a SipFailure. */
export function askOutside({ layer, clock, limits, name }: AgentContext, options: RequestOptions): Promise<Response> {
  const { method, credentials, limitMs, contactUser } = options
  let cseq = 1
  const answered = new Promise<Response>((resolve, reject) => {
    ProvenRequest.send(
      layer,
      makeRequest(options, cseq, name),
      {
        final: (response) => (response.status < 300 ? resolve(response) : reject(refused(method, response))),
        failed: (failure) => reject(failedToSend(method, failure)),
      },
      {
        digest: credentials && new DigestClient(credentials),
        nextCSeq: () => (cseq += 1),
        options: sendOptions(layer, options, contactUser),
      },
    )
  })
  const late = (): SipFailure => new SipFailure('timeout', `${method}: no answer in time`, { status: 408 })
  return within(clock, limitMs ?? 64 * limits.t1Ms, answered, late)
}

function makeRequest(options: RequestOptions, cseq: number, name: string | undefined): Request {
  const { method, to, toHeader, from, contentType, body } = options
  const headers = new Headers()
    .set(From, withParameter(from, 'tag', newTag()))
    .set(To, toHeader ?? nameAddr(to))
    .set(CallId, newCallId())
    .set(CSeq, { number: cseq, method })
  putWay(headers, options, name)
  const typed = contentType === undefined ? {} : { contentType }
  const request: Request = { kind: 'request', method, uri: to, headers, body: noBody }
  return { ...request, ...bodyOf(headers, bodyParts({ ...typed, body })) }
}

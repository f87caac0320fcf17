/** A dialog with the means to speak in it: the way, the Contact, proofs. */
import { Contact, bodyOf, type Request, type Response } from '../messages/index.ts'
import type { DigestClient } from '../digest/index.ts'
import { nameAddr } from '../grammar/index.ts'
import { wayInside, type Dialog } from '../dialogs/index.ts'
import type { ClientListener, SendOptions } from '../transactions/index.ts'
import type { Flow, PeerTrust } from '../transports/index.ts'
import type { AgentContext } from './context.ts'
import { failedToSend, refused } from './errors.ts'
import { ProvenRequest } from './proven-request.ts'
import type { ExtraHeaders } from './session.ts'

export type LinkOptions = {
  digest?: DigestClient | undefined
  trust?: PeerTrust | undefined
  contactUser?: string | undefined
}

export type Parts = { headers?: ExtraHeaders | undefined; contentType?: string; body?: string | undefined }

/** RFC 3261 section 12.2.1.1 and the tables of RFC 3311, RFC 3515, RFC 6665: these must tell where to reach us. */
const withContact = new Set(['INVITE', 'UPDATE', 'REFER', 'NOTIFY', 'SUBSCRIBE'])

export class DialogLink {
  readonly dialog: Dialog
  readonly context: AgentContext
  options: LinkOptions
  #flow: Flow | undefined
  /** The last one that we have opened, and so can open again. */
  #ownFlow: Flow | undefined

  constructor(context: AgentContext, dialog: Dialog, flow: Flow | undefined, options: LinkOptions) {
    this.context = context
    this.dialog = dialog
    this.flow = flow
    this.options = options
  }

  /** Where the other side was heard last. */
  get flow(): Flow | undefined {
    return this.#flow
  }

  set flow(flow: Flow | undefined) {
    this.#flow = flow
    if (flow?.server !== undefined) this.#ownFlow = flow
  }

  /** A request inside of the dialog, to be given to `send`. */
  request(method: string, parts: Parts = {}): Request {
    const request = this.dialog.request(method)
    putHeaders(request, parts.headers)
    return { ...request, ...bodyOf(request.headers, bodyParts(parts)) }
  }

  send(request: Request, listener: ClientListener): ProvenRequest {
    if (this.context.name !== undefined) request.headers.setText('User-Agent', this.context.name)
    return new ProvenRequest(this.context.layer, request, listener, {
      digest: this.options.digest,
      nextCSeq: () => this.dialog.nextCSeq(),
      options: { ...this.#way(), prepare: (copy, flow) => this.#prepare(copy, flow) },
    })
  }

  /** Resolves with a 2xx; rejects with a SipFailure. Not for INVITE. */
  ask(method: string, parts?: Parts): Promise<Response> {
    return this.askWith(this.request(method, parts))
  }

  askWith(request: Request): Promise<Response> {
    const { method } = request
    return new Promise((resolve, reject) => {
      this.send(request, {
        final: (response, flow) => {
          this.flow = flow
          if (response.status < 300) resolve(response)
          else reject(refused(method, response))
        },
        failed: (failure) => reject(failedToSend(method, failure)),
      })
    })
  }

  /** The ACK of a 2xx to this INVITE. */
  acknowledge(invite: Request, answer?: string) {
    const ack = this.dialog.ack(invite)
    const body = bodyOf(ack.headers, bodyParts({ contentType: 'application/sdp', body: answer }))
    return this.context.layer.acknowledge({ ...ack, ...body }, this.#way())
  }

  #way(): Pick<SendOptions, 'to' | 'trust'> {
    const to = wayInside(this.dialog, this.flow) ?? wayInside(this.dialog, this.#ownFlow)
    const { trust } = this.options
    return { ...(to === undefined ? {} : { to }), ...(trust === undefined ? {} : { trust }) }
  }

  #prepare(request: Request, flow: Flow): void {
    if (!withContact.has(request.method)) return
    request.headers.setAll(Contact, [nameAddr(this.context.layer.contactOn(flow, this.options.contactUser))])
  }
}

export function putHeaders({ headers }: Pick<Request, 'headers'>, extra: ExtraHeaders = {}): void {
  for (const [name, value] of Object.entries(extra)) headers.setText(name, value)
}

export function bodyParts({ contentType, body }: Parts): { contentType?: string; body?: string } {
  return body === undefined ? {} : { body, ...(contentType === undefined ? {} : { contentType }) }
}

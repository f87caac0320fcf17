/**
 * Server apps that are asked who gets a call. A question is signed as Standard Webhooks have it (standardwebhooks.com),
 * with the access key that the app has in its connection string: nobody else can ask, and nobody can ask again later.
 */
import { createHmac } from 'node:crypto'
import { request as httpRequest, type ClientRequest, type IncomingMessage, type RequestOptions } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { GroupId, RoomId, UserId, type CallId, type EpochMs } from '@parley/protocol'
import * as z from 'zod/mini'
import type { NumberTarget } from './own-number.ts'
import { addressesOf } from './webhook-address.ts'

/** How long a server app may think about who gets a call. */
const answerMs = 5_000
/** It names one of three: whoever says so much more means something else. */
const mostBytes = 65_536

export type WebhookParts = {
  /** Each signs: an app that has one of them is content. */
  accessKeys: readonly Uint8Array[]
  now: () => EpochMs
}

export type WebhookCall = { callId: CallId; to: string; from: string | undefined; trunk: string | undefined }

type Named = Exclude<NumberTarget, { webhook: string }>

/** One of them, as a number's target is given; none of them names nobody. */
const Answer = z.union([
  z.object({ user: UserId }),
  z.object({ groupId: GroupId }),
  z.object({ roomId: RoomId }),
  z.pipe(
    z.object({ user: z.optional(z.never()), groupId: z.optional(z.never()), roomId: z.optional(z.never()) }),
    z.transform(() => undefined),
  ),
])

export class Webhooks {
  readonly #closing = new AbortController()

  constructor(private readonly parts: WebhookParts) {}

  /**
   * Who gets the call; undefined when the app names nobody.
   *
   * @throws {Error} when it gives no such answer in time
   */
  async ask(target: string, { callId, to, from, trunk }: WebhookCall): Promise<Named | undefined> {
    const signal = AbortSignal.any([this.#closing.signal, AbortSignal.timeout(answerMs)])
    const body = JSON.stringify({ callId, to, from, trunk })
    const url = new URL(target)
    const text = await untilAborted(signal, async () =>
      post(url, { body, headers: this.#signed(callId, body), addresses: await addressesOf(url), signal }),
    )
    return text === undefined ? undefined : readAnswer(text)
  }

  /** What is under way fails now. */
  close(): void {
    this.#closing.abort(new Error('The platform stops.'))
  }

  /** A question is asked once, so its call is its id. */
  #signed(id: CallId, body: string): Record<string, string> {
    const timestamp = String(Math.floor(this.parts.now() / 1000))
    const signatures = this.parts.accessKeys.map((key) => {
      const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')
      return `v1,${signature}`
    })
    return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures.join(' ') }
  }
}

type Post = {
  body: string
  headers: Record<string, string>
  addresses: Awaited<ReturnType<typeof addressesOf>>
  signal: AbortSignal
}

/** The text of the answer; undefined when there is no content. A redirect is not followed: it was not settled so. */
async function post(url: URL, { body, headers, addresses, signal }: Post): Promise<string | undefined> {
  const options: RequestOptions = {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
    // A connection of its own, which is closed with the answer.
    agent: false,
    lookup: (_host, { all }, found) =>
      all === true ? found(null, addresses) : found(null, addresses[0]?.address ?? '', addresses[0]?.family),
    signal,
  }
  const request = url.protocol === 'https:' ? httpsRequest(url, options) : httpRequest(url, options)
  const response = await answerTo(request, body)
  try {
    const { statusCode = 0 } = response
    if (statusCode < 200 || statusCode > 299) throw new Error(`It answered ${statusCode}.`)
    return statusCode === 204 ? undefined : await textOf(response)
  } finally {
    request.destroy()
  }
}

function answerTo(request: ClientRequest, body: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request.once('response', resolve).on('error', reject).end(body)
  })
}

async function textOf(response: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of response) {
    size += chunk.length
    if (size > mostBytes) throw new Error(`It answered more than ${mostBytes} bytes.`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}

function readAnswer(text: string): Named | undefined {
  try {
    return Answer.parse(JSON.parse(text))
  } catch (cause) {
    // What stands in it is not for the log.
    throw new Error('It answered something else than whom.', { cause })
  }
}

/** Names are looked up by the system, which takes its own time. */
async function untilAborted<T>(signal: AbortSignal, task: () => Promise<T>): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>()
  const abort = (): void => reject(signal.reason as Error) // ours, or the TimeoutError of the limit
  signal.addEventListener('abort', abort, { once: true })
  if (signal.aborted) abort()
  try {
    return await Promise.race([task(), aborted])
  } finally {
    signal.removeEventListener('abort', abort)
  }
}

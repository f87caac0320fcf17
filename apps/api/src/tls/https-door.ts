/**
 * The https door: a second server beside the http one. It hands requests to the same router and upgrades to the same
 * socket door, so that nothing behind it knows which one was used.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer, type Server } from 'node:https'
import type { Socket } from 'node:net'
import type { Logger } from 'pino'
import { httpLimits, type HttpLimits } from '../http-limits.ts'
import type { Certificates } from './certificates.ts'
import { TlsError } from './tls-error.ts'

export type HttpsDoorParts = {
  host: string
  port: number
  certificates: Certificates
  /** The router of the http door; Fastify's `routing`. */
  serve: (request: IncomingMessage, response: ServerResponse) => void
  log: Logger
  limits?: HttpLimits
}

/** A certificate about to end, or replaced by the operator, is noticed within half a day. */
const renewEveryMs = 12 * 3_600_000
/** How long a connection may take to send what is written when the door closes. */
const closeLimitMs = 1000

export class HttpsDoor {
  /** For who listens to upgrades. */
  readonly server: Server
  readonly #parts: HttpsDoorParts
  readonly #connections = new Set<Socket>()
  readonly #renewals: NodeJS.Timeout
  #renewing: Promise<void> = Promise.resolve()
  #closing: Promise<void> | undefined

  private constructor(server: Server, parts: HttpsDoorParts) {
    this.server = server
    this.#parts = parts
    server.on('connection', (socket: Socket) => {
      this.#connections.add(socket)
      socket.on('close', () => this.#connections.delete(socket))
    })
    this.#renewals = setInterval(() => {
      this.#renewing = this.renew()
    }, renewEveryMs).unref()
  }

  /** Opens the door. @throws TlsError when there is no certificate to show, or the port cannot be had */
  static async open(parts: HttpsDoorParts): Promise<HttpsDoor> {
    const limits = parts.limits ?? httpLimits
    const options = { ...limits, ...(await parts.certificates.current()), handshakeTimeout: limits.headersTimeout }
    const server = createServer(options, parts.serve)
    const door = new HttpsDoor(server, parts)
    try {
      await listen(server, parts)
    } catch (error) {
      await door.close()
      throw new TlsError(`HTTPS_PORT ${parts.port} cannot be opened on ${parts.host}. Set another one.`, error)
    }
    return door
  }

  /** The port that it listens on. */
  get port(): number {
    const address = this.server.address()
    return typeof address === 'object' && address !== null ? address.port : this.#parts.port
  }

  /** Shows new connections what the certificates are now. A failure leaves the old one in place. */
  async renew(): Promise<void> {
    try {
      this.server.setSecureContext(await this.#parts.certificates.current())
    } catch (error) {
      this.#parts.log.error({ err: error }, 'certificate.renew_failed')
    }
  }

  /** Closes the door and every connection through it. */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    clearInterval(this.#renewals)
    await this.#renewing
    const { promise: closed, resolve } = Promise.withResolvers<void>()
    this.server.close(() => resolve())
    for (const socket of this.#connections) socket.destroySoon()
    const limit = setTimeout(() => this.#connections.forEach((socket) => socket.destroy()), closeLimitMs)
    await closed
    clearTimeout(limit)
  }
}

async function listen(server: Server, { host, port }: HttpsDoorParts): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  server.once('error', reject)
  server.listen(port, host, () => resolve())
  await promise
  server.off('error', reject)
}

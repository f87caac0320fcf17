/**
 * What api and sfu know of the bus that joins them. Bodies are plain JSON data: the receiver gets a copy, and what is
 * undefined is absent. The bus is a hint: a request that fails may have been carried out, a fact may get lost.
 */

/** Answers requests to one subject. A thrown Refused is a Refused for the requester; anything else is *internal*. */
export type Server = (body: unknown) => Promise<unknown>

/** Hears what is published on one subject. It is called in the order of publishing and not waited for. */
export type Listener = (body: unknown) => void | Promise<void>

/** Ends what it was returned for. Calling it again does nothing. */
export type Stop = () => void

/** Told what a server or listener threw, so that its owner can log it: a listener that throws harms nobody else. */
export type OnBusError = (error: unknown, subject: string) => void

export interface Bus {
  /**
   * Asks whoever serves the subject, and gives the answer.
   *
   * @throws {Refused} as the server threw it
   * @throws {BusError} noServer, timedOut (the request may have been carried out) or closed
   * @throws the signal's reason when it aborts
   */
  request(subject: string, body: unknown, options: { timeoutMs: number; signal?: AbortSignal }): Promise<unknown>
  /** @throws {BusError} alreadyServed, closed */
  serve(subject: string, server: Server): Stop
  /** Tells everyone who listens, and one member of each group. @throws {BusError} closed */
  publish(subject: string, body: unknown): void
  /** Hears what is published from now on. @throws {BusError} closed */
  subscribe(subject: string, listener: Listener, options?: { group?: string }): Stop
  /** Rejects the requests that wait with *closed* and hears nothing more. What runs in a server may still end. */
  close(): Promise<void>
}

const says = {
  noServer: 'nobody serves it',
  timedOut: 'no answer came in time',
  closed: 'the bus is closed',
  alreadyServed: 'it is served already',
  malformed: 'the message does not have its shape',
}

export class BusError extends Error {
  readonly kind: keyof typeof says
  readonly subject: string

  constructor(kind: keyof typeof says, subject: string, options: { detail?: string; cause?: unknown } = {}) {
    super(`${subject}: ${says[kind]}${options.detail === undefined ? '' : ` (${options.detail})`}`, options)
    this.name = 'BusError'
    this.kind = kind
    this.subject = subject
  }
}

/** How long a client may take to say what it wants, in milliseconds; the names are Node's. */
export type HttpLimits = {
  /** Until the headers are complete; a socket that says nothing is closed then. */
  headersTimeout: number
  /** Until the whole request is here. */
  requestTimeout: number
  /** How often Node looks for sockets whose time is over; its own default would let them stay 30 s longer. */
  connectionsCheckingInterval: number
}

/** The same on the http and the https door. */
export const httpLimits: HttpLimits = {
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  connectionsCheckingInterval: 2000,
}

/** TLS that cannot be set up. The message says what is wrong and what to do. */
export class TlsError extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, { cause })
    this.name = 'TlsError'
  }
}

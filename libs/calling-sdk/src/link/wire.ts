export type OpenSocket = (url: string) => WebSocket

type WireListener = {
  opened(): void
  frame(text: unknown): void
  /** The socket is gone; nothing follows. */
  gone(code: number): void
}

/**
 * One WebSocket. It opens, hands over frames and says once that it is gone. One that was dropped is never heard again:
 * a closing handshake over a dead network would take minutes, so it is left to itself.
 */
export class Wire {
  readonly #socket: WebSocket

  constructor(url: string, openSocket: OpenSocket, listener: WireListener) {
    this.#socket = openSocket(url)
    this.#socket.onopen = () => listener.opened()
    this.#socket.onmessage = ({ data }: MessageEvent<unknown>) => listener.frame(data)
    // An error is always followed by a close, which carries the code.
    this.#socket.onclose = ({ code }) => {
      this.#silence()
      listener.gone(code)
    }
  }

  send(text: string): void {
    if (this.#socket.readyState === this.#socket.OPEN) this.#socket.send(text)
  }

  drop(): void {
    this.#silence()
    this.#socket.close()
  }

  #silence(): void {
    this.#socket.onopen = this.#socket.onmessage = this.#socket.onclose = null
  }
}

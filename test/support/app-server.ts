/**
 * Serves the pages of somebody's own app. Chromium takes every name under localhost for this machine, so each person
 * can have an origin of his own. The pages are really served: a page that a test only makes up comes from nowhere,
 * and Chromium lets such a page reach nothing on this machine.
 */
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

export class AppServer {
  readonly #server: Server
  readonly #html: string

  private constructor(server: Server, html: string) {
    this.#server = server
    this.#html = html
  }

  /** `html` is what every address shows; without it nothing. */
  static async open(html = ''): Promise<AppServer> {
    const server = createServer((_request, response) => {
      response.setHeader('content-type', 'text/html').end(`<!doctype html><title>An app</title>${app.#html}`)
    })
    const app = new AppServer(server, html)
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return app
  }

  /** The origin that is one person's alone. */
  originOf(name: string): string {
    const { port } = this.#server.address() as AddressInfo // it listens on TCP, so this is no path
    return `http://${name}.localhost:${port}`
  }

  async close(): Promise<void> {
    this.#server.close()
    this.#server.closeAllConnections()
    await once(this.#server, 'close')
  }
}

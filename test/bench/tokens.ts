/** Tokens over HTTP, as a server app gets them: signed requests on connections that are kept open. */
import { Agent, request } from 'node:http'
import { signRequest } from '@parley/identity'
import type { Platform } from '../support/platform.ts'
import { rateOf } from './rates.ts'
import { Reference } from './reference.ts'
import { takeTurns, type Measured } from './rounds.ts'
import { databasePids, serverOf } from './platform-under-test.ts'
import { load, oneByOne, rateLine } from './signalling.ts'

const rounds = 5
const roundMs = 2_000
/** So many apps ask at the same time, each on its connection. */
const clients = 16

export async function tokens(platform: Platform): Promise<Measured> {
  const users = await oneByOne(clients, async () => (await platform.identities.createUser()).communicationUserId)
  const reference = await Reference.start('tokens', {
    DATABASE_URL: platform.database.url,
    ACCESS_KEY: platform.accessKey,
  })
  const ours = new Client(platform.url, platform.accessKey)
  const bare = new Client(`http://localhost:${reference.port}`, platform.accessKey)
  const taken = await takeTurns(rounds, {
    ours: () =>
      rateOf(
        serverOf(platform),
        users.map((user) => () => ours.token(user)),
        roundMs,
      ),
    reference: () =>
      rateOf(
        { pid: reference.pid, databasePids: () => databasePids(platform) },
        users.map((user) => () => bare.token(user)),
        roundMs,
      ),
  })
  ours.close()
  bare.close()
  await reference.stop()
  return { lines: [rateLine('tokens, per processor second', taken, 0.6)], remarks: [load(taken)] }
}

/** Less than Microsoft's client does, so that the machine is left to the servers. */
class Client {
  readonly #url: string
  readonly #key: Buffer
  readonly #connections = new Agent({ keepAlive: true, maxSockets: clients })

  constructor(url: string, accessKey: string) {
    this.#url = url
    this.#key = Buffer.from(accessKey, 'base64')
  }

  token(user: string): Promise<void> {
    const method = 'POST'
    const target = `/identities/${encodeURIComponent(user)}/:issueAccessToken?api-version=2023-10-01`
    const { host, hostname, port } = new URL(this.#url)
    const body = '{"scopes":["voip"]}'
    const signature = signRequest({ method, target, host, body: Buffer.from(body) }, this.#key, Date.now())
    const headers = { ...signature, 'content-type': 'application/json', 'content-length': body.length }
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const asked = request({ agent: this.#connections, hostname, port, method, path: target, headers })
    asked.on('error', reject)
    asked.on('response', (answer) => {
      if (answer.statusCode !== 200) reject(new Error(`${this.#url} answered ${answer.statusCode}.`))
      answer.resume().on('end', resolve)
    })
    asked.end(body)
    return promise
  }

  close(): void {
    this.#connections.destroy()
  }
}

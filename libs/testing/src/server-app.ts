/** The part of a server app: makes users and issues their tokens over REST, with the access key. */
import { createHash, createHmac } from 'node:crypto'
import * as z from 'zod/mini'
import { UserId } from '@parley/protocol'

/** ACS's identity API, of whose answers the two fields below are read. */
const apiVersion = '2023-10-01'
const Created = z.object({ identity: z.object({ id: UserId }), accessToken: z.object({ token: z.string() }) })

export type User = { id: UserId; token: string }

export class ServerApp {
  readonly endpoint: URL
  readonly #key: Buffer

  /** @throws for anything but `endpoint=https://…;accesskey=…` */
  constructor(connectionString: string) {
    const parts = new Map(
      connectionString.split(';').map((part) => {
        const [name = '', ...value] = part.split('=')
        return [name.trim().toLowerCase(), value.join('=').trim()]
      }),
    )
    const [endpoint, key] = [parts.get('endpoint'), parts.get('accesskey')]
    if (endpoint === undefined || key === undefined || !URL.canParse(endpoint)) {
      throw new Error('A connection string is "endpoint=https://…;accesskey=…", as the platform prints it.')
    }
    this.endpoint = new URL(endpoint)
    this.#key = Buffer.from(key, 'base64')
  }

  /** A new user, with a token that allows calls over plain transports. */
  async createUser(): Promise<User> {
    const asked = { createTokenWithScopes: ['voip'], parley: { plainMedia: true } }
    const answer = await this.send('POST', `/identities?api-version=${apiVersion}`, asked)
    const { identity, accessToken } = Created.parse(await answer.json())
    return { id: identity.id, token: accessToken.token }
  }

  /** Sends a signed request (ACS: HMAC-SHA256 over verb, target, date, host and body). @throws when it is refused */
  async send(method: string, target: string, body: object): Promise<Response> {
    const text = JSON.stringify(body)
    const url = new URL(target, this.endpoint)
    const [date, hash] = [new Date().toUTCString(), createHash('sha256').update(text).digest('base64')]
    const signed = `${method}\n${url.pathname}${url.search}\n${date};${url.host};${hash}`
    const signature = createHmac('sha256', this.#key).update(signed).digest('base64')
    const answer = await fetch(url, {
      method,
      body: text,
      headers: {
        'content-type': 'application/json',
        'x-ms-date': date,
        'x-ms-content-sha256': hash,
        authorization: `HMAC-SHA256 SignedHeaders=x-ms-date;host;x-ms-content-sha256&Signature=${signature}`,
      },
    })
    if (!answer.ok) throw new Error(`${method} ${target} was answered with ${answer.status}: ${await answer.text()}`)
    return answer
  }
}

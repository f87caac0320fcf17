import type { RawId, RequestBody, RequestResult, Verb } from '@parley/protocol'
import type { Requests } from '../src/link/leg.ts'
import { Inbox } from './inbox.ts'

export type Asked = { verb: Verb; body: unknown; answers(ok: unknown): void; refuses(error: Error): void }

/** Takes the requests of legs, as a link that has sent them; a test answers them when it likes. */
export class RequestDesk implements Requests {
  isUp = true
  user: RawId | undefined
  readonly #asked = new Inbox<Asked>('a request')

  request<V extends Verb>(verb: V, body: RequestBody<V>): Promise<RequestResult<V>> {
    return new Promise((resolve, reject) => {
      // A test gives the result that the verb asks for.
      this.#asked.put({ verb, body, answers: (ok) => resolve(ok as RequestResult<V>), refuses: reject })
    })
  }

  async hears(verb: Verb): Promise<Asked> {
    const asked = await this.#asked.next()
    if (asked.verb !== verb) throw new Error(`Waited for ${verb}, and heard ${asked.verb}.`)
    return asked
  }

  get unheard(): Verb[] {
    return this.#asked.rest.map(({ verb }) => verb)
  }
}

/**
 * The demo's door at the server: a named identity for one hour, and who else is here. The page holds nothing but that
 * identity's own token; what came from the server is checked here, once.
 */
import * as z from 'zod/mini'
import type { Person } from './names.ts'
import { troubleSentences, type Sentence } from './sentences.ts'

/** An identity of one's own, and the token that proves it until `expiresAt`. */
export type Identity = Person & { token: string; expiresAt: number }

/** Why the door did not do what was asked; `sentence` is for people. */
export type DoorTrouble = 'tooMany' | 'demoOff' | 'nameRefused' | 'identityOver' | 'unreachable' | 'broken'

export class DoorError extends Error {
  readonly trouble: DoorTrouble

  constructor(trouble: DoorTrouble, cause?: unknown) {
    super(troubleSentences[trouble].says, { cause })
    this.name = 'DoorError'
    this.trouble = trouble
  }

  get sentence(): Sentence {
    return troubleSentences[this.trouble]
  }
}

const User = z.string().check(z.minLength(1), z.maxLength(512))
const PersonBody = z.object({ user: User, displayName: z.string() })
const PeopleBody = z.array(PersonBody)
const IdentityBody = z.extend(PersonBody, {
  token: z.string().check(z.minLength(1)),
  expiresOn: z.union([z.string(), z.number()]),
})

/** The longest that a person waits for an answer of the server, in milliseconds. */
const answerLimitMs = 8000

export class DemoDoor {
  readonly #origin: string

  /** @param origin of the server, `http://localhost:8080` */
  constructor(origin: string) {
    this.#origin = origin
  }

  /** A new identity of this name. @throws {DoorError} */
  async newIdentity(name: string, signal?: AbortSignal): Promise<Identity> {
    const body = await this.#ask('/demo/identities', signal, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name }),
    })
    return identityOf(parse(IdentityBody, body))
  }

  /** Who else is connected right now. @throws {DoorError} */
  async people(identity: Identity, signal?: AbortSignal): Promise<Person[]> {
    const headers = { authorization: `Bearer ${identity.token}` }
    const list = parse(PeopleBody, await this.#ask('/demo/people', signal, { headers }))
    return list.filter((person) => person.user !== identity.user)
  }

  async #ask(path: string, signal: AbortSignal | undefined, init: RequestInit): Promise<unknown> {
    const limit = AbortSignal.timeout(answerLimitMs)
    const response = await fetch(new URL(path, this.#origin), {
      ...init,
      cache: 'no-store',
      signal: signal === undefined ? limit : AbortSignal.any([signal, limit]),
    }).catch((error: unknown) => {
      throw new DoorError('unreachable', error)
    })
    if (!response.ok) throw new DoorError(troubleOf(response.status))
    return response.json().catch((error: unknown) => {
      throw new DoorError('broken', error)
    })
  }
}

function troubleOf(status: number): DoorTrouble {
  if (status === 429) return 'tooMany'
  if (status === 403 || status === 404) return 'demoOff'
  if (status === 401) return 'identityOver'
  if (status === 400 || status === 413 || status === 422) return 'nameRefused'
  return status >= 500 ? 'unreachable' : 'broken'
}

function parse<Schema extends z.ZodMiniType>(schema: Schema, body: unknown): z.infer<Schema> {
  const parsed = schema.safeParse(body)
  if (!parsed.success) throw new DoorError('broken', parsed.error)
  return parsed.data
}

function identityOf(body: z.infer<typeof IdentityBody>): Identity {
  const expiresAt = new Date(body.expiresOn).getTime()
  if (Number.isNaN(expiresAt)) throw new DoorError('broken')
  return { user: body.user, displayName: body.displayName, token: body.token, expiresAt }
}

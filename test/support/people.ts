/** Everyone in a test. One browser is shared; each person has a profile, an origin and a tone of his own. */
import type { CommunicationUserIdentifier } from '@azure/communication-common'
import type { TokenScope } from '@azure/communication-identity'
import type { Browser, BrowserContext } from 'playwright-core'
import { AppServer } from './app-server.ts'
import { embody, openBrowser } from './browser.ts'
import { desk, type Note } from './page/desk.ts'
import type { AccessToken } from './person/sdk-user.ts'
import { Person } from './person.ts'
import type { Platform } from './platform.ts'
import { tonesHz, type ToneHz } from './tones.ts'

export type Arrival = {
  /** What he hums; without it the next tone that nobody has. */
  tone?: ToneHz
  displayName?: string
  picture?: { width: number; height: number }
  /** The other device of someone who is here already. */
  sameUserAs?: Person
  /** On the page of someone who is here already: for crowds. He hums that one's tone. */
  beside?: Person
  scopes?: TokenScope[]
  /** Where tokens come from instead of the platform. */
  token?: () => Promise<AccessToken>
}

export class People {
  readonly #platform: () => Platform
  // Promises, because the first ones to come may come together.
  #browser: Promise<Browser> | undefined
  #app: Promise<AppServer> | undefined
  readonly #contexts: BrowserContext[] = []
  readonly #here = new Map<string, Person>()
  readonly #hummed = new Set<number>()
  readonly #faults: string[] = []

  constructor(platform: () => Platform) {
    this.#platform = platform
  }

  /** Opens a page for someone, who is not connected yet. */
  async come(name: string, arrival: Arrival = {}): Promise<Person> {
    if (this.#here.has(name)) throw new Error(`${name} is here already.`)
    const { beside, sameUserAs } = arrival
    const toneHz = beside?.toneHz ?? arrival.tone ?? this.#freeTone()
    this.#hummed.add(toneHz)
    const page = beside?.page ?? (await this.#openPage(name, { toneHz, ...arrival }))
    const user = sameUserAs?.user ?? (await this.#platform().identities.createUser())
    const person = new Person({ name, page, toneHz, user, token: this.#tokenSource(user, arrival) })
    this.#here.set(name, person)
    return person
  }

  /** Opens a page for someone and connects him: from now on he can call and be called. */
  async arrive(name: string, arrival: Arrival = {}): Promise<Person> {
    const person = await this.come(name, arrival)
    await person.connects(this.#platform().sdkUrl, arrival.displayName)
    return person
  }

  /** Sends everybody home. @throws when a page had an error that nobody caught */
  async leave(): Promise<void> {
    this.#here.clear()
    this.#hummed.clear()
    await Promise.all(this.#contexts.splice(0).map((context) => context.close()))
    const faults = this.#faults.splice(0)
    if (faults.length > 0) throw new Error(`Errors that nobody caught:\n${faults.join('\n')}`)
  }

  async close(): Promise<void> {
    await (await this.#browser)?.close()
    await (await this.#app)?.close()
  }

  async #openPage(name: string, { toneHz, picture = { width: 320, height: 180 } }: Arrival & { toneHz: number }) {
    this.#browser ??= openBrowser()
    this.#app ??= AppServer.open()
    const context = await (await this.#browser).newContext()
    this.#contexts.push(context)
    await embody(context, { toneHz, picture })
    await context.addInitScript(desk)
    await context.exposeBinding('note', (_source, note: Note) => this.#here.get(note.who)?.journal.add(note))
    await context.exposeBinding('freshToken', (_source, who: string) => this.#here.get(who)?.token())
    const page = await context.newPage()
    page.on('pageerror', (error) => this.#faults.push(`${name}: ${error.stack ?? error.message}`))
    await page.goto((await this.#app).originOf(name))
    return page
  }

  #tokenSource(user: CommunicationUserIdentifier, { token, scopes = ['voip'] }: Arrival): () => Promise<AccessToken> {
    if (token !== undefined) return token
    return async () => {
      const { token, expiresOn } = await this.#platform().identities.getToken(user, scopes)
      return { token, expiresOnTimestamp: expiresOn.getTime() }
    }
  }

  #freeTone(): ToneHz {
    const free = tonesHz.find((toneHz) => !this.#hummed.has(toneHz))
    if (free === undefined) throw new Error(`There are only ${tonesHz.length} tones; seat people beside each other.`)
    return free
  }
}

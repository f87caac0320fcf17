/** The REST doors on a real port, with everything behind them that they ask for. */
import { randomBytes, randomUUID } from 'node:crypto'
import { request as httpRequest, type IncomingHttpHeaders, type OutgoingHttpHeaders } from 'node:http'
import { NestFactory } from '@nestjs/core'
import type { NestFastifyApplication } from '@nestjs/platform-fastify'
import { CommunicationIdentityClient } from '@azure/communication-identity'
import { SipRoutingClient } from '@azure/communication-phone-numbers'
import { RoomsClient, type RoomsClientOptions } from '@azure/communication-rooms'
import { createSigningKey, SigningKeys, signRequest, Tokens } from '@parley/identity'
import { EpochMs, ResourceId, type RoomId, type TrunkHealth, type UserId } from '@parley/protocol'
import { pino } from 'pino'
import type { FirstPhones } from '../../src/phones/first-trunk.ts'
import { Sealing } from '../../src/phones/sealing.ts'
import { httpLimits, type HttpLimits } from '../../src/http-limits.ts'
import { createMetrics } from '../../src/rest/health/metrics.ts'
import type { ReadinessCheck } from '../../src/rest/health/readiness.ts'
import type { PhoneDoors } from '../../src/rest/phones/phone-doors.ts'
import { configureRest, restAdapter } from '../../src/rest/configure-rest.ts'
import type { Present } from '../../src/rest/demo/people.ts'
import { RestModule, type RestParts } from '../../src/rest/rest.module.ts'
import type { RoomChange } from '../../src/rooms/room-changes.ts'
import { readSettings, type Settings } from '../../src/settings.ts'
import type { Stores } from '../../src/store/index.ts'
import { TokenCheck } from '../../src/agents/token-check.ts'
import { MemoryIdentityStore } from './memory-identity-store.ts'

export type Answer = { status: number; headers: IncomingHttpHeaders; text: string; json: unknown }

export type Ask = {
  method?: string
  /** As it stands in the request line. */
  target: string
  headers?: OutgoingHttpHeaders
  body?: string | Buffer
}

/** What the doors of rooms, groups, surveys and phones keep their things in. */
type Kept = Pick<RestParts, 'roomStore' | 'groupStore' | 'surveyStore'> & {
  phones: Pick<Stores, 'phones' | 'phoneCalls'>
}

/** For stories that come to none of them. */
const nothing = new Proxy({}, { get: () => () => Promise.reject(new Error('These doors have no database.')) })
const noStores = {
  roomStore: nothing,
  groupStore: nothing,
  surveyStore: nothing,
  phones: { phones: nothing, phoneCalls: nothing },
} as Kept

type Beginning = { settings?: Partial<Settings>; limits?: HttpLimits; stores?: Stores }

export class RestDoors {
  readonly store = new MemoryIdentityStore()
  readonly resourceId = ResourceId.parse(randomUUID())
  readonly accessKey = randomBytes(64)
  readonly secondKey = randomBytes(64)
  readonly signingKeys = new SigningKeys([createSigningKey(EpochMs.parse(1))])
  /** Whose connections were ended, in order. */
  readonly voided: UserId[] = []
  /** While set, ending connections fails with it. */
  voidTrouble: Error | undefined
  /** What calls were told of their rooms, in order. */
  readonly roomChanges: ({ resourceId: ResourceId; roomId: RoomId } & RoomChange)[] = []
  /** While set, telling calls fails with it. */
  roomTrouble: Error | undefined
  /** How often sip nodes were told that trunks have changed, and what they have told of these. */
  trunksChanged = 0
  readonly trunkHealth: TrunkHealth[] = []
  readonly sealing = new Sealing(randomBytes(32))
  readonly checks: ReadinessCheck[] = []
  present: Present[] = []
  /** What was logged. */
  logged = ''
  /** How far the doors' clock is from the real one. */
  clockOffMs = 0
  port = 0
  #app: NestFastifyApplication | undefined

  /** Opens the doors of a platform of its own; `settings` are changes to the defaults. */
  static async open(settings: Partial<Settings> = {}, limits: HttpLimits = httpLimits): Promise<RestDoors> {
    const doors = new RestDoors()
    await doors.start({ settings, limits })
    return doors
  }

  /** Opens these doors. Those of rooms, groups, surveys and phones need `stores`, which stay with whoever opened them. */
  async start({ settings = {}, limits = httpLimits, stores }: Beginning = {}): Promise<void> {
    await stores?.ensureResource(this.resourceId)
    await this.#open({ ...readSettings({}), ...settings }, limits, stores === undefined ? noStores : keptIn(stores))
  }

  get host(): string {
    return `localhost:${this.port}`
  }

  get url(): string {
    return `http://${this.host}`
  }

  get app(): NestFastifyApplication {
    if (this.#app === undefined) throw new Error('The doors are not open.')
    return this.#app
  }

  /** Microsoft's own client, which signs with `key`. */
  client(key: Buffer = this.accessKey): CommunicationIdentityClient {
    return new CommunicationIdentityClient(`endpoint=${this.url}/;accesskey=${key.toString('base64')}`, {
      allowInsecureConnection: true,
      retryOptions: { maxRetries: 0 },
    })
  }

  /** Microsoft's own client for rooms. */
  rooms(options: RoomsClientOptions = {}): RoomsClient {
    return new RoomsClient(`endpoint=${this.url}/;accesskey=${this.accessKey.toString('base64')}`, {
      allowInsecureConnection: true,
      retryOptions: { maxRetries: 0 },
      ...options,
    })
  }

  /** Microsoft's own client for trunks and routes. */
  sip(): SipRoutingClient {
    return new SipRoutingClient(`endpoint=${this.url}/;accesskey=${this.accessKey.toString('base64')}`, {
      allowInsecureConnection: true,
      retryOptions: { maxRetries: 0 },
    })
  }

  /** Asks, exactly as it is told. */
  async ask({ method = 'GET', target, headers = {}, body = '' }: Ask): Promise<Answer> {
    const { promise, resolve, reject } = Promise.withResolvers<Answer>()
    const options = {
      host: '127.0.0.1',
      port: this.port,
      method,
      path: target,
      headers: { host: this.host, ...headers },
    }
    const sent = httpRequest({ ...options, timeout: 5000 }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString()
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text, json: jsonIn(text) })
      })
    })
    sent.on('timeout', () => sent.destroy(new Error(`${method} ${target} got no answer within 5 s.`)))
    sent.on('error', reject)
    sent.end(body)
    return promise
  }

  /** Asks with a signature, which `headers` may spoil. */
  async askSigned(ask: Ask, signed: { key?: Buffer; body?: string | Buffer; target?: string } = {}): Promise<Answer> {
    const body = Buffer.from(signed.body ?? ask.body ?? '')
    const request = { method: ask.method ?? 'GET', target: signed.target ?? ask.target, host: this.host, body }
    const signature = signRequest(request, signed.key ?? this.accessKey, Date.now())
    const type = ask.body === undefined ? {} : { 'content-type': 'application/json' }
    return this.ask({ ...ask, headers: { ...type, ...signature, ...ask.headers } })
  }

  async close(): Promise<void> {
    await this.#app?.close()
  }

  #endConnectionsOf(user: UserId): void {
    if (this.voidTrouble !== undefined) throw this.voidTrouble
    this.voided.push(user)
  }

  #tellCall(told: { resourceId: ResourceId; roomId: RoomId } & RoomChange): void {
    if (this.roomTrouble !== undefined) throw this.roomTrouble
    this.roomChanges.push(told)
  }

  #phones({ phones: store, phoneCalls: calls }: Kept['phones'], first: FirstPhones): PhoneDoors {
    const nodes = {
      changed: () => void (this.trunksChanged += 1),
      healthOf: (fqdn: string) => this.trunkHealth.filter((seen) => seen.fqdn === fqdn),
    }
    // Short pages, so that a few things fill several.
    return { resourceId: this.resourceId, store, calls, first, sealing: this.sealing, nodes, pageSize: 4 }
  }

  async #open(settings: Settings, limits: HttpLimits, kept: Kept): Promise<void> {
    const now = () => Date.now() + this.clockOffMs
    const tokens = new Tokens({ keys: this.signingKeys, issuer: settings.publicUrl, now })
    const metrics = createMetrics()
    const log = pino({}, { write: (line: string) => void (this.logged += line) })
    const parts = {
      settings,
      metrics,
      log,
      now,
      tokens,
      tokenCheck: new TokenCheck(tokens, this.store),
      resourceId: this.resourceId,
      accessKeys: [this.accessKey, this.secondKey],
      signingKeys: this.signingKeys,
      identityStore: this.store,
      tokensVoid: { onTokensVoid: async (user: UserId) => this.#endConnectionsOf(user) },
      ...kept,
      phones: this.#phones(kept.phones, settings.phones),
      roomChanges: {
        roomChanged: async (resourceId: ResourceId, roomId: RoomId, change: RoomChange) =>
          this.#tellCall({ resourceId, roomId, ...change }),
      },
      people: { present: () => this.present },
      checks: this.checks,
    }
    this.#app = await NestFactory.create<NestFastifyApplication>(RestModule.register(parts), restAdapter(limits), {
      logger: false,
      forceCloseConnections: true,
    })
    await configureRest(this.#app, parts)
    await this.#app.listen(0, '127.0.0.1')
    this.port = Number(new URL(await this.#app.getUrl()).port)
  }
}

function keptIn(stores: Stores): Kept {
  const { rooms: roomStore, groups: groupStore, surveys: surveyStore } = stores
  return { roomStore, groupStore, surveyStore, phones: stores }
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined // no JSON: `text` says what it is
  }
}

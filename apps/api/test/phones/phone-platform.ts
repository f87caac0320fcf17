/** A whole api node with a database and real sockets, and stand-ins for the nodes that have media and phones. */
import { randomUUID } from 'node:crypto'
import { CommunicationIdentityClient } from '@azure/communication-identity'
import { MemoryBus } from '@parley/bus'
import { openKeyFiles } from '@parley/identity'
import {
  CallId,
  PhoneNumber,
  RawId,
  type CallView,
  type EventBody,
  type PhoneNumber as Number,
  type RequestBody,
  type ResourceId,
  type UserId,
} from '@parley/protocol'
import { pino } from 'pino'
import { freePorts } from '../../../../test/support/ports.ts'
import { RawClient } from '../../../../test/support/raw-client.ts'
import { until } from '../../../../test/support/until.ts'
import { ApiNode, createMetrics, readSettings, Stores, type Settings } from '../../src/index.ts'
import type { NumberTarget } from '../../src/phones/own-number.ts'
import { emptyPhoneBook, newTrunk, type KeptTrunk, type PhoneBook } from '../../src/phones/phone-book.ts'
import type { PhoneCall } from '../../src/phones/phone-store.ts'
import { scratchFolder, silent } from '../../src/store/scratch.ts'
import { SfuStandIn } from './sfu-stand-in.ts'
import { SipStandIn } from './sip-stand-in.ts'

/** The number that calls show, and that may be called. */
export const ours = PhoneNumber.parse('+493099990')
export const sbc = 'sbc.example.com'

type Opened = { bus: MemoryBus; stores: Stores; api: ApiNode; sfu: SfuStandIn; sip: SipStandIn; resourceId: ResourceId }

export class PhonePlatform {
  readonly #clients: RawClient[] = []

  private constructor(
    /** What was logged above info, a line each. */
    readonly logged: readonly string[],
    private readonly opened: Opened,
  ) {}

  static async open(settings: Partial<Settings> = {}): Promise<PhonePlatform> {
    const dataDir = scratchFolder()
    const port = await freePorts(2)
    const logged: string[] = []
    const log = pino({ level: 'warn' }, { write: (line: string) => void logged.push(line) })
    const bus = new MemoryBus({ onError: (error) => logged.push(String(error)) })
    const given = { ...readSettings({ DATA_DIR: dataDir, PORT: `${port}`, HTTPS_PORT: `${port + 1}` }), ...settings }
    const stores = await Stores.create({ dataDir, log: silent })
    const api = await ApiNode.create({ settings: given, stores, bus, metrics: createMetrics(), log })
    const { resourceId } = await openKeyFiles(dataDir)
    const [sfu, sip] = [new SfuStandIn(bus), new SipStandIn(bus)]
    const platform = new PhonePlatform(logged, { bus, stores, api, sfu, sip, resourceId })
    await platform.settle()
    return platform
  }

  get sip(): SipStandIn {
    return this.opened.sip
  }
  get stores(): Stores {
    return this.opened.stores
  }
  get resourceId(): ResourceId {
    return this.opened.resourceId
  }

  /** Another sip node. */
  anotherSip(): SipStandIn {
    return new SipStandIn(this.opened.bus)
  }

  /** One trunk that may call Germany, a route to it, and a number to show. */
  async settle(book: Partial<PhoneBook> = {}, trunk: Partial<KeptTrunk> = {}): Promise<void> {
    const trunks = [{ ...newTrunk(sbc, 5061), allowedPrefixes: ['+49'], ...trunk }]
    const routes = [{ name: 'everywhere', numberPattern: '^\\+', trunks: [sbc] }]
    await this.stores.phones.changeBook(this.resourceId, () => ({ ...emptyPhoneBook, trunks, routes, ...book }))
    await this.stores.phones.keepNumber(this.resourceId, { number: ours })
  }

  /** Gives a number to somebody. */
  async give(number: Number, target: NumberTarget): Promise<void> {
    await this.stores.phones.keepNumber(this.resourceId, { number, target })
  }

  /** Somebody with a browser. */
  async user(name: string): Promise<PhoneUser> {
    const options = { allowInsecureConnection: true, retryOptions: { maxRetries: 0 } }
    const { http } = this.opened.api.connectionStrings
    const { token, user } = await new CommunicationIdentityClient(http, options).createUserAndToken(['voip'])
    const client = await RawClient.hello(name, endpointOf(http), token, { displayName: name })
    this.#clients.push(client)
    return new PhoneUser(client, user.communicationUserId as UserId)
  }

  /** The record of a phone's call, once it looks like this. */
  async recorded(legId: string | undefined, isIt: (call: PhoneCall) => boolean = () => true): Promise<PhoneCall> {
    return until('record of the call', async () => {
      const record = await this.recordOf(legId)
      return record !== undefined && isIt(record) ? { found: record } : { sawOnly: JSON.stringify(record ?? 'none') }
    })
  }

  /** The record of a phone's call, if there is one now. */
  async recordOf(legId: string | undefined): Promise<PhoneCall | undefined> {
    const records = await this.stores.phoneCalls.list(this.resourceId, 100, {})
    return records.find((record) => record.legId === legId)
  }

  async close(): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.close()))
    const { api, sfu, sip, bus, stores } = this.opened
    await api.close()
    sip.dies()
    sfu.close()
    await bus.close()
    await stores.close()
  }
}

/** Somebody with a browser, who calls telephones and is called by them. */
export class PhoneUser {
  constructor(
    readonly client: RawClient,
    readonly id: UserId,
  ) {}

  /** Calls numbers or people. */
  async calls(
    to: string | string[],
    more: Partial<RequestBody<'call.start'>> = {},
  ): Promise<{ call: CallView; sees: UserCall }> {
    const callId = CallId.parse(randomUUID())
    const ids = [to].flat().map((one) => RawId.parse(one))
    const { call } = await this.client.ask('call.start', { callId, to: ids, isMuted: false, callerId: ours, ...more })
    return { call, sees: new UserCall(this.client, call.callId) }
  }

  /** Waits for a call to come in. */
  async isCalled(matches: (call: CallView) => boolean = () => true): Promise<{ call: CallView; sees: UserCall }> {
    const { call } = await this.client.hears('call.incoming', ({ call: incoming }) => matches(incoming))
    return { call, sees: new UserCall(this.client, call.callId) }
  }
}

/** One call, as a user sees it. */
export class UserCall {
  constructor(
    private readonly client: RawClient,
    readonly callId: CallId,
  ) {}

  /** Waits until the call looks so. */
  async changed(matches: (call: CallView) => boolean): Promise<CallView> {
    const { call } = await this.client.hears('call.changed', ({ call: seen }) => this.#isIt(seen) && matches(seen))
    return call
  }

  /** Waits until the others look so. */
  async people(matches: (body: EventBody<'call.people'>) => boolean): Promise<void> {
    await this.client.hears('call.people', (body) => this.#isIt(body) && matches(body))
  }

  /** Waits until the call is over, and says why. */
  async ended(): Promise<CallView['end']> {
    const { call } = await this.client.hears('call.ended', ({ call: seen }) => this.#isIt(seen))
    return call.end
  }

  /** Gets sound and picture, so that the call can be connected. */
  async getsMedia(): Promise<void> {
    const join = { generation: 1, rtpCapabilities: {} }
    await this.client.ask('media.join', { callId: this.callId, join })
  }

  async hangsUp(): Promise<void> {
    await this.client.ask('call.hangUp', { callId: this.callId })
  }

  #isIt({ callId }: { callId: CallId }): boolean {
    return callId === this.callId
  }
}

function endpointOf(connectionString: string): string {
  const endpoint = /endpoint=([^;]+);/.exec(connectionString)?.[1]
  if (endpoint === undefined) throw new Error('The connection string names no endpoint.')
  return endpoint
}

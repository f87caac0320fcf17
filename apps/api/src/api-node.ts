/**
 * One api node, put together: stores, keys, the rules' carrying-out, the two doors. Read from top to bottom it is the
 * parts list of the process; close() takes it apart in the opposite order.
 */
import 'reflect-metadata'
import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { Module, type DynamicModule } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import type { NestFastifyApplication } from '@nestjs/platform-fastify'
import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import type { Bus } from '@parley/bus'
import { openKeyFiles, Tokens, type PlatformKeys } from '@parley/identity'
import { NodeId } from '@parley/protocol'
import { TokenCheck } from './agents/token-check.ts'
import { CallMedia } from './calls/media.ts'
import { Calls } from './calls/calls.ts'
import { DatabaseClock } from './calls/clock.ts'
import { Deadlines } from './calls/deadlines.ts'
import { Effects } from './calls/effects.ts'
import { MediaReports } from './calls/media-reports.ts'
import { RoomCalls } from './calls/room-calls.ts'
import { DeadNodes } from './nodes/dead-nodes.ts'
import { Nodes } from './nodes/nodes.ts'
import { LostPhones } from './phones/lost-phones.ts'
import { PhoneAsks } from './phones/phone-asks.ts'
import { PhoneDevices } from './phones/phone-devices.ts'
import { PhoneOrders } from './phones/phone-orders.ts'
import { Phones } from './phones/phones.ts'
import { Reception } from './phones/reception.ts'
import { Sealing } from './phones/sealing.ts'
import { TrunkTable } from './phones/trunk-table.ts'
import { Webhooks } from './phones/webhooks.ts'
import { Following } from './placing/following.ts'
import { Placing } from './placing/placing.ts'
import { Reachable } from './placing/reachable.ts'
import { MeetingPlaces } from './rooms/meeting-places.ts'
import { configureRest, restAdapter } from './rest/configure-rest.ts'
import { RestModule } from './rest/rest.module.ts'
import type { Settings } from './settings.ts'
import { AgentDoor } from './socket/agent-door.ts'
import { Requests } from './socket/requests.ts'
import { SessionHub } from './socket/session-hub.ts'
import { SocketAdapter } from './socket/socket-adapter.ts'
import { SocketModule } from './socket/socket.module.ts'
import type { Stores } from './store/index.ts'
import { authorityFile, certificatesFor } from './tls/certificates.ts'
import { HttpsDoor } from './tls/https-door.ts'

/** `stores` stay with whoever opened them: they are closed after the node. */
export type ApiParts = { settings: Settings; stores: Stores; bus: Bus; metrics: Registry; log: Logger }

@Module({})
class ApiModule {}

export class ApiNode {
  /** Made anew at each start: a restarted api is another node. */
  readonly id = NodeId.parse(`node_${randomUUID()}`)
  /** Undone last to first. */
  readonly #closing: (() => Promise<void> | void)[] = []

  private constructor(readonly connectionStrings: { https: string; http: string; caFile?: string }) {}

  /** Starts everything up to the open doors. What was opened before a failure is closed again. */
  static async create(parts: ApiParts): Promise<ApiNode> {
    const keys = await openKeyFiles(parts.settings.dataDir, parts.settings.accessKey)
    const node = new ApiNode(connectionStrings(parts.settings, keys))
    try {
      await node.#open(parts, keys)
    } catch (error) {
      await node.close()
      throw error
    }
    return node
  }

  /** Closes the doors and waits for what is under way. Goes on after a failure. */
  async close(): Promise<void> {
    const failures: unknown[] = []
    for (const close of this.#closing.splice(0).toReversed()) {
      try {
        await close()
      } catch (error) {
        failures.push(error)
      }
    }
    if (failures.length > 0) throw new AggregateError(failures, 'Not everything could be closed.')
  }

  #closeLater<T extends { close(): Promise<void> | void }>(part: T): T {
    this.#closing.push(() => part.close())
    return part
  }

  async #open({ settings, stores, bus, metrics, log }: ApiParts, keys: PlatformKeys): Promise<void> {
    const { limits } = settings
    const me = this.id
    await stores.ensureResource(keys.resourceId)
    const { calls: store, sessions, identities } = stores

    const nodes = this.#closeLater(new Nodes(me, bus))
    const clock = new DatabaseClock(() => store.now())
    const { resourceId } = keys
    const sealing = await Sealing.open(settings.dataDir)
    const phoneParts = { resourceId, store: stores.phones, first: settings.phones, sealing }
    const phones = new Phones({ ...phoneParts, calls: stores.phoneCalls, metrics, log })
    const phoneOrders = new PhoneOrders({ bus, phones, find: (one) => calls.find(one), orderMs: limits.orderMs })
    const effects = new Effects({
      store,
      bus,
      log,
      orderMs: limits.orderMs,
      isAlive: (one) => nodes.isAlive(one),
      phones: phoneOrders,
      forward: (callId, event) => calls.step(callId, event),
    })
    const deadlines = new Deadlines({ calls: () => calls, store, effects, clock, me, log })
    const calls = this.#closeLater(
      new Calls({ store, effects, clock, limits, me, log, onDeadline: (at) => deadlines.expect(at) }),
    )
    const media = new CallMedia({ calls, nodes, bus, orderMs: limits.orderMs })
    const reports = this.#closeLater(new MediaReports({ calls, store, nodes, bus, orderMs: limits.orderMs, log }))

    const tokens = new Tokens({ keys: keys.signingKeys, issuer: settings.publicUrl, now: () => clock.now() })
    const tokenCheck = new TokenCheck(tokens, identities)
    const hub = new SessionHub({
      store: sessions,
      ringing: store,
      calls,
      tokens: tokenCheck,
      bus,
      clock,
      limits,
      me,
      log,
    })
    const places = new MeetingPlaces(stores)
    const phoneDevices = new PhoneDevices({ phones, nodes, hasSoftphones: settings.isDemoOn })
    const reachable = new Reachable({ sessions, phones: phoneDevices })
    const webhooks = new Webhooks({ accessKeys: keys.accessKeys, now: () => clock.now() })
    const reception = new Reception({ phones, webhooks, people: settings.isDemoOn ? hub : undefined, log })
    const following = new Following({ calls, phones, reception })
    const placing = new Placing({ calls, nodes, reachable, places, phones: phoneDevices, following, clock })
    const { surveys } = stores
    const requests = new Requests({
      calls,
      media,
      placing,
      phones: phoneOrders,
      hub,
      surveys,
      tokens: tokenCheck,
      bus,
      clock,
    })
    const door = new AgentDoor({
      hub,
      requests,
      nodes,
      now: () => clock.now(),
      limits,
      messagesPerS: settings.socketMessagesPerS,
      log,
    })
    await this.#closeLater(deadlines).start()
    const lostPhones = this.#closeLater(new LostPhones({ calls, store, nodes, bus, orderMs: limits.orderMs, log }))
    this.#closeLater(new DeadNodes({ nodes, hub, reports, phones: lostPhones, log }))
    this.#closeLater(new PhoneAsks({ resourceId, bus, calls, placing, requests, phones, reception, log }))

    const trunks = this.#closeLater(new TrunkTable({ ...phoneParts, bus, now: () => clock.now(), log }))

    const rest = RestModule.register({
      settings,
      resourceId: keys.resourceId,
      accessKeys: keys.accessKeys,
      signingKeys: keys.signingKeys,
      tokens,
      tokenCheck,
      identityStore: identities,
      roomStore: stores.rooms,
      roomChanges: new RoomCalls(calls),
      groupStore: stores.groups,
      surveyStore: stores.surveys,
      phones: { ...phoneParts, calls: stores.phoneCalls, nodes: trunks },
      tokensVoid: hub,
      people: hub,
      checks: [
        { name: 'database', check: () => stores.ready() },
        { name: 'media', check: async () => void nodes.place() },
      ],
      metrics,
      log,
      now: () => clock.now(),
    })
    await this.#openDoors({ settings, metrics, log }, [rest, SocketModule.register(door)])
    this.#closeLater(hub) // first of all: a door waits for the sockets that came through it
  }

  async #openDoors(
    { settings, metrics, log }: Pick<ApiParts, 'settings' | 'metrics' | 'log'>,
    imports: DynamicModule[],
  ): Promise<void> {
    const api = { module: ApiModule, imports }
    const app = await NestFactory.create<NestFastifyApplication>(api, restAdapter(), { logger: false, rawBody: false })
    this.#closing.push(() => app.close())
    const sockets = new SocketAdapter()
    app.useWebSocketAdapter(sockets)
    await configureRest(app, { settings, metrics })
    await app.listen(settings.port, settings.host)
    const fastify = app.getHttpAdapter().getInstance()
    sockets.listenTo(fastify.server)
    const certificates = certificatesFor(settings, Date.now)
    const { host, httpsPort: port } = settings
    const serve = (request: IncomingMessage, response: ServerResponse): void => fastify.routing(request, response)
    const https = this.#closeLater(await HttpsDoor.open({ host, port, certificates, serve, log }))
    sockets.listenTo(https.server)
  }
}

function connectionStrings(settings: Settings, keys: PlatformKeys): ApiNode['connectionStrings'] {
  const accessKey = keys.accessKeys[0]?.toString('base64') ?? ''
  const host = settings.host === '0.0.0.0' || settings.host === '127.0.0.1' ? 'localhost' : settings.host
  return {
    https: `endpoint=https://${host}:${settings.httpsPort}/;accesskey=${accessKey}`,
    http: `endpoint=http://${host}:${settings.port}/;accesskey=${accessKey}`,
    ...(settings.tls === undefined ? { caFile: authorityFile(settings.dataDir) } : {}),
  }
}

/** The whole platform in one process: api, sfu, sip and the pages on the memory bus. This is what `npm start` runs. */
import { MemoryBus } from '@parley/bus'
import { ApiNode, createMetrics, readSettings, Stores } from '@parley/api'
import { readSfuSettings, SfuNode } from '@parley/sfu'
import { readSipSettings } from '@parley/sip-node'
import { pino } from 'pino'
import { measureMedia } from './media-metrics.ts'
import { openPhones } from './phone-network.ts'
import { measurePhones } from './phone-metrics.ts'
import { sayReady, sayWhyNot } from './words.ts'

const log = pino({ level: process.env.LOG_LEVEL ?? 'info' })
const opened: { close(): Promise<void> }[] = []

try {
  const settings = readSettings(process.env)
  const sfuSettings = readSfuSettings(process.env)
  const sipSettings = readSipSettings(process.env)
  const bus = open(new MemoryBus({ onError: (err, subject) => log.error({ err, subject }, 'bus.listener_failed') }))
  const stores = open(await Stores.create({ ...settings, log })) // first of all: DATA_DIR has one owner
  const sfu = open(await SfuNode.create({ bus, settings: sfuSettings, log }))
  const metrics = createMetrics()
  measureMedia(metrics, sfu)
  const api = open(await ApiNode.create({ settings, stores, bus, metrics, log }))
  // After api, which tells it its trunks, and so closed before it, which hears that phones are hung up.
  const sip = await openPhones(sipSettings, { bus, hasSoftphones: settings.isDemoOn, log })
  if (sip !== undefined) measurePhones(metrics, open(sip))
  const told = toldToStop()
  sayReady(settings, api.connectionStrings, sip?.listening ?? [])
  await told
} catch (error) {
  sayWhyNot(error)
  process.exitCode = 1
}
await closeAll()

function open<T extends { close(): Promise<void> }>(part: T): T {
  opened.push(part)
  return part
}

/** Closes what was opened, last to first, and goes on after a failure. */
async function closeAll(): Promise<void> {
  for (const part of opened.toReversed()) {
    await part.close().catch((err: unknown) => {
      log.error({ err }, 'process.close_failed')
      process.exitCode = 1
    })
  }
}

/** Resolves at the first SIGINT or SIGTERM. A second one ends the process at once. */
function toldToStop(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve())
  return promise
}

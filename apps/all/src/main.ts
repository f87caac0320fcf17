/** The whole platform in one process: api, sfu and the pages on the memory bus. This is what `npm start` runs. */
import { MemoryBus } from '@parley/bus'
import { ApiNode, createMetrics, readSettings } from '@parley/api'
import { readSfuSettings, SfuNode } from '@parley/sfu'
import { pino } from 'pino'
import { measureMedia } from './media-metrics.ts'
import { sayReady, sayWhyNot } from './words.ts'

const log = pino({ level: process.env.LOG_LEVEL ?? 'info' })

try {
  const settings = readSettings(process.env)
  const bus = new MemoryBus({ onError: (err, subject) => log.error({ err, subject }, 'bus.listener_failed') })
  const sfu = await SfuNode.create({ bus, settings: readSfuSettings(process.env), log })
  const metrics = createMetrics()
  measureMedia(metrics, sfu)
  const api = await ApiNode.create({ settings, bus, metrics, log }).catch(async (error: unknown) => {
    await sfu.close()
    throw error
  })
  const stop = onSignals(async () => {
    const outcomes = [await settled(api.close()), await settled(sfu.close()), await settled(bus.close())]
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason
  })
  sayReady(settings, api.connectionStrings)
  await stop
} catch (error) {
  sayWhyNot(error)
  process.exitCode = 1
}

/** The outcome of one step, so that the next one is taken in any case. */
async function settled(step: Promise<void>): Promise<PromiseSettledResult<void>> {
  const [outcome] = await Promise.allSettled([step])
  return outcome
}

/** Resolves when the process was told to stop and everything is closed. A second signal does not wait. */
function onSignals(close: () => Promise<void>): Promise<void> {
  return new Promise((stopped, failed) => {
    const stop = (): void => {
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, stop)
      close().then(stopped, failed)
    }
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, stop)
  })
}

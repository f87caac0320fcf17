/** What the media workers hold, by their own account, in /metrics. */
import type { SfuNode } from '@parley/sfu'
import { Gauge, type Registry } from 'prom-client'

/** Adds a gauge that asks the workers when /metrics is read. */
export function measureMedia(registry: Registry, sfu: SfuNode): void {
  const gauge = new Gauge({
    name: 'parley_media_objects',
    help: 'What the media workers hold, by kind: workers, routers, transports, producers, consumers',
    labelNames: ['kind'],
    registers: [registry],
    collect: async () => {
      for (const [kind, count] of Object.entries(await sfu.counts())) gauge.set({ kind }, count)
    },
  })
}

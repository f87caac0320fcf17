/** What the media workers hold, by their own account, in /metrics. */
import type { SfuNode } from '@parley/sfu'
import { Gauge, type Registry } from 'prom-client'

type Counts = Awaited<ReturnType<SfuNode['counts']>>

/** Adds gauges that ask the workers when /metrics is read. */
export function measureMedia(registry: Registry, sfu: SfuNode): void {
  const registers = [registry]
  // The gauges are read side by side: one question answers all of them.
  let asked: Promise<Counts> | undefined
  const count = (): Promise<Counts> => {
    asked ??= sfu.counts().finally(() => (asked = undefined))
    return asked
  }
  const objects = new Gauge({
    name: 'parley_media_objects',
    help: 'What the media workers hold, by kind: workers, routers, transports, producers, consumers',
    labelNames: ['kind'],
    registers,
    collect: async () => {
      const kinds = Object.entries(await count()).filter(([kind]) => !kind.includes('Bytes'))
      for (const [kind, number] of kinds) objects.set({ kind }, number)
    },
  })
  const bytes = (
    name: string,
    whose: string,
    bytesOf: (counts: Counts) => { received: number; sent: number },
  ): void => {
    const gauge = new Gauge({
      name,
      help: `RTP of ${whose}, over the transports that live now, by direction: received, sent`,
      labelNames: ['direction'],
      registers,
      collect: async () => {
        const { received, sent } = bytesOf(await count())
        gauge.set({ direction: 'received' }, received)
        gauge.set({ direction: 'sent' }, sent)
      },
    })
  }
  bytes('parley_media_browser_rtp_bytes', 'browsers', (counts) => ({
    received: counts.browserRtpBytesReceived,
    sent: counts.browserRtpBytesSent,
  }))
  bytes('parley_media_plain_rtp_bytes', 'participants without a browser', (counts) => ({
    received: counts.plainRtpBytesReceived,
    sent: counts.plainRtpBytesSent,
  }))
}

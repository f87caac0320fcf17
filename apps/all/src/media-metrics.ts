/** What the media workers hold, by their own account, in /metrics. */
import type { SfuNode } from '@parley/sfu'
import { Gauge, type Registry } from 'prom-client'

/** Adds gauges that ask the workers when /metrics is read. */
export function measureMedia(registry: Registry, sfu: SfuNode): void {
  const registers = [registry]
  const objects = new Gauge({
    name: 'parley_media_objects',
    help: 'What the media workers hold, by kind: workers, routers, transports, producers, consumers',
    labelNames: ['kind'],
    registers,
    collect: async () => {
      const { plainRtpBytesReceived: _received, plainRtpBytesSent: _sent, ...counts } = await sfu.counts()
      for (const [kind, count] of Object.entries(counts)) objects.set({ kind }, count)
    },
  })
  const bytes = new Gauge({
    name: 'parley_media_plain_rtp_bytes',
    help: 'RTP of participants without a browser, over the transports that live now, by direction: received, sent',
    labelNames: ['direction'],
    registers,
    collect: async () => {
      const { plainRtpBytesReceived, plainRtpBytesSent } = await sfu.counts()
      bytes.set({ direction: 'received' }, plainRtpBytesReceived)
      bytes.set({ direction: 'sent' }, plainRtpBytesSent)
    },
  })
}

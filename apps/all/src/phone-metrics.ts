/** What the sip node has, by its own account, in /metrics. */
import type { SipNode } from '@parley/sip-node'
import { Counter, Gauge, type Registry } from 'prom-client'

/** Adds gauges that look when /metrics is read. */
export function measurePhones(registry: Registry, sip: SipNode): void {
  const registers = [registry]
  const kinds = new Gauge({
    name: 'parley_phone_objects',
    help: 'What the sip node has, by kind: phones in calls, softphones that have registered, trunks, portsLeft',
    labelNames: ['kind'],
    registers,
    collect: () => {
      const { refused: _, trunksUp: __, ...counts } = sip.counts()
      for (const [kind, count] of Object.entries(counts)) kinds.set({ kind }, count)
    },
  })
  const trunks = new Gauge({
    name: 'parley_phone_trunk_up',
    help: 'Whether a trunk answers, and has registered us where it is to: 1 or 0',
    labelNames: ['trunk'],
    registers,
    collect: () => {
      trunks.reset() // one that has been taken away is not down
      for (const [trunk, isUp] of sip.counts().trunksUp) trunks.set({ trunk }, isUp ? 1 : 0)
    },
  })
  const refused = new Counter({
    name: 'parley_sip_refused_total',
    help: 'What was refused or dropped of SIP, by why',
    labelNames: ['why'],
    registers,
    collect: () => {
      // The node counts by itself; here is only what it has counted.
      refused.reset()
      for (const [why, count] of sip.counts().refused) refused.inc({ why }, count)
    },
  })
}

/** Looks once a second which nodes have died, and lets what they held go on elsewhere. */
import type { Logger } from 'pino'
import type { MediaReports } from '../calls/media-reports.ts'
import type { LostPhones } from '../phones/lost-phones.ts'
import type { SessionHub } from '../socket/session-hub.ts'
import type { Nodes } from './nodes.ts'

const roundMs = 1_000

export class DeadNodes {
  readonly #timer: NodeJS.Timeout
  #round: Promise<void> | undefined

  constructor(
    private readonly parts: { nodes: Nodes; hub: SessionHub; reports: MediaReports; phones: LostPhones; log: Logger },
  ) {
    this.#timer = setInterval(() => {
      this.#round ??= this.#look().finally(() => {
        this.#round = undefined
      })
    }, roundMs)
  }

  async close(): Promise<void> {
    clearInterval(this.#timer)
    await this.#round
  }

  async #look(): Promise<void> {
    const { nodes, hub, reports, phones, log } = this.parts
    if (!nodes.hasListened) return
    try {
      await hub.sweep(nodes.apis())
      await reports.loseDeadNodes()
      await phones.endDeadNodes()
    } catch (error) {
      log.warn({ error: String(error) }, 'nodes.round_failed') // the database is away: the next round looks again
    }
  }
}

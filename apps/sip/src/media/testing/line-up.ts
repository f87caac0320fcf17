/** Phones with their legs and their ends at the sfu, and the port range that a test file has for itself. Only tests import this module. */
import type { LegEvent } from '../leg-events.ts'
import type { PhoneLeg } from '../phone-leg.ts'
import { PhoneMedia } from '../phone-media.ts'
import type { Agreed, SdesKeys } from '../agreed.ts'
import { FarPhone } from './far-phone.ts'
import { FarSfu } from './far-sfu.ts'

export type Seated = { phone: FarPhone; leg: PhoneLeg; sfu: FarSfu; events: LegEvent[]; track: { ssrc: number } }

export class LineUp {
  readonly media: PhoneMedia
  readonly #all: Seated[] = []
  readonly #strangers: FarPhone[] = []

  constructor(firstPort: number, { ports = 40, threads = 1, listenIp = '127.0.0.1' } = {}) {
    const worker = Number(process.env['JEST_WORKER_ID'] ?? 1)
    const min = firstPort + 200 * worker
    this.media = new PhoneMedia({ listenIp: () => listenIp, ports: { min, max: min + ports - 1 }, threads })
  }

  /** A phone whose call is up, and whose leg is joined with the sfu. */
  async seats(
    codec: FarPhone['codec'],
    { call = 'call', keys, at, ...agreed }: Partial<Agreed> & { call?: string; keys?: SdesKeys; at?: string } = {},
  ): Promise<Seated> {
    const phone = await FarPhone.open(codec, keys, at)
    const leg = await this.media.open({ call })
    const sfu = await FarSfu.open(leg.sfuKeys)
    const events: LegEvent[] = []
    leg.on((event) => events.push(event))
    const { encodings } = await leg.connect(phone.agreed(agreed))
    await leg.bridge(sfu.media)
    const seated = { phone, leg, sfu, events, track: { ssrc: encodings?.[0]?.ssrc ?? 0 } }
    this.#all.push(seated)
    return seated
  }

  /** Somebody whom nobody has called. */
  async stranger(): Promise<FarPhone> {
    const stranger = await FarPhone.open('PCMU')
    this.#strangers.push(stranger)
    return stranger
  }

  /** Everybody hangs up. */
  async clears(): Promise<void> {
    const all = this.#all.splice(0)
    await Promise.all(this.#strangers.splice(0).map((stranger) => stranger.close()))
    await Promise.all(all.map(({ phone, leg, sfu }) => Promise.all([phone.close(), leg.close(), sfu.close()])))
  }

  async close(): Promise<void> {
    await this.clears()
    await this.media.close()
  }
}

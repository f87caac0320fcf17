/** Phones' sound in a process of its own, so that its processor time is its own. Started by phone-sound.ts. */
import type { ConsumerOptions } from '@parley/protocol'
import { PhoneMedia } from '@parley/sip-node'

/** A phone that is to be seated: where it is, and where the sfu is for it. */
export type Seat = { call: string; phonePort: number; sfuPort: number; sfuKeyBase64: string; sounds: ConsumerOptions[] }
export type Seated = { rtpPort: number; keyBase64: string }

const ip = '127.0.0.1'
const media = new PhoneMedia({ listenIp: () => ip, ports: { min: 31_000, max: 31_999 }, threads: 1 })

process.on('message', (seat: Seat) => void take(seat))
process.on('disconnect', () => process.exit())
process.send?.('ready')

async function take({ call, phonePort, sfuPort, sfuKeyBase64, sounds }: Seat): Promise<void> {
  const leg = await media.open({ call })
  const codec = { name: 'PCMU', sendAs: 0, receiveAs: 0 } as const
  await leg.connect({ ip, port: phonePort, codec, direction: 'sendrecv', isSymmetric: false, isVouchedFor: true })
  const srtpParameters = { cryptoSuite: 'AEAD_AES_128_GCM', keyBase64: sfuKeyBase64 } as const
  await leg.bridge({ ip, port: sfuPort, srtpParameters })
  await leg.hear(sounds)
  process.send?.({ rtpPort: leg.ports.rtp, keyBase64: leg.sfuKeys.keyBase64 } satisfies Seated)
}

/** Our user agent as one whom everybody calls, in a process of its own. Started by sip-calls.ts. */
import { answerAudio, openTransactionLayer, openUserAgent, parseSdp, writeSdp, type SessionMedia } from '@parley/sip'

const address = '127.0.0.1'
const pcmu = { payloadType: 0, name: 'PCMU', clockRate: 8_000, channels: 1 }

const agent = await openUserAgent({
  openLayer: (user) =>
    openTransactionLayer({
      user,
      listen: [{ transport: 'udp', address, port: 0 }],
      // One address has all the callers, and is no flood.
      invitesPerSecond: 1_000_000,
      limits: { messagesPerSecond: 1_000_000 },
    }),
  failed: (error) => console.error(error),
})

const media: SessionMedia = {
  answer: (offer, { direction }) => {
    const answered = answerAudio(parseSdp(offer), { address, port: 4_000, codecs: [pcmu], direction })
    if (answered === undefined) throw new Error('The caller does not speak PCMU.')
    return writeSdp(answered.description)
  },
  offer: () => Promise.reject(new Error('These callers offer.')),
  answered: () => undefined,
}

agent.on('invite', (call) => {
  call.ring()
  call.accept({ media }).catch((error: unknown) => console.error(error))
})
process.on('disconnect', () => process.exit())
process.send?.(agent.layer.listening[0]?.local.port)

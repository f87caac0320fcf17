/** A layer that hears what people with bad intentions send: it stays, answers what can be answered, and keeps nothing of it. */
import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { parseMessage } from '../messages/index.ts'
import { annAndBob } from '../testing/people.ts'

const words = ['INVITE', 'ACK', 'CANCEL', 'BYE', 'OPTIONS', 'SIP/2.0 200 OK', 'SIP/2.0 180 Ringing', 'SIP/2.0 503 No']
const message = fc.record({
  first: fc.constantFrom(...words),
  branch: fc.constantFrom('z9hG4bKa', 'z9hG4bKb', 'z9hG4bKann-1', 'z9hG4bK', 'old'),
  sentBy: fc.constantFrom('stranger', 'stranger:0', '[::1]:70', 'ann'),
  vias: fc.integer({ min: 1, max: 3 }),
  fromTag: fc.constantFrom(';tag=1', ';tag=2', ''),
  toTag: fc.constantFrom(';tag=bob', ''),
  number: fc.integer({ min: 0, max: 2 }),
  maxForwards: fc.constantFrom('70', '0', '255'),
  route: fc.constantFrom('', 'Route: <sip:bob;lr>\r\n', 'Record-Route: <sip:stranger;lr>\r\n'),
})

type Told = typeof message extends fc.Arbitrary<infer T> ? T : never

function textOf({ first, branch, sentBy, vias, fromTag, toTag, number, maxForwards, route }: Told): string {
  const isRequest = !first.startsWith('SIP')
  const method = isRequest ? first : 'INVITE'
  const via = `Via: SIP/2.0/UDP ${sentBy};rport;branch=${branch}\r\n`
  const start = isRequest ? `${first} sip:bob SIP/2.0` : first
  return `${start}\r\n${via.repeat(vias)}From: <sip:a>${fromTag}\r\nTo: <sip:b>${toTag}\r\nCall-ID: x\r\nCSeq: ${number} ${method}\r\nMax-Forwards: ${maxForwards}\r\n${route}\r\n`
}

describe('a layer among strangers', () => {
  it('stays, whatever they send, in whatever order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(message, { minLength: 1, maxLength: 12 }), fc.nat(4000), async (messages, pauseMs) => {
        const { clock, network, ann, bob } = annAndBob()
        bob.answers = (transaction) => transaction.reply(transaction.request.method === 'INVITE' ? 486 : 200)
        network.loses = ({ from }) => from === 'bob' && messages.length % 2 === 0
        const nobody = { message: () => undefined, flowClosed: () => undefined, noticed: () => undefined }
        const flow = await network.host('stranger')(nobody).connect(bob.server)
        for (const one of messages) {
          const text = textOf(one)
          if (parseMessage(Buffer.from(text)).is === 'message') await flow.send(Buffer.from(text))
          await clock.passes(pauseMs)
        }
        await clock.passes(80_000)
        expect(bob.layer.size).toBe(0)
        expect(bob.told.filter((what) => what.startsWith('userFailed'))).toEqual([])
        // Those who mean well are served as before.
        network.loses = () => false
        ann.asks('OPTIONS', [bob])
        await clock.passes(100)
        expect(ann.told).toEqual(['200'])
      }),
      { numRuns: 60 },
    )
  }, 30_000)
})

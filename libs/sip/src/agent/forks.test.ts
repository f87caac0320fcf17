/** An INVITE that has reached several telephones behind a proxy: RFC 3261 sections 12.1 and 13.2.2.4. */
import { expect, it } from '@jest/globals'
import { nameAddr, sipUri } from '../grammar/index.ts'
import { Contact, responseTo, type Response } from '../messages/index.ts'
import { Person } from '../testing/people.ts'
import { PaperMedia, place } from '../testing/phones.ts'
import type { ServerTransaction } from '../transactions/index.ts'

/** A response of one of the telephones behind the proxy. */
function says(transaction: ServerTransaction, tag: string, status: number, port?: number): Response {
  const body =
    port === undefined
      ? {}
      : {
          contentType: 'application/sdp',
          body: `v=0\r\no=- 1 1 IN IP4 192.0.2.9\r\ns=-\r\nc=IN IP4 192.0.2.9\r\nt=0 0\r\nm=audio ${port} RTP/AVP 0\r\n`,
        }
  const response = responseTo(transaction.request, status, { toTag: tag, ...body })
  response.headers.setAll(Contact, [nameAddr(sipUri({ user: tag, host: 'proxy' }))])
  return response
}

async function annCallsTheProxy(answers: (transaction: ServerTransaction) => void) {
  const around = place()
  const ann = await around.phone('ann')
  const proxy = new Person(around.network, around.clock, { address: 'proxy' })
  proxy.answers = (transaction) => {
    if (transaction.request.method === 'INVITE') answers(transaction)
    else transaction.reply(200)
  }
  const call = ann.calls({ name: 'proxy' })
  return { ...around, ann, proxy, call }
}

it('hears the early media of each, and talks with the one who has answered', async () => {
  const { clock, ann, call } = await annCallsTheProxy((transaction) => {
    transaction.respond(says(transaction, 'one', 183, 4001))
    transaction.respond(says(transaction, 'two', 183, 4002))
    clock.after(500, () => transaction.respond(says(transaction, 'one', 200, 4001)))
  })
  await clock.passes(1000)
  expect(ann.told).toEqual(['183 with media', '183 with media', 'confirmed'])
  expect(call.media.agreed?.remote.port).toBe(4001)
  expect(call.media.log).toEqual(['offers sendrecv', 'hears early sendrecv', 'hears early sendrecv', 'agrees sendrecv'])
  expect(call.replaceable?.toTag).toBe('one')
})

it('acknowledges a second one who has answered, and hangs up on him', async () => {
  const { clock, network, ann, proxy } = await annCallsTheProxy((transaction) => {
    transaction.respond(says(transaction, 'one', 200, 4001))
    clock.after(50, () => transaction.respond(says(transaction, 'two', 200, 4002)))
  })
  await clock.passes(1000)
  expect(network.flow).toEqual([
    'ann: INVITE',
    'proxy: 200',
    'ann: ACK',
    'proxy: 200',
    'ann: ACK',
    'ann: BYE',
    'proxy: 200', // prettier-ignore
  ])
  expect(proxy.requests.at(-1)?.request.headers.text('To')).toContain('tag=two')
  expect(ann.told).toEqual(['confirmed'])
})

it('acknowledges again when the one with whom it talks repeats his answer', async () => {
  const { clock, network } = await annCallsTheProxy((transaction) => {
    transaction.respond(says(transaction, 'one', 200, 4001))
    clock.after(500, () => transaction.respond(says(transaction, 'one', 200, 4001)))
  })
  await clock.passes(1000)
  expect(network.flow).toEqual(['ann: INVITE', 'proxy: 200', 'ann: ACK', 'proxy: 200', 'ann: ACK'])
})

it('takes a call that was answered by somebody who had never rung', async () => {
  const { clock, ann, call } = await annCallsTheProxy((transaction) => {
    transaction.respond(says(transaction, 'one', 180))
    clock.after(50, () => transaction.respond(says(transaction, 'three', 200, 4003)))
  })
  await clock.passes(1000)
  expect(ann.told).toEqual(['180', 'confirmed'])
  expect(call.media.agreed?.remote.port).toBe(4003)
})

it('ends with a failure when the answer cannot be read', async () => {
  const { clock, ann } = await annCallsTheProxy((transaction) => {
    const response = says(transaction, 'one', 200, 4001)
    response.headers.setText('Content-Type', 'nonsense')
    transaction.respond(response)
  })
  await clock.passes(1000)
  expect(ann.told).toEqual(['ended: failed by peer'])
})

it('answers no offer of its own with media that fail, yet the call goes on when only early sound does', async () => {
  const { clock, ann, failures, call } = await annCallsTheProxy((transaction) => {
    transaction.respond(says(transaction, 'one', 183, 0))
    clock.after(50, () => transaction.respond(says(transaction, 'one', 200, 4001)))
  })
  await clock.passes(1000)
  expect(ann.told).toEqual(['183 with media', 'confirmed'])
  expect(failures).toHaveLength(1)
  expect(call.media).toBeInstanceOf(PaperMedia)
})

/** Reliable provisional responses between two of our own: RFC 3262. */
import { expect, it } from '@jest/globals'
import { PaperMedia, place, type Phone } from '../testing/phones.ts'

/** Bob sounds before he answers. */
async function early(phone: (name: string) => Promise<Phone>) {
  const bob = await phone('bob')
  bob.answers = (call) => {
    call.useMedia(bob.media)
    call.progress().catch((error: unknown) => bob.told.push(`progress: ${String(error)}`))
  }
  return bob
}

it('a 183 with media is acknowledged by PRACK, and the 200 needs no description any more', async () => {
  const { clock, network, phone } = place()
  const ann = await phone('ann')
  const bob = await early(phone)
  const call = ann.calls(bob)
  await clock.passes(100)
  expect(network.flow).toEqual(['ann: INVITE', 'bob: 183', 'ann: PRACK', 'bob: 200'])
  const [ringing] = bob.incoming
  await Promise.all([ringing?.accept(), clock.passes(100)])
  const success = network.sent.find(
    ({ message }) =>
      message.headers.text('CSeq') === '1 INVITE' && message.kind === 'response' && message.status === 200,
  )
  expect(success?.message.body).toHaveLength(0)
  expect(call.media.log).toEqual(['offers sendrecv', 'hears early sendrecv'])
  expect(ann.told).toEqual(['183 with media', 'confirmed'])
  expect(bob.told).toEqual(['confirmed'])
})

it('is repeated while PRACK does not come, told once, and the 200 waits for it', async () => {
  const { clock, network, phone } = place()
  const ann = await phone('ann')
  const bob = await early(phone)
  let lost = 0
  network.loses = ({ message }) => message.kind === 'response' && message.status === 183 && (lost += 1) <= 2
  ann.calls(bob)
  await clock.passes(100)
  const [ringing] = bob.incoming
  void ringing?.accept()
  await clock.passes(100)
  expect(network.flow).not.toContain('bob: 200')
  await clock.passes(2000)
  expect(network.flow.filter((what) => what === 'bob: 183')).toHaveLength(3)
  expect(ann.told).toEqual(['183 with media', 'confirmed'])
})

it('that is never acknowledged refuses the call with 504', async () => {
  const { clock, network, phone } = place()
  const ann = await phone('ann')
  const bob = await early(phone)
  network.loses = ({ message }) => message.kind === 'request' && message.method === 'PRACK'
  const call = ann.calls(bob)
  await clock.passes(33_000)
  expect(call.end).toMatchObject({ why: 'rejected', status: 504 })
  expect(bob.told).toContain('ended: unconfirmed by peer 504')
  expect(bob.told).toContain('progress: SipFailure: no PRACK has come')
})

it('also 180 is reliable for a caller who demands it', async () => {
  const { clock, network, phone } = place()
  const ann = await phone('ann')
  const bob = await phone('bob')
  bob.answers = (call) => call.ring()
  ann.calls(bob, { reliable: 'required' })
  await clock.passes(100)
  expect(network.flow).toEqual(['ann: INVITE', 'bob: 180', 'ann: PRACK', 'bob: 200'])
})

it('an offer in a 183 is answered in the PRACK', async () => {
  const { clock, network, phone } = place()
  const ann = await phone('ann')
  const bob = await early(phone)
  const call = ann.calls(bob, { hasOffer: false })
  await clock.passes(100)
  expect(bob.media.log).toEqual(['offers sendrecv', 'hears early sendrecv'])
  const [ringing] = bob.incoming
  await Promise.all([ringing?.accept(), clock.passes(100)])
  expect(call.media.log).toEqual(['answers sendrecv'])
  expect(network.sent.at(-1)?.message).toMatchObject({ method: 'ACK', body: { length: 0 } })
  expect(ann.told).toEqual(['183 with media', 'confirmed'])
})

it('an answer that came in the PRACK is with the media before the call is accepted', async () => {
  const { clock, phone, failures } = place()
  const ann = await phone('ann')
  const bob = await phone('bob')
  bob.media = new (class extends PaperMedia {
    override async answered(answer: string, how: { isEarly: boolean }): Promise<void> {
      await new Promise<void>((resolve) => void clock.after(300, resolve))
      await super.answered(answer, how)
    }
  })()
  bob.answers = (call) => {
    call.useMedia(bob.media)
    void Promise.all([call.progress(), call.progress(182)]).then(() => call.accept())
  }
  const call = ann.calls(bob, { hasOffer: false })
  await clock.passes(1000)
  expect(call.state).toBe('confirmed')
  expect(bob.media.log).toEqual(['offers sendrecv', 'hears early sendrecv'])
  expect(bob.told).toEqual(['confirmed'])
  expect(failures).toEqual([])
})

it('a caller who has gone stops the repetitions', async () => {
  const { clock, network, phone } = place()
  const ann = await phone('ann')
  const bob = await early(phone)
  network.loses = ({ message }) => message.kind === 'request' && message.method === 'PRACK'
  const call = ann.calls(bob)
  await clock.passes(100)
  void call.terminate()
  await clock.passes(100)
  const before = network.flow.filter((what) => what === 'bob: 183').length
  await clock.passes(10_000)
  expect(network.flow.filter((what) => what === 'bob: 183')).toHaveLength(before)
  expect(bob.told).toContain('progress: SipFailure: the session is over')
})

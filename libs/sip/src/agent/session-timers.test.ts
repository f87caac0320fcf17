/** Session timers between two of our own, both roles: RFC 4028. */
import { describe, expect, it } from '@jest/globals'
import { Dialog } from '../dialogs/index.ts'
import { nameAddr, sipUri } from '../grammar/index.ts'
import { Contact } from '../messages/index.ts'
import { offerAudio, writeSdp } from '../sdp/index.ts'
import { Person, requestOf } from '../testing/people.ts'
import { annCallsBob, pcmu, place } from '../testing/phones.ts'

const minutes = 60_000

describe('a session', () => {
  it('is refreshed at half of its time by UPDATE, and lives on for hours', async () => {
    const { clock, network, ann, bob, call } = await annCallsBob()
    await clock.passes(16 * minutes)
    expect(network.flow.slice(3)).toEqual(['ann: UPDATE', 'bob: 200'])
    await clock.passes(120 * minutes)
    expect(call.state).toBe('confirmed')
    expect(ann.told).toEqual(['confirmed'])
    expect(bob.told).toEqual(['confirmed'])
  })

  it('is refreshed also while it is on hold', async () => {
    const { clock, call } = await annCallsBob()
    await Promise.all([call.hold(), clock.passes(200)])
    await clock.passes(60 * minutes)
    expect([call.state, call.wish]).toEqual(['confirmed', 'sendonly'])
  })

  it('that the other side does not refresh any more ends a little before its time', async () => {
    const { clock, network, bob } = await annCallsBob()
    network.loses = ({ from }) => from === 'ann'
    await clock.passes(1800 * 1000 - 33_000)
    expect(bob.told).toEqual(['confirmed'])
    await clock.passes(2000)
    expect(bob.told.at(-1)).toBe('ended: expired by peer 408')
    expect(network.flow).toContain('bob: BYE')
  })

  it('whose refresh nobody answers is over', async () => {
    const { clock, network, ann } = await annCallsBob()
    network.loses = ({ from }) => from === 'bob'
    await clock.passes(16 * minutes)
    expect(ann.told.at(-1)).toBe('ended: lost by peer 408')
  })

  it('whose connection is lost and cannot be opened again is over by its time, and nothing of it is left', async () => {
    const { clock, network, ann, call } = await annCallsBob({ transport: 'tcp' })
    network.leaves('bob')
    network.breaks('ann')
    await clock.passes(16 * minutes)
    expect(call.state).toBe('confirmed')
    await clock.passes(14 * minutes)
    expect(ann.told).toEqual(['confirmed', 'ended: expired by peer 408'])
    expect([ann.agent.sessions, ann.agent.layer.size]).toEqual([[], 0])
  })

  it('for which too short a time is asked is asked for again: 422', async () => {
    const { clock, network, phone } = place()
    const ann = await phone('ann', { limits: { sessionExpiresS: 90 } })
    const bob = (await phone('bob', { limits: { minSessionExpiresS: 600 } })).acceptsAll()
    ann.calls(bob)
    await clock.passes(200)
    expect(network.flow).toEqual(['ann: INVITE', 'bob: 422', 'ann: ACK', 'ann: INVITE', 'bob: 200', 'ann: ACK'])
    expect(network.sent[4]?.message.headers.text('Session-Expires')).toBe('600;refresher=uac')
  })

  it('does not expire when neither wants that', async () => {
    const { clock, network, phone } = place()
    const ann = await phone('ann', { limits: { sessionExpiresS: 0 } })
    const bob = (await phone('bob', { limits: { sessionExpiresS: 0 } })).acceptsAll()
    ann.calls(bob)
    await clock.passes(100 * minutes)
    expect(network.flow).toEqual(['ann: INVITE', 'bob: 200', 'ann: ACK'])
  })
})

it('a far end that knows no timers is refreshed by us, by re-INVITE, and forgiven other refusals', async () => {
  const { clock, network, phone } = place()
  const bob = (await phone('bob', { limits: { sessionExpiresS: 600 } })).acceptsAll()
  const ann = new Person(network, clock, { address: 'ann' })
  ann.answers = (transaction) => transaction.reply(500)
  const body = writeSdp(offerAudio({ address: '192.0.2.9', port: 5000, codecs: [pcmu], direction: 'sendrecv' }))
  const { headers, ...rest } = requestOf('INVITE', sipUri({ user: 'bob', host: 'bob' }))
  headers.setAll(Contact, [nameAddr(sipUri({ host: 'ann' }))])
  ann.layer.send(
    { ...rest, headers, body: new TextEncoder().encode(body) },
    {
      final: (response, flow) => {
        expect(response.headers.text('Session-Expires')).toBe('600;refresher=uas')
        const dialog = Dialog.asCaller({ ...rest, headers }, response)
        ann.layer.acknowledge(dialog.ack({ ...rest, headers }), { to: { by: 'flow', flow } })
      },
      failed: () => undefined,
    },
    { to: { by: 'servers', servers: [{ transport: 'udp', address: 'bob', port: 5060, domain: 'bob' }] } },
  )
  await clock.passes(200)
  expect(bob.told).toEqual(['confirmed'])
  await clock.passes(301_000)
  expect(network.flow.slice(3)).toEqual(['bob: INVITE', 'ann: 500', 'bob: ACK'])
  await clock.passes(40_000)
  expect(network.flow.filter((what) => what === 'bob: INVITE')).toHaveLength(2)
  expect(bob.told).toEqual(['confirmed'])
})

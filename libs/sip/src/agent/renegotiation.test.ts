/** What changes while a call is up: re-INVITE (RFC 3261 section 14) and UPDATE (RFC 3311). */
import { describe, expect, it } from '@jest/globals'
import { Dialog } from '../dialogs/index.ts'
import { nameAddr, sipUri } from '../grammar/index.ts'
import { bodyOf, Contact, responseTo, To } from '../messages/index.ts'
import { offerAudio, writeSdp } from '../sdp/index.ts'
import { Person } from '../testing/people.ts'
import { annCallsBob, g729, pcmu, place } from '../testing/phones.ts'
import type { ClientListener, SendOptions } from '../transactions/index.ts'
import type { InviteSession } from './session.ts'

describe('hold', () => {
  it('is heard by the other side, and taken back by resume', async () => {
    const { clock, ann, bob, call, answered } = await annCallsBob()
    await Promise.all([call.hold(), clock.passes(200)])
    expect([call.wish, answered.peerDirection]).toEqual(['sendonly', 'sendonly'])
    expect([call.media.agreed?.direction, bob.media.agreed?.direction]).toEqual(['sendonly', 'recvonly'])
    await Promise.all([call.resume(), clock.passes(200)])
    expect([call.media.agreed?.direction, bob.media.agreed?.direction]).toEqual(['sendrecv', 'sendrecv'])
    expect(bob.told).toEqual([
      'confirmed',
      'peer sendonly',
      'renegotiated by peer',
      'peer sendrecv',
      'renegotiated by peer', // prettier-ignore
    ])
    expect(ann.told).toEqual([
      'confirmed',
      'peer recvonly',
      'renegotiated by us',
      'peer sendrecv',
      'renegotiated by us',
    ])
  })

  it('of both sides is silence until both have taken it back', async () => {
    const { clock, bob, call, answered } = await annCallsBob()
    await Promise.all([call.hold(), clock.passes(200)])
    await Promise.all([answered.hold(), clock.passes(200)])
    expect([call.media.agreed?.direction, bob.media.agreed?.direction]).toEqual(['inactive', 'inactive'])
    await Promise.all([call.resume(), clock.passes(200)])
    expect([call.media.agreed?.direction, bob.media.agreed?.direction]).toEqual(['recvonly', 'sendonly'])
    await Promise.all([answered.resume(), clock.passes(200)])
    expect([call.media.agreed?.direction, bob.media.agreed?.direction]).toEqual(['sendrecv', 'sendrecv'])
  })

  it('and resume asked for at once go out one after the other', async () => {
    const { clock, network, call } = await annCallsBob()
    await Promise.all([call.hold(), call.resume(), clock.passes(500)])
    expect(network.flow.slice(3)).toEqual([
      'ann: INVITE',
      'bob: 200',
      'ann: ACK',
      'ann: INVITE',
      'bob: 200',
      'ann: ACK',
    ])
    expect(call.media.agreed?.direction).toBe('sendrecv')
  })
})

it('an offer that does not fit is refused with 488, and the call goes on as it was', async () => {
  const { clock, network, bob, call } = await annCallsBob()
  call.media.codecs = [g729]
  const refused = expect(call.reoffer()).rejects.toMatchObject({ code: 'refused', status: 488 })
  await clock.passes(200)
  await refused
  expect(network.flow.slice(3)).toEqual(['ann: INVITE', 'bob: 488', 'ann: ACK'])
  expect(call.state).toBe('confirmed')
  expect(call.media.log.at(-1)).toBe('withdraws')
  expect(bob.told).toEqual(['confirmed'])
  call.media.codecs = bob.media.codecs
  await Promise.all([call.reoffer(), clock.passes(200)])
})

it('two offers that meet are both refused with 491, and put again after pauses that differ', async () => {
  const { clock, network, bob, call, answered } = await annCallsBob()
  const done = Promise.all([call.hold(), answered.reoffer()])
  await clock.passes(100)
  expect(network.flow.filter((what) => what.endsWith('491'))).toHaveLength(2)
  await clock.passes(5000)
  await done
  expect([call.media.agreed?.direction, bob.media.agreed?.direction]).toEqual(['sendonly', 'recvonly'])
})

it('a re-INVITE whose answer is lost is repeated and acknowledged', async () => {
  const { clock, network, bob, call } = await annCallsBob()
  let lost = 0
  network.loses = ({ message }) => message.kind === 'request' && message.method === 'ACK' && (lost += 1) <= 1
  await Promise.all([call.hold(), clock.passes(2000)])
  expect(network.flow.slice(3)).toEqual(['ann: INVITE', 'bob: 200', 'ann: ACK', 'bob: 200', 'ann: ACK'])
  expect(bob.told.at(-1)).toBe('renegotiated by peer')
})

it('a re-INVITE that nobody answers ends the call', async () => {
  const { clock, network, ann, call } = await annCallsBob()
  network.loses = () => true
  const lost = expect(call.hold()).rejects.toMatchObject({ code: 'timeout' })
  await clock.passes(70_000)
  await lost
  expect(ann.told.at(-1)).toBe('ended: lost by peer 408')
})

it('a call that ends while an offer is out rejects it', async () => {
  const { clock, call, answered } = await annCallsBob()
  const held = expect(call.hold()).rejects.toMatchObject({ name: 'SipFailure' })
  void answered.terminate()
  await clock.passes(5000)
  await held
  expect(call.end).toMatchObject({ why: 'bye', by: 'peer' })
})

it('media that cannot live with an answer end the call: there is no way back', async () => {
  const { clock, ann, call } = await annCallsBob()
  call.media.answered = () => {
    throw new Error('no port is left')
  }
  const failed = expect(call.reoffer()).rejects.toMatchObject({ code: 'media' })
  await clock.passes(500)
  await failed
  expect(ann.told.at(-1)).toBe('ended: media by us')
})

it('an INVITE inside of the call without an offer gets ours, and its ACK has to bring the answer', async () => {
  const { clock, network, phone } = place()
  const ann = await phone('ann')
  const bob = new Person(network, clock, { address: 'bob' })
  const description = writeSdp(offerAudio({ address: '192.0.2.9', port: 5000, codecs: [pcmu], direction: 'sendrecv' }))
  bob.answers = (transaction) => {
    const { toTag, request } = transaction
    const response = responseTo(request, 200, { toTag, contentType: 'application/sdp', body: description })
    response.headers.setAll(Contact, [nameAddr(sipUri({ host: 'bob' }))])
    transaction.respond(response)
  }
  const call = ann.calls({ name: 'bob' })
  await clock.passes(100)
  expect(call.state).toBe('confirmed')

  const [invited] = bob.requests
  if (invited === undefined) throw new Error('bob was not called')
  const dialog = Dialog.asCallee(invited.request, invited.toTag)
  const way: SendOptions = { to: { by: 'flow', flow: invited.flow } }
  const listener = (answer: string | undefined): ClientListener => ({
    ...bob.listener(),
    final: () => {
      const ack = dialog.ack(reinvite)
      bob.layer.acknowledge({ ...ack, ...bodyOf(ack.headers, answer === undefined ? {} : { body: answer }) }, way)
    },
  })
  let reinvite = dialog.request('INVITE')
  bob.layer.send(reinvite, listener(description), way)
  await clock.passes(200)
  expect(call.media.log).toEqual(['offers sendrecv', 'agrees sendrecv', 'offers sendrecv', 'agrees sendrecv'])
  expect(ann.told).toEqual(['confirmed', 'renegotiated by peer'])

  reinvite = dialog.request('INVITE')
  bob.layer.send(reinvite, listener(undefined), way)
  await clock.passes(200)
  expect(ann.told.at(-1)).toBe('ended: media by us')
})

it('UPDATE changes the media as well, and one that comes too late by its number is refused', async () => {
  const { clock, network, bob, answered, ann, call } = await annCallsBob()
  const dialog = dialogOfAnn(call)
  const description = writeSdp(offerAudio({ address: '192.0.2.1', port: 4000, codecs: [pcmu], direction: 'sendonly' }))
  const update = dialog.request('UPDATE')
  const late = dialog.request('UPDATE')
  ann.agent.layer.send({ ...late, ...bodyOf(late.headers, { body: description }) }, silent)
  await clock.passes(100)
  expect([answered.peerDirection, bob.media.agreed?.direction]).toEqual(['sendonly', 'recvonly'])
  ann.agent.layer.send(update, silent)
  await clock.passes(100)
  expect(network.flow.slice(3)).toEqual(['ann: UPDATE', 'bob: 200', 'ann: UPDATE', 'bob: 500'])
})

const silent: ClientListener = { final: () => undefined, failed: () => undefined }

/** Ann's end of the dialog, to send in it what a session of ours would not. */
function dialogOfAnn(call: InviteSession): Dialog {
  const { invite, remote } = call
  const response = responseTo(invite, 200)
  response.headers.set(To, remote).setAll(Contact, [nameAddr(sipUri({ host: 'bob' }))])
  return Dialog.asCaller(invite, response)
}

it('a call outlives its connection: the next request opens another one, from either side', async () => {
  const { clock, network, ann, bob, call, answered } = await annCallsBob({ transport: 'tcp' })
  network.breaks('ann')
  network.breaks('bob')
  await Promise.all([call.hold(), clock.passes(500)])
  network.breaks('ann')
  network.breaks('bob')
  await Promise.all([answered.hold(), clock.passes(500)])
  expect([call.media.agreed?.direction, bob.media.agreed?.direction]).toEqual(['inactive', 'inactive'])
  network.breaks('ann')
  network.breaks('bob')
  await Promise.all([answered.terminate(), clock.passes(500)])
  expect(ann.told.at(-1)).toBe('ended: bye by peer')
})

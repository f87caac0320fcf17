/** Calls from their INVITE to their end, as RFC 3261 sections 13 and 15 tell them. */
import { describe, expect, it } from '@jest/globals'
import { DigestServer } from '../digest/index.ts'
import { annCallsBob, g729, PaperMedia, place } from '../testing/phones.ts'

describe('a call', () => {
  it('rings, is answered, and is hung up by the one who has called', async () => {
    const { clock, network, phone, failures } = place()
    const ann = await phone('ann')
    const bob = await phone('bob')
    bob.answers = (call) => call.ring()
    const call = ann.calls(bob)
    expect(call.state).toBe('trying')
    await clock.passes(100)
    expect(call.state).toBe('early')
    const [ringing] = bob.incoming
    if (ringing === undefined) throw new Error('bob was not called')
    bob.accepts(ringing)
    await clock.passes(100)
    expect([call.state, ringing.state]).toEqual(['confirmed', 'confirmed'])
    expect(call.media.agreed?.direction).toBe('sendrecv')
    const ended = call.terminate({ reason: 'Q.850;cause=16' })
    await clock.passes(100)
    expect(await ended).toMatchObject({ why: 'bye', by: 'us' })
    expect(ringing.end).toMatchObject({ why: 'bye', by: 'peer', reasons: [{ value: 'Q.850' }] })
    expect(network.flow).toEqual([
      'ann: INVITE',
      'bob: 180',
      'bob: 200',
      'ann: ACK',
      'ann: BYE',
      'bob: 200', // prettier-ignore
    ])
    expect(ann.told).toEqual(['180', 'confirmed', 'ended: bye by us'])
    expect(bob.told).toEqual(['confirmed', 'ended: bye by peer'])
    expect(failures).toEqual([])
  })

  it('is hung up by the one who was called', async () => {
    const { clock, ann, bob, answered } = await annCallsBob()
    void answered.terminate()
    await clock.passes(100)
    expect(ann.told.at(-1)).toBe('ended: bye by peer')
    expect(bob.told.at(-1)).toBe('ended: bye by us')
    expect(ann.agent.sessions).toEqual([])
    expect(bob.agent.sessions).toEqual([])
  })

  it('that both hang up at once ends once on each side', async () => {
    const { clock, network, ann, bob, call, answered } = await annCallsBob()
    void call.terminate()
    void answered.terminate()
    await clock.passes(1000)
    expect(network.flow.slice(-4).toSorted()).toEqual(['ann: 200', 'ann: BYE', 'bob: 200', 'bob: BYE'])
    expect(ann.told.filter((what) => what.startsWith('ended'))).toHaveLength(1)
    expect(bob.told.filter((what) => what.startsWith('ended'))).toHaveLength(1)
  })

  it.each([
    [486, 'ended: rejected by peer 486'],
    [603, 'ended: rejected by peer 603'],
  ])('that is refused with %d says so', async (status, expected) => {
    const { clock, phone } = place()
    const ann = await phone('ann')
    const bob = await phone('bob')
    bob.answers = (call) => call.reject(status, { headers: { Reason: 'Q.850;cause=17' } })
    const call = ann.calls(bob)
    await clock.passes(100)
    expect(ann.told).toEqual([expected])
    expect(call.end?.reasons).toMatchObject([{ value: 'Q.850' }])
    expect(bob.told).toEqual([`ended: rejected by us ${status}`])
  })

  it('that is sent elsewhere tells where', async () => {
    const { clock, phone } = place()
    const ann = await phone('ann')
    const bob = await phone('bob')
    bob.answers = (call) => call.redirect([call.local])
    const call = ann.calls(bob)
    await clock.passes(100)
    expect(call.end).toMatchObject({ status: 302 })
    expect(call.end?.response?.headers.text('Contact')).toContain('sip:bob@bob')
  })

  it('to somebody who is not there fails at once', async () => {
    const { clock, phone } = place()
    const ann = await phone('ann')
    const call = ann.calls({ name: 'carol' })
    await clock.passes(100)
    expect(call.end).toMatchObject({ why: 'failed', status: 503 })
  })

  it('to somebody who is silent fails after 32 s', async () => {
    const { clock, network, phone } = place()
    const ann = await phone('ann')
    await phone('bob')
    network.loses = () => true
    const call = ann.calls({ name: 'bob' })
    await clock.passes(33_000)
    expect(call.end).toMatchObject({ why: 'failed', status: 408, failure: { code: 'timeout' } })
  })
})

describe('giving up', () => {
  it('before anything is answered is a CANCEL, and 487', async () => {
    const { clock, network, phone } = place()
    const ann = await phone('ann')
    const bob = await phone('bob')
    bob.answers = (call) => call.ring()
    const call = ann.calls(bob)
    await clock.passes(100)
    const ended = call.terminate()
    await clock.passes(100)
    expect(await ended).toMatchObject({ why: 'cancelled', by: 'us' })
    expect(bob.told).toEqual(['ended: cancelled by peer 487'])
    expect(network.flow.slice(2).toSorted()).toEqual(['ann: ACK', 'ann: CANCEL', 'bob: 200', 'bob: 487'])
  })

  it('before the INVITE has gone out sends nothing', async () => {
    const { clock, network, phone } = place()
    const ann = await phone('ann')
    const call = ann.calls({ name: 'bob' })
    await call.terminate()
    await clock.passes(1000)
    expect(network.flow).toEqual([])
    expect(ann.told).toEqual(['ended: cancelled by us'])
  })

  it('by a signal is the same', async () => {
    const { clock, phone } = place()
    const ann = await phone('ann')
    const bob = await phone('bob')
    bob.answers = (call) => call.ring()
    const giveUp = new AbortController()
    ann.calls(bob, { signal: giveUp.signal })
    await clock.passes(100)
    giveUp.abort()
    await clock.passes(100)
    expect(bob.told).toEqual(['ended: cancelled by peer 487'])
  })

  it('while the answer is on its way ends the call that came about', async () => {
    const { clock, network, phone } = place()
    const ann = await phone('ann')
    const bob = await phone('bob')
    bob.answers = (call) => call.ring()
    const call = ann.calls(bob)
    await clock.passes(100)
    const [ringing] = bob.incoming
    if (ringing !== undefined) bob.accepts(ringing)
    await clock.passes(1)
    const ended = call.terminate()
    await clock.passes(1000)
    await ended
    expect(ann.told).toEqual(['180', 'ended: cancelled by us'])
    expect(bob.told).toEqual(['confirmed', 'ended: bye by peer'])
    expect(network.flow).toContain('ann: BYE')
  })

  it('comes by itself when it has rung long enough', async () => {
    const { clock, phone } = place()
    const ann = await phone('ann')
    const bob = await phone('bob')
    bob.answers = (call) => call.ring()
    ann.calls(bob, { ringLimitMs: 20_000 })
    await clock.passes(21_000)
    expect(ann.told).toEqual(['180', 'ended: unanswered by us'])
    expect(bob.told).toEqual(['ended: cancelled by peer 487'])
  })

  it('comes for the one who is called as well, and the caller is told 180 each minute until then', async () => {
    const { clock, network, phone } = place()
    const ann = await phone('ann')
    const bob = await phone('bob')
    bob.answers = (call) => call.ring()
    const call = ann.calls(bob, { ringLimitMs: 600_000 })
    await clock.passes(181_000)
    expect(network.flow.filter((what) => what === 'bob: 180')).toHaveLength(3)
    expect(call.end).toMatchObject({ why: 'rejected', status: 480 })
  })
})

describe('the answer', () => {
  it('is repeated until its ACK has come', async () => {
    const { clock, network, phone } = place()
    const ann = await phone('ann')
    const bob = (await phone('bob')).acceptsAll()
    let lost = 0
    network.loses = ({ message }) => message.kind === 'request' && message.method === 'ACK' && (lost += 1) <= 2
    const call = ann.calls(bob)
    await clock.passes(3000)
    expect(network.flow.filter((what) => what === 'bob: 200')).toHaveLength(3)
    expect(call.state).toBe('confirmed')
    expect(bob.told).toEqual(['confirmed'])
  })

  it('that nobody acknowledges ends the call with BYE (13.3.1.4)', async () => {
    const { clock, network, phone } = place()
    const ann = await phone('ann')
    const bob = (await phone('bob')).acceptsAll()
    network.loses = ({ message }) => message.kind === 'request' && message.method === 'ACK'
    ann.calls(bob)
    await clock.passes(33_000)
    expect(bob.told).toEqual(['ended: unconfirmed by peer', 'accept: SipFailure: no ACK has come'])
    expect(ann.told).toEqual(['confirmed', 'ended: bye by peer'])
  })

  it('that is hung up before its ACK waits with BYE until the ACK has come (section 15)', async () => {
    const { clock, network, phone } = place()
    const ann = await phone('ann')
    const bob = await phone('bob')
    bob.answers = (call) => {
      bob.accepts(call)
      void Promise.resolve().then(() => clock.after(5, () => void call.terminate()))
    }
    ann.calls(bob)
    await clock.passes(500)
    expect(network.flow).toEqual(['ann: INVITE', 'bob: 200', 'ann: ACK', 'bob: BYE', 'ann: 200'])
  })

  it('that takes a codec nobody has offered is acknowledged and hung up on', async () => {
    const { clock, network, phone } = place()
    const ann = await phone('ann')
    const bob = await phone('bob')
    const media = new PaperMedia()
    media.answer = () =>
      'v=0\r\no=- 1 1 IN IP4 192.0.2.2\r\ns=-\r\nc=IN IP4 192.0.2.2\r\nt=0 0\r\nm=audio 4 RTP/AVP 18\r\n'
    bob.answers = (call) => void call.accept({ media }).catch(() => undefined)
    ann.calls(bob)
    await clock.passes(500)
    expect(network.flow).toEqual(['ann: INVITE', 'bob: 200', 'ann: ACK', 'ann: BYE', 'bob: 200'])
    expect(ann.told).toEqual(['ended: media by us'])
  })
})

describe('media', () => {
  it('that do not fit refuse the call with 488', async () => {
    const { clock, phone } = place()
    const ann = await phone('ann')
    const bob = (await phone('bob')).acceptsAll()
    bob.media.codecs = [g729]
    const call = ann.calls(bob)
    await clock.passes(100)
    expect(call.end).toMatchObject({ why: 'rejected', status: 488 })
    expect(bob.told).toContain('ended: media by us 488')
  })

  it('may be offered by the one who answers: an INVITE without a description', async () => {
    const { call, bob, answered, network } = await annCallsBob({ call: { hasOffer: false } })
    expect(answered.hasOffer).toBe(false)
    expect(call.media.log).toEqual(['answers sendrecv'])
    expect(bob.media.log).toEqual(['offers sendrecv', 'agrees sendrecv'])
    expect(network.sent.at(-1)?.message.body.length).toBeGreaterThan(0)
    expect(bob.told).toEqual(['confirmed'])
  })

  it('that do not fit what the one who answers has offered end the call', async () => {
    const { clock, network, phone } = place()
    const ann = await phone('ann')
    const bob = (await phone('bob')).acceptsAll()
    bob.media.codecs = [g729]
    const call = ann.calls(bob, { hasOffer: false })
    await clock.passes(500)
    expect(call.end).toMatchObject({ why: 'media', by: 'us' })
    expect(network.flow.slice(0, 4)).toEqual(['ann: INVITE', 'bob: 200', 'ann: ACK', 'ann: BYE'])
  })

  it('that never answer do not hold a call up for ever', async () => {
    const { clock, phone } = place()
    const ann = await phone('ann')
    const media = new PaperMedia()
    media.offer = () => new Promise(() => undefined) as never
    const call = ann.calls({ name: 'bob' }, { media })
    await clock.passes(11_000)
    expect(call.end).toMatchObject({ why: 'media', failure: { code: 'media' } })
  })
})

describe('early media', () => {
  it('sound before the answer, which then says the same', async () => {
    const { clock, phone } = place()
    const ann = await phone('ann')
    const bob = await phone('bob')
    bob.answers = (call) => {
      call.useMedia(bob.media)
      void call.progress()
    }
    const call = ann.calls(bob, { reliable: 'off' })
    await clock.passes(100)
    expect(ann.told).toEqual(['183 with media'])
    expect(call.media.log).toEqual(['offers sendrecv', 'hears early sendrecv'])
    const [ringing] = bob.incoming
    await Promise.all([ringing?.accept(), clock.passes(100)])
    expect(call.media.log).toEqual(['offers sendrecv', 'hears early sendrecv', 'agrees sendrecv'])
    expect(bob.media.log).toEqual(['answers sendrecv'])
  })
})

describe('inside of a call', () => {
  it('digits come by INFO, and other requests are answered as the RFC says', async () => {
    const { clock, bob, call, network } = await annCallsBob()
    const sent = Promise.all([call.infoDigit('5', 200), call.info('application/dtmf', '#')])
    await clock.passes(100)
    await sent
    expect(bob.told).toEqual(['confirmed', 'digit 5 200', 'digit # 160'])
    expect(network.flow.at(-1)).toBe('bob: 200')
  })

  it('a far end that has forgotten the call ends it', async () => {
    const { clock, network, ann, call, phone } = await annCallsBob()
    network.leaves('bob')
    await phone('bob')
    const told = expect(call.info('text/plain', 'x')).rejects.toMatchObject({ code: 'refused', status: 481 })
    await clock.passes(1000)
    await told
    expect(ann.told.at(-1)).toBe('ended: lost by peer 481')
  })

  it('nothing can be asked of a call that is not there yet, or not any more', async () => {
    const { clock, phone } = place()
    const ann = await phone('ann')
    const call = ann.calls({ name: 'bob' })
    await expect(call.hold()).rejects.toMatchObject({ code: 'wrongState' })
    await clock.passes(100)
    await expect(call.hold()).rejects.toMatchObject({ code: 'closed' })
  })
})

describe('a call to one of several servers', () => {
  const servers = ['first', 'second'].map((name) => ({
    transport: 'udp' as const,
    address: name,
    port: 5060,
    domain: name,
  }))

  it('goes to the second when the first swallows it, in time', async () => {
    const { clock, network, phone } = place()
    const ann = await phone('ann')
    await phone('first')
    const second = (await phone('second')).acceptsAll()
    network.loses = ({ to }) => to === 'first'
    const call = ann.calls(second, { destination: { by: 'servers', servers }, firstResponseMs: 3000 })
    await clock.passes(4000)
    expect(call.state).toBe('confirmed')
    expect(ann.told).toEqual(['confirmed'])
  })

  it('stays with the first once it has said that it rings, whatever it says then', async () => {
    const { clock, phone } = place()
    const ann = await phone('ann')
    const first = await phone('first')
    const second = (await phone('second')).acceptsAll()
    first.answers = (incoming) => {
      incoming.ring()
      clock.after(5000, () => incoming.reject(503))
    }
    const call = ann.calls(first, { destination: { by: 'servers', servers }, firstResponseMs: 3000 })
    await clock.passes(10_000)
    expect(call.end).toMatchObject({ why: 'rejected', status: 503 })
    expect(second.incoming).toEqual([])
  })

  it('that refuses it is not tried a second time with another: nobody is dialled twice', async () => {
    const { clock, phone } = place()
    const ann = await phone('ann')
    const first = await phone('first')
    const second = (await phone('second')).acceptsAll()
    first.answers = (incoming) => incoming.reject(486)
    const call = ann.calls(first, { destination: { by: 'servers', servers } })
    await clock.passes(1000)
    expect(call.end).toMatchObject({ status: 486 })
    expect(second.incoming).toEqual([])
  })

  it('asks the one who has challenged, and no other', async () => {
    const server = new DigestServer({ realm: 'second', accountOf: () => ({ password: 'secret' }) })
    const { clock, network, phone } = place()
    const ann = await phone('ann')
    await phone('first')
    const second = await phone('second', {
      admit: async (request) => {
        const verdict = await server.verify(request)
        return verdict.is === 'accepted' ? 'admitted' : server.challenge(request)
      },
    })
    second.acceptsAll()
    network.loses = ({ to }) => to === 'first'
    const credentials = () => ({ username: 'ann', password: 'secret' })
    const call = ann.calls(second, { destination: { by: 'servers', servers }, firstResponseMs: 3000, credentials })
    await clock.passes(4000)
    expect(call.state).toBe('confirmed')
    const invitesToFirst = network.sent.filter(
      ({ to, message }) => to === 'first' && message.headers.has('Authorization'),
    )
    expect(invitesToFirst).toEqual([])
  })
})

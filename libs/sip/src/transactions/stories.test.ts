/** Transactions as call flows: two sides with real bytes between them, on a clock that the test moves. */
import { describe, expect, it } from '@jest/globals'
import { GrammarError, sipUri } from '../grammar/index.ts'
import { Contact, responseTo, tagOf, To, Via, type Request } from '../messages/index.ts'
import { annAndBob, requestOf } from '../testing/people.ts'

describe('a request other than INVITE', () => {
  it('is asked and answered', async () => {
    const { clock, network, ann, bob } = annAndBob()
    bob.answers = (transaction) => transaction.reply(200)
    ann.asks('OPTIONS', [bob])
    await clock.passes(100)
    expect(network.flow).toEqual(['ann: OPTIONS', 'bob: 200'])
    expect(ann.told).toEqual(['200'])
    expect(bob.told).toEqual(['OPTIONS'])
  })

  it('is repeated at 0.5, 1, 2, 4, 4 s until 32 s are over, and fails as 408 (17.1.2.2)', async () => {
    const { clock, network, ann, bob } = annAndBob()
    network.loses = () => true
    const at: number[] = []
    ann.asks('OPTIONS', [bob])
    for (let ms = 0; ms < 33_000; ms += 100) {
      await clock.passes(100)
      while (at.length < network.sent.length) at.push(ms)
    }
    expect(at.map((ms) => Math.round(ms / 500) / 2)).toEqual([
      0, 0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5,
    ])
    expect(ann.told).toEqual(['failed: timeout 408'])
  })

  it('is repeated every 4 s after a provisional answer', async () => {
    const { clock, network, ann, bob } = annAndBob()
    bob.answers = (transaction) => transaction.reply(100)
    ann.asks('OPTIONS', [bob])
    await clock.passes(9000)
    expect(network.flow.filter((what) => what === 'ann: OPTIONS')).toHaveLength(4)
    expect(bob.told).toEqual(['OPTIONS'])
  })

  it('gets the same answer when its repetition comes, and is told once', async () => {
    const { clock, network, ann, bob } = annAndBob()
    let lost = 0
    network.loses = ({ from }) => from === 'bob' && (lost += 1) <= 2
    bob.answers = (transaction) => transaction.reply(200)
    ann.asks('OPTIONS', [bob])
    await clock.passes(5000)
    expect(network.flow.filter((what) => what === 'bob: 200')).toHaveLength(3)
    expect(bob.told).toEqual(['OPTIONS'])
    expect(ann.told).toEqual(['200'])
  })

  it('is not repeated over TCP', async () => {
    const { clock, network, ann, bob } = annAndBob('tcp')
    ann.asks('OPTIONS', [bob])
    await clock.passes(40_000)
    expect(network.flow).toEqual(['ann: OPTIONS'])
    expect(ann.told).toEqual(['failed: timeout 408'])
  })

  it('has its place in our Via, and hops to spend', async () => {
    const { clock, network, ann, bob } = annAndBob()
    ann.asks('OPTIONS', [bob])
    await clock.passes(100)
    const [sent] = network.sent
    expect(sent?.message.headers.text('Max-Forwards')).toBe('70')
    expect(sent?.message.headers.text('Via')).toMatch(/^SIP\/2\.0\/UDP ann:5060;rport;branch=z9hG4bK./)
    const via = bob.requests[0]?.request.headers.first(Via)
    expect(via?.parameters.get('received')).toBe('ann')
    expect(via?.parameters.get('rport')).toBe('5060')
  })
})

describe('an INVITE', () => {
  it('that is refused is acknowledged here, as often as the refusal comes (17.1.1.3)', async () => {
    const { clock, network, ann, bob } = annAndBob()
    let lost = 0
    network.loses = ({ message }) => message.kind === 'request' && message.method === 'ACK' && (lost += 1) === 1
    bob.answers = (transaction) => transaction.reply(486)
    ann.asks('INVITE', [bob])
    await clock.passes(40_000)
    expect(network.flow).toEqual(['ann: INVITE', 'bob: 486', 'ann: ACK', 'bob: 486', 'ann: ACK'])
    expect(ann.told).toEqual(['486'])
    expect(bob.told).toEqual(['INVITE', 'ended'])
    const [invite, , ack] = network.sent.map(({ message }) => message)
    expect(ack?.headers.text('Via')).toBe(invite?.headers.text('Via'))
    expect(ack?.headers.text('To')).toContain('tag=')
  })

  it('that nobody acknowledges ends by itself', async () => {
    const { clock, network, ann, bob } = annAndBob()
    network.loses = ({ from }) => from === 'ann' && network.sent.length > 1
    bob.answers = (transaction) => transaction.reply(486)
    ann.asks('INVITE', [bob])
    await clock.passes(40_000)
    expect(bob.told).toEqual(['INVITE', 'unacknowledged', 'ended'])
  })

  it('that is answered late hears 100 within 200 ms, and is repeated no more', async () => {
    const { clock, network, ann, bob } = annAndBob()
    ann.asks('INVITE', [bob])
    await clock.passes(60_000)
    expect(network.flow).toEqual(['ann: INVITE', 'bob: 100'])
    expect(ann.told).toEqual(['100'])
    bob.requests[0]?.reply(200)
    await clock.passes(100)
    expect(ann.told).toEqual(['100', '200'])
  })

  it('that is answered at once hears no 100', async () => {
    const { clock, network, ann, bob } = annAndBob()
    bob.answers = (transaction) => transaction.reply(180)
    ann.asks('INVITE', [bob])
    await clock.passes(1000)
    expect(network.flow).toEqual(['ann: INVITE', 'bob: 180'])
  })

  it('that is accepted leaves 2xx and ACK to the dialogs (RFC 6026)', async () => {
    const { clock, network, ann, bob } = annAndBob()
    bob.answers = (transaction) => transaction.reply(200)
    const invite = requestOf('INVITE')
    ann.asks('INVITE', [bob], { request: invite })
    await clock.passes(100)
    const again = responseTo(bob.requests[0]?.request ?? invite, 200, { toTag: bob.requests[0]?.toTag ?? '' })
    bob.requests[0]?.respond(again)
    await clock.passes(100)
    expect(ann.told).toEqual(['200', 'further 200'])
    const [flow] = ann.flows
    if (flow === undefined) throw new Error('no flow')
    const ack = { ...invite, method: 'ACK', headers: invite.headers.clone().setText('CSeq', '1 ACK') }
    const acknowledgement = ann.layer.acknowledge(ack, { to: { by: 'flow', flow } })
    await clock.passes(100)
    acknowledgement.again()
    await clock.passes(100)
    expect(bob.told).toEqual(['INVITE', 'ACK', 'ACK'])
    const branches = network.sent.map(({ message }) => message.headers.first(Via)?.parameters.get('branch'))
    expect(branches.at(-1)).toBe(branches.at(-2))
    expect(branches.at(-1)).not.toBe(branches[0])
    await clock.passes(32_000)
    expect(bob.told.at(-1)).toBe('ended')
  })

  it('whose repetition comes after it was accepted is no new call', async () => {
    const { clock, network, ann, bob } = annAndBob()
    network.loses = ({ from }) => from === 'bob' && clock.now() < 3000
    bob.answers = (transaction) => transaction.reply(200)
    ann.asks('INVITE', [bob])
    await clock.passes(5000)
    expect(bob.told).toEqual(['INVITE'])
    bob.requests[0]?.reply(200)
    await clock.passes(100)
    expect(ann.told).toEqual(['200'])
  })

  it('of which nothing was heard breaks with its connection', async () => {
    const { clock, network, ann, bob } = annAndBob('tcp')
    ann.asks('INVITE', [bob])
    await clock.passes(5)
    network.breaks('ann')
    await clock.passes(5)
    expect(ann.told).toEqual(['failed: transport 503', 'flow closed'])
  })

  it('that rings when its connection breaks is given 32 s to be answered on another one', async () => {
    const { clock, network, ann, bob } = annAndBob('tcp')
    ann.asks('INVITE', [bob])
    await clock.passes(300)
    network.breaks('ann')
    await clock.passes(33_000)
    expect(ann.told).toEqual(['100', 'flow closed', 'failed: timeout 408'])
  })
})

describe('CANCEL', () => {
  it('ends the ringing with 487 (9.1, 9.2)', async () => {
    const { clock, network, ann, bob } = annAndBob()
    bob.answers = (transaction) => transaction.reply(180)
    const call = ann.asks('INVITE', [bob])
    await clock.passes(1000)
    call.cancel('SIP;cause=200;text="Call completed elsewhere"')
    call.cancel()
    await clock.passes(1000)
    expect(network.flow).toEqual(['ann: INVITE', 'bob: 180', 'ann: CANCEL', 'bob: 200', 'bob: 487', 'ann: ACK'])
    expect(ann.told).toEqual(['180', '487'])
    expect(bob.told).toEqual(['INVITE', 'cancelled'])
    const cancel = network.sent[2]?.message
    expect(cancel?.headers.text('Reason')).toContain('elsewhere')
    expect(cancel?.headers.text('Via')).toBe(network.sent[0]?.message.headers.text('Via'))
  })

  it('waits until something was heard', async () => {
    const { clock, network, ann, bob } = annAndBob()
    bob.answers = () => undefined
    const call = ann.asks('INVITE', [bob])
    await clock.passes(50)
    call.cancel()
    await clock.passes(100)
    expect(network.flow).toEqual(['ann: INVITE'])
    await clock.passes(500)
    expect(network.flow).toEqual(['ann: INVITE', 'bob: 100', 'ann: CANCEL', 'bob: 200', 'bob: 487', 'ann: ACK'])
  })

  it('before anything was sent sends nothing at all', async () => {
    const { clock, network, ann, bob } = annAndBob()
    const call = ann.asks('INVITE', [bob])
    call.cancel()
    await clock.passes(1000)
    expect(network.flow).toEqual([])
    expect(ann.told).toEqual(['failed: cancelled 487'])
  })

  it('that crosses a 200 changes nothing', async () => {
    const { clock, ann, bob } = annAndBob()
    bob.answers = (transaction) => transaction.reply(180)
    const call = ann.asks('INVITE', [bob])
    await clock.passes(100)
    bob.requests[0]?.reply(200)
    call.cancel()
    await clock.passes(100)
    expect(ann.told).toEqual(['180', '200'])
    expect(bob.told).toEqual(['INVITE'])
  })

  it('that finds nobody ends the call after 32 s', async () => {
    const { clock, network, ann, bob } = annAndBob()
    bob.answers = (transaction) => transaction.reply(180)
    const call = ann.asks('INVITE', [bob])
    await clock.passes(100)
    network.loses = () => true
    call.cancel()
    await clock.passes(33_000)
    expect(ann.told).toEqual(['180', 'failed: timeout 408'])
  })

  it('for nothing that we know is answered with 481', async () => {
    const { clock, network, ann, bob } = annAndBob()
    ann.asks('CANCEL', [bob])
    await clock.passes(100)
    expect(network.flow).toEqual(['ann: CANCEL', 'bob: 481'])
    expect(bob.told).toEqual([])
  })

  it('lets the user answer in his own way', async () => {
    const { clock, ann, bob } = annAndBob()
    bob.answers = (transaction) => {
      transaction.reply(180)
      transaction.listen({ cancelled: () => transaction.reply(486) })
    }
    const call = ann.asks('INVITE', [bob])
    await clock.passes(100)
    call.cancel()
    await clock.passes(100)
    expect(ann.told).toEqual(['180', '486'])
  })
})

describe('several servers', () => {
  it('are tried in order: after a broken connection, a 503 and silence', async () => {
    const { clock, network, ann, bob, more } = annAndBob()
    const [busy, silent] = [more('busy'), more('silent')]
    busy.answers = (transaction) => transaction.reply(503)
    network.loses = ({ to }) => to === 'silent'
    bob.answers = (transaction) => transaction.reply(200)
    const nobody = more('nobody')
    await nobody.layer.close()
    ann.asks('INVITE', [nobody, busy, silent, bob], { options: { firstResponseMs: 2000 } })
    await clock.passes(3000)
    expect(ann.told).toEqual(['200'])
    expect(network.flow.filter((what) => !what.endsWith('ACK'))).toEqual([
      'ann: INVITE',
      'busy: 503',
      'ann: INVITE',
      'ann: INVITE',
      'ann: INVITE',
      'ann: INVITE',
      'bob: 200',
    ])
    const branches = network.sent
      .filter(({ to }) => to !== 'ann')
      .map(({ message }) => message.headers.first(Via)?.parameters.get('branch'))
    expect(new Set(branches).size).toBe(3)
  })

  it('do not call anybody twice: who rings after he was given up is cancelled', async () => {
    const { clock, network, ann, bob, more } = annAndBob()
    const slow = more('slow')
    network.loses = ({ from }) => from === 'slow' && clock.now() < 3000
    slow.answers = () => undefined
    bob.answers = (transaction) => transaction.reply(180)
    ann.asks('INVITE', [slow, bob], { options: { firstResponseMs: 2000 } })
    await clock.passes(3000)
    slow.requests[0]?.reply(180)
    await clock.passes(1000)
    expect(slow.told).toEqual(['INVITE', 'cancelled'])
    expect(ann.told).toEqual(['180'])
    slow.requests[0]?.reply(200)
    await clock.passes(1000)
    expect(ann.told).toEqual(['180'])
  })

  it('tell of one that was given up and is answered there after all', async () => {
    const { clock, network, ann, bob, more } = annAndBob()
    const slow = more('slow')
    network.loses = ({ from }) => from === 'slow' && clock.now() < 3000
    bob.answers = (transaction) => transaction.reply(180)
    ann.asks('INVITE', [slow, bob], { options: { firstResponseMs: 2000 } })
    await clock.passes(3000)
    slow.requests[0]?.reply(200)
    await clock.passes(1000)
    expect(ann.told).toEqual(['180', 'late 200'])
  })

  it('that all fail leave the last failure', async () => {
    const { clock, ann, more } = annAndBob()
    const [one, other] = [more('one'), more('other')]
    await one.layer.close()
    await other.layer.close()
    ann.asks('OPTIONS', [one, other])
    await clock.passes(100)
    expect(ann.told).toEqual(['failed: transport 503'])
    ann.asks('OPTIONS', [])
    await clock.passes(100)
    expect(ann.told.at(-1)).toBe('failed: noServer 503')
  })

  it('that say no are believed', async () => {
    const { clock, network, ann, bob, more } = annAndBob()
    const other = more('other')
    bob.answers = (transaction) => transaction.reply(603)
    ann.asks('INVITE', [bob, other])
    await clock.passes(100)
    expect(ann.told).toEqual(['603'])
    expect(network.sent.some(({ to }) => to === 'other')).toBe(false)
  })
})

describe('what is answered without a user', () => {
  it('is a request that came by two ways: 482 (8.2.2.2)', async () => {
    const { clock, ann, bob } = annAndBob()
    const request = requestOf('INVITE')
    ann.asks('INVITE', [bob], { request })
    ann.asks('INVITE', [bob], { request })
    await clock.passes(100)
    expect(bob.told).toEqual(['INVITE', 'ACK'])
    expect(ann.told).toEqual(['482'])
  })

  it('is a call whose hops are spent, at a gateway: 483 (16.3)', async () => {
    const { clock, ann, bob } = annAndBob('udp', { isGateway: true })
    const request = requestOf('INVITE')
    request.headers.setText('Max-Forwards', '0')
    ann.asks('INVITE', [bob], { request })
    await clock.passes(100)
    expect(bob.requests).toEqual([])
    expect(ann.told).toEqual(['483'])
  })

  it('is a flood of calls: 503 with Retry-After, then nothing', async () => {
    const { clock, network, ann, bob } = annAndBob('udp', { invitesPerSecond: 2 })
    bob.answers = (transaction) => transaction.reply(486)
    for (let n = 0; n < 30; n += 1) ann.asks('INVITE', [bob])
    await clock.passes(400)
    const answers = network.sent.flatMap(({ message }) => (message.kind === 'response' ? [message] : []))
    expect(answers.filter(({ status }) => status === 486)).toHaveLength(2)
    expect(answers.filter(({ status }) => status === 503)).toHaveLength(18)
    expect(answers.find(({ status }) => status === 503)?.headers.text('Retry-After')).toBe('5')
    expect(bob.told.filter((what) => what.startsWith('limited'))).toHaveLength(28)
  })

  it('is a header that our user could not read: 400, and whatever else he throws: 500', async () => {
    const { clock, ann, bob } = annAndBob()
    bob.answers = ({ request }) => {
      if (request.method === 'OPTIONS') throw new Error('a fault of ours')
      throw new GrammarError('Contact: missing or malformed')
    }
    ann.asks('REGISTER', [bob])
    await clock.passes(100)
    ann.asks('OPTIONS', [bob])
    await clock.passes(100)
    expect(ann.told).toEqual(['400', '500'])
    expect(bob.told.filter((what) => what !== 'ended')).toEqual([
      'REGISTER',
      'OPTIONS',
      'userFailed: a request could not be taken',
    ])
  })

  it('is nothing, where the user ignores a stranger', async () => {
    const { clock, network, ann, bob } = annAndBob()
    bob.answers = (transaction) => transaction.ignore()
    ann.asks('INVITE', [bob])
    await clock.passes(10)
    expect(bob.told).toEqual(['INVITE', 'ended'])
    expect(bob.layer.size).toBe(0)
    await clock.passes(70_000)
    expect(network.sent.every(({ from }) => from === 'ann')).toBe(true)
  })

  it('is one answer that is kept nowhere, where the user says so: a repetition is asked anew (26.3.2.4)', async () => {
    const { clock, network, ann, bob } = annAndBob()
    bob.answers = (transaction) => transaction.answerOnce(responseTo(transaction.request, 403))
    network.loses = ({ from }) => from === 'bob' && bob.requests.length === 1
    ann.asks('INVITE', [bob])
    await clock.passes(400)
    expect(network.flow).toEqual(['ann: INVITE', 'bob: 403'])
    expect(bob.layer.size).toBe(0)
    await clock.passes(70_000)
    expect(network.flow).toEqual(['ann: INVITE', 'bob: 403', 'ann: INVITE', 'bob: 403', 'ann: ACK'])
    expect(ann.told).toEqual(['403'])
  })

  it('is repeated all the same for who was told to wait, as he does not ask again', async () => {
    const { clock, network, ann, bob } = annAndBob()
    bob.answers = (transaction) => {
      transaction.reply(100)
      transaction.answerOnce(responseTo(transaction.request, 403))
    }
    network.loses = ({ message }) => message.kind === 'response' && network.sent.length < 4
    ann.asks('INVITE', [bob])
    await clock.passes(2000)
    expect(ann.told.at(-1)).toBe('403')
    expect(bob.told.filter((what) => what === 'INVITE')).toHaveLength(1)
  })

  it('is 503 for what begins while too much is kept; what is under way goes on', async () => {
    const { clock, ann, bob } = annAndBob('udp', { requestsKept: 1 })
    bob.answers = (transaction) => transaction.reply(200)
    ann.asks('OPTIONS', [bob])
    await clock.passes(100)
    ann.asks('OPTIONS', [bob])
    await clock.passes(100)
    const inside = requestOf('BYE')
    inside.headers.setText('To', '<sip:bob@example.com>;tag=bob')
    ann.asks('BYE', [bob], { request: inside })
    await clock.passes(100)
    expect(ann.told).toEqual(['200', '503', '200'])
    expect(bob.told).toEqual(['OPTIONS', 'limited: more requests than can be kept', 'BYE'])
    await clock.passes(33_000)
    ann.asks('OPTIONS', [bob])
    await clock.passes(100)
    expect(ann.told.at(-1)).toBe('200')
  })
})

describe('around a transaction', () => {
  it('prepare sees the flow and sets a Contact for it; the request that was given stays as it was', async () => {
    const { clock, ann, bob } = annAndBob('tcp')
    const given = requestOf('INVITE')
    const prepare = (request: Request, flow: Parameters<typeof ann.layer.contactOn>[0]): void => {
      const uri = ann.layer.contactOn(flow, 'ann smith')
      request.headers.setAll(Contact, [{ uri, parameters: new Map() }])
    }
    ann.asks('INVITE', [bob], { request: given, options: { prepare } })
    await clock.passes(100)
    expect(bob.requests[0]?.request.headers.text('Contact')).toBe('<sip:ann%20smith@ann:5060;transport=tcp>')
    expect(given.headers.has('Contact')).toBe(false)
    expect(given.headers.has('Via')).toBe(false)
  })

  it('a request without a destination goes by its route or its Request-URI', async () => {
    const { clock, ann } = annAndBob()
    ann.layer.send(requestOf('OPTIONS', sipUri({ host: 'unknown.example.com' })), ann.listener())
    await clock.passes(100)
    expect(ann.told).toEqual(['failed: noServer 503'])
  })

  it('the tag of the answers is that of the transaction, and one that is there stays', async () => {
    const { clock, network, ann, bob } = annAndBob()
    bob.answers = (transaction) => transaction.reply(200)
    const inDialog = requestOf('BYE')
    inDialog.headers.setText('To', '<sip:bob@example.com>;tag=dialog')
    ann.asks('OPTIONS', [bob])
    ann.asks('BYE', [bob], { request: inDialog })
    await clock.passes(100)
    const tags = network.sent.flatMap(({ from, message }) => (from === 'bob' ? [tagOf(message.headers.need(To))] : []))
    expect(tags).toEqual([bob.requests[0]?.toTag, 'dialog'])
  })

  it('closing ends everything once', async () => {
    const { clock, ann, bob } = annAndBob()
    bob.answers = (transaction) => transaction.reply(180)
    ann.asks('INVITE', [bob])
    await clock.passes(100)
    await ann.layer.close()
    await ann.layer.close()
    await bob.layer.close()
    ann.asks('OPTIONS', [bob])
    await clock.passes(40_000)
    expect(ann.told).toEqual(['180', 'failed: closed 503', 'failed: closed 503'])
    expect(bob.told).toEqual(['INVITE', 'ended'])
  })

  it('a listener that throws harms nobody', async () => {
    const { clock, ann, bob } = annAndBob()
    bob.answers = (transaction) => transaction.reply(200)
    const listener = {
      ...ann.listener(),
      final: () => {
        throw new Error('ours')
      },
    }
    ann.layer.send(requestOf('OPTIONS'), listener, { to: { by: 'servers', servers: [bob.server] } })
    await clock.passes(100)
    expect(ann.told).toEqual(['userFailed: a listener threw'])
  })

  it('a client of RFC 2543, without a branch of the new kind, is served as well', async () => {
    const { clock, network, bob } = annAndBob()
    bob.answers = (transaction) => transaction.reply(200)
    const bytes = [
      'OPTIONS sip:bob SIP/2.0',
      'Via: SIP/2.0/UDP old',
      'From: <sip:old>',
      'To: <sip:bob>',
      'Call-ID: old',
      'CSeq: 1 OPTIONS',
      '',
      '',
    ]
    const noUser = { message: () => undefined, flowClosed: () => undefined, noticed: () => undefined }
    const flow = await network.host('old')(noUser).connect(bob.server)
    for (let n = 0; n < 2; n += 1) await flow.send(Buffer.from(bytes.join('\r\n')))
    await clock.passes(100)
    expect(bob.told).toEqual(['OPTIONS'])
    expect(network.flow).toEqual(['old: OPTIONS', 'old: OPTIONS', 'bob: 200', 'bob: 200'])
  })
})

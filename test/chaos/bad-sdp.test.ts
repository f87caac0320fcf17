import { beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { connect } from 'node:net'
import { setFarEnds } from '../support/far-ends/far-ends.ts'
import { SipStranger } from '../support/far-ends/sip-stranger.ts'
import { UdpWitness } from '../support/far-ends/udp-witness.ts'
import { settleNumber } from '../support/phone-network.ts'
import { until } from '../support/until.ts'
import { setWitnesses, type Misbehaving } from '../support/witnesses.ts'

const own = '+4930910'
/** Whoever calls it is in a group at once. */
const open = '+4930911'
const trunkAddress = '127.0.0.20'
const farEnds = setFarEnds()
let trunk: SipStranger
const witnesses: Misbehaving = setWitnesses(async () => {
  trunk = await farEnds.add(SipStranger.come(trunkAddress, () => witnesses.stage.platform.sipPort))
  return { DEMO: 'off', SIP_TRUNK: `sip:${trunkAddress}:${trunk.port}`, SIP_NUMBERS: own }
})
const { stage } = witnesses

const uri = `sip:${open}@127.0.0.1`
const aboutSdp = { 'Content-Type': 'application/sdp' }

type Sdp = { c?: string; m?: readonly string[]; o?: string }

/** A description that is right, but for what is said of it. */
function sdpOf({
  c = `IN IP4 ${trunkAddress}`,
  m = ['audio 4000 RTP/AVP 0'],
  o = '- 1 1 IN IP4 192.0.2.1',
}: Sdp): string {
  const lines = ['v=0', `o=${o}`, 's=-', ...(c === '' ? [] : [`c=${c}`]), 't=0 0', ...m.map((one) => `m=${one}`)]
  return lines.map((line) => `${line}\r\n`).join('')
}

async function refusals(why: string): Promise<number> {
  const text = await (await fetch(`${stage.platform.url}/metrics`)).text()
  return Number(new RegExp(`^parley_sip_refused_total\\{why="${why}"\\} (\\d+)$`, 'm').exec(text)?.[1] ?? 0)
}

/** How often the log speaks of it. */
function timesLogged(why: string, address: string): number {
  const lines = stage.platform.log.split('\n').filter((line) => line.includes('"sip.refused"'))
  return lines.filter((line) => line.includes(`"${why}"`) && line.includes(`"${address}"`)).length
}

/** The next call over the same trunk is taken as always, and hung up. */
async function takesCalls(): Promise<void> {
  const call = await trunk.isAnswered(trunk.asks('INVITE', uri, aboutSdp, sdpOf({})))
  expect(call.status).toBe(200)
  trunk.follows(call.text, 'ACK', 1)
  trunk.follows(call.text, 'BYE', 2)
}

beforeAll(async () => {
  await settleNumber(stage.platform, { number: open, target: { groupId: randomUUID() } })
  // The trunk is one when its address is known.
  await until('trunk that is let in', async () => {
    const answer = trunk.answers.notes.find((one) => one.startsWith('OPTIONS '))
    return answer === undefined ? { sawOnly: 'no OPTIONS' } : { found: true }
  })
})

describe('an offer that cannot be taken', () => {
  it.each<[string, number, Sdp]>([
    ['has nothing to agree on', 488, { m: [] }],
    ['refuses all of it with port 0', 488, { m: ['audio 0 RTP/AVP 0', 'video 0 RTP/AVP 96'] }],
    ['goes over a transport that nobody knows', 488, { m: ['audio 4000 PIGEON/AVP 0'] }],
    ['has no codec in common', 488, { m: ['audio 4000 RTP/AVP 18'] }],
    ['has no address', 488, { c: '' }],
    ['names a host that would have to be looked up', 488, { c: 'IN IP4 sound.example.com' }],
    ['names a group of listeners', 488, { c: 'IN IP4 224.2.1.1/127' }],
    ['names everybody', 488, { c: 'IN IP4 255.255.255.255' }],
    ['has an address that is none', 400, { c: 'IN IP4 <script>' }],
    ['has an address of no network', 400, { c: 'ATM NSAP 47.0091' }],
    ['has a negative port', 400, { m: ['audio -4000 RTP/AVP 0'] }],
    ['has a port beyond all ports', 400, { m: ['audio 70000 RTP/AVP 0'] }],
    ['has a negative version', 400, { o: '- 1 -1 IN IP4 192.0.2.1' }],
    ['has a number of a thousand digits', 400, { o: `- ${'9'.repeat(1_000)} 1 IN IP4 192.0.2.1` }],
    ['has a thousand media', 400, { m: Array.from({ length: 1_000 }, () => 'audio 4000 RTP/AVP 0') }],
  ])('is refused when it %s (%i)', async (_what, status, sdp) => {
    const before = await refusals('badOffer')
    const answer = await trunk.isAnswered(trunk.asks('INVITE', uri, aboutSdp, sdpOf(sdp)))
    expect(answer.status).toBe(status)
    expect(await refusals('badOffer')).toBe(before + 1)
    await takesCalls()
  })

  it('is in the log once, however often it comes', async () => {
    for (let n = 0; n < 3; n += 1) {
      const answer = await trunk.isAnswered(trunk.asks('INVITE', uri, aboutSdp, sdpOf({ m: [] })))
      expect(answer.status).toBe(488)
    }
    expect(timesLogged('badOffer', trunkAddress)).toBe(1)
  })

  it.each<[string, number, Record<string, string>, string]>([
    ['is no description (415)', 415, { 'Content-Type': 'application/xml' }, '<offer/>'],
    ['is longer than a body may be (413)', 413, aboutSdp, sdpOf({}) + 'a=x\r\n'.repeat(11_000)],
    ['is shorter than it says (400)', 400, { ...aboutSdp, 'Content-Length': '9000' }, sdpOf({})],
    ['has less than no length (400)', 400, { ...aboutSdp, 'Content-Length': '-9' }, sdpOf({})],
  ])('is refused when its body %s', async (_what, status, headers, body) => {
    const before = await refusals('malformed')
    const answer = await trunk.isAnswered(trunk.asks('INVITE', uri, headers, body))
    expect(answer.status).toBe(status)
    expect(await refusals('malformed')).toBe(before + 1)
    expect(timesLogged('malformed', trunkAddress)).toBe(1)
    await takesCalls()
  })

  it('is cut off by its length, and refused for what is missing then', async () => {
    const headers = { ...aboutSdp, 'Content-Length': '5' }
    expect((await trunk.isAnswered(trunk.asks('INVITE', uri, headers, sdpOf({})))).status).toBe(400)
    await takesCalls()
  })

  it('ends the connection over which it comes when its body has 70 KiB', async () => {
    const before = await refusals('malformed')
    const socket = connect({ host: '127.0.0.1', port: stage.platform.sipPort, localAddress: '127.0.0.21' })
    await once(socket, 'connect')
    const closed = once(socket, 'close')
    socket.on('error', () => {}) // it may be reset, while we write
    socket.resume().write(`INVITE ${uri} SIP/2.0\r\nContent-Length: 71680\r\n\r\n${'x'.repeat(71_680)}`)
    await closed
    expect(await refusals('malformed')).toBe(before + 1)
    await takesCalls()
  })
})

describe("a caller who names somebody else's address for his sound", () => {
  let caller: UdpWitness
  beforeEach(async () => {
    caller = await farEnds.add(UdpWitness.bind(trunkAddress))
  })

  it.each<[string, string, () => string, (() => number)?]>([
    ['another host', '127.0.0.30', () => '127.0.0.30'],
    ['a port of the server', '127.0.0.1', () => '127.0.0.1', () => Number(new URL(stage.platform.url).port)],
    ['where SIP of others is heard', '127.0.0.30', () => '127.0.0.30', () => 5060],
    ['no host at all, which would be this one', '127.0.0.1', () => '0.0.0.0'],
  ])('has nothing sent there: %s', async (_what, address, named, port = () => 0) => {
    const victim = await farEnds.add(UdpWitness.bind(address, port()))
    const [toVictim, toCaller] = await Promise.all([
      answered(named(), victim.port),
      answered(trunkAddress, caller.port),
    ])
    // His own second call shows that there is sound to be sent, and how long it takes to come.
    await caller.hears(50)
    expect(victim.heard).toBe(0)
    // Nor is it his to say by where he sends from.
    caller.speaksTo(toVictim.port)
    await until('packets of the caller', () => (caller.spoken > 25 ? { found: true } : { sawOnly: `${caller.spoken}` }))
    await caller.hears(50)
    expect(victim.heard).toBe(0)
    for (const { text } of [toVictim, toCaller]) trunk.follows(text, 'BYE', 2)
    await until('answers to both goodbyes', () => {
      const byes = trunk.answers.notes.filter((one) => one.startsWith('SIP/2.0 200') && /^CSeq: 2 BYE/m.test(one))
      return byes.length >= 2 ? { found: true } : { sawOnly: `${byes.length}` }
    })
    expect(victim.heard).toBe(0)
  })

  it('has sound sent there once it comes from there', async () => {
    const phone = await farEnds.add(UdpWitness.bind('127.0.0.31'))
    const { port, text } = await answered(phone.address, phone.port)
    phone.speaksTo(port)
    await phone.hears(50)
    trunk.follows(text, 'BYE', 2)
  })
})

/** A call that is taken, with its sound to be sent to this address; and where we are heard. */
async function answered(address: string, port: number): Promise<{ text: string; port: number }> {
  const sdp = `${sdpOf({ c: `IN IP4 ${address}`, m: [`audio ${port} RTP/AVP 0`] })}a=rtcp-mux\r\n`
  const { status, text } = await trunk.isAnswered(trunk.asks('INVITE', uri, aboutSdp, sdp))
  expect(status).toBe(200)
  trunk.follows(text, 'ACK', 1)
  return { text, port: Number(/^m=audio (\d+)/m.exec(text)?.[1]) }
}

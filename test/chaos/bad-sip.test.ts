import { describe, expect, it } from '@jest/globals'
import { createHash, randomBytes } from 'node:crypto'
import { setFarEnds } from '../support/far-ends/far-ends.ts'
import { SipStranger } from '../support/far-ends/sip-stranger.ts'
import { phoneCalls, settleNumber } from '../support/phone-network.ts'
import { until } from '../support/until.ts'
import { setWitnesses } from '../support/witnesses.ts'

const own = '+4930900'
const farEnds = setFarEnds()
let trunk: SipStranger
/** Nobody on loopback is a friend here; the one trunk says what the tests have it say. */
const { stage, talking } = lazily(
  setWitnesses(async () => {
    trunk = await farEnds.add(SipStranger.come('127.0.0.1', () => stage.platform.sipPort))
    return { DEMO: 'off', SIP_TRUNK: `sip:127.0.0.1:${trunk.port};user=parley;password=secret`, SIP_NUMBERS: own }
  }),
)
const here = 'sip:127.0.0.1'

function lazily(witnesses: ReturnType<typeof setWitnesses>) {
  return { stage: witnesses.stage, talking: () => witnesses.talking }
}

const comes = (address: string) => farEnds.add(SipStranger.come(address, () => stage.platform.sipPort))

/** Somebody new is asked for a password: the node listens, and answers as always. */
async function answersOthers(address: string): Promise<void> {
  const other = await comes(address)
  expect((await other.isAnswered(other.asks('OPTIONS', here))).status).toBe(401)
}

/** How often somebody was refused for a reason. */
async function refusals(why: string): Promise<number> {
  const text = await (await fetch(`${stage.platform.url}/metrics`)).text()
  return Number(new RegExp(`^parley_sip_refused_total\\{why="${why}"\\} (\\d+)$`, 'm').exec(text)?.[1] ?? 0)
}

describe('a datagram that is no SIP', () => {
  it.each([
    ['is empty', ''],
    ['is noise', randomBytes(1400)],
    ['has half a start line', 'INVITE sip:'],
    ['has no headers', 'INVITE sip:bob@127.0.0.1 SIP/2.0\r\n\r\n'],
    ['claims to be longer than it is', 'OPTIONS sip:127.0.0.1 SIP/2.0\r\nContent-Length: 9999999\r\n\r\n'],
    ['claims to be shorter than nothing', 'OPTIONS sip:127.0.0.1 SIP/2.0\r\nContent-Length: -1\r\n\r\n'],
    ['has 3,000 headers', `OPTIONS sip:127.0.0.1 SIP/2.0\r\n${'X: y\r\n'.repeat(3_000)}\r\n`],
    [
      'has a comment in a comment, 20,000 deep',
      `OPTIONS sip:127.0.0.1 SIP/2.0\r\nServer: ${'('.repeat(20_000)}\r\n\r\n`,
    ],
    ['has one line of 60 kB', `OPTIONS sip:127.0.0.1 SIP/2.0\r\nSubject: ${'x'.repeat(60_000)}\r\n\r\n`],
    ['is an answer to nothing', 'SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bKx\r\n\r\n'],
  ])('changes nothing when it %s', async (_what, datagram) => {
    const mallory = await comes('127.0.0.2')
    mallory.sends(datagram)
    await answersOthers('127.0.0.2')
    for (const answer of mallory.answers.notes) expect(answer).toMatch(/^SIP\/2\.0 4\d\d /)
  })
})

describe('somebody who may not call', () => {
  it('is not answered when his program is a scanner, and is counted', async () => {
    const mallory = await comes('127.0.0.3')
    mallory.asks('OPTIONS', here, { 'User-Agent': 'friendly-scanner' })
    await until('scanner that is counted', async () => {
      const count = await refusals('scanner')
      return count === 1 ? { found: true } : { sawOnly: `${count}` }
    })
    await answersOthers('127.0.0.3')
    expect(mallory.answers.notes).toEqual([])
  })

  it('is not answered any more after three wrong passwords, and others are', async () => {
    const mallory = await comes('127.0.0.4')
    const uri = 'sip:+4930901@127.0.0.1'
    const first = await mallory.isAnswered(mallory.asks('INVITE', uri))
    expect(first.status).toBe(401)
    let { text } = first
    for (const isLast of [false, false, true]) {
      const guess = mallory.asks('INVITE', uri, { Authorization: guessFor(text, uri) })
      if (!isLast) ({ text } = await mallory.isAnswered(guess))
    }
    await until('address that is barred', async () => {
      const wrong = await refusals('wrongCredentials')
      return wrong === 3 ? { found: true } : { sawOnly: `${wrong} wrong passwords` }
    })
    const known = mallory.answers.notes.length
    mallory.asks('OPTIONS', here)
    await answersOthers('127.0.0.5')
    expect(mallory.answers.notes).toHaveLength(known)
    expect(await phoneCalls(stage.platform, '+4930901')).toEqual([])
  })

  it('is told to wait when he calls a thousand times, and others are heard', async () => {
    const mallory = await comes('127.0.0.6')
    for (let n = 0; n < 1_000; n += 1) mallory.asks('INVITE', 'sip:+4930901@127.0.0.1')
    const refused = await mallory.answers.find('503', (answer) => answer.startsWith('SIP/2.0 503'))
    expect(refused).toMatch(/^Retry-After: \d+/m)
    await answersOthers('127.0.0.7')
  })
})

describe('a number that is not for everybody', () => {
  it.each(['112', '+88299912345'])('is not dialled: %s', async (number) => {
    const ann = await stage.people.arrive(`ann-${number}`, { beside: talking().ann })
    const before = trunk.answers.notes.length
    await ann.calls({ phoneNumber: number }, { showing: own })
    expect(await ann.ends()).toMatchObject({ code: 403, subCode: 510_403 })
    expect(trunk.answers.notes.slice(before).filter((one) => one.startsWith('INVITE'))).toEqual([])
  })
})

describe('a caller whose name is a script', () => {
  it('is shown with it, as text', async () => {
    const cat = await stage.people.arrive('cat', { beside: talking().bob })
    await settleNumber(stage.platform, { number: '+4930901', target: { user: cat.id } })
    const name = '<img src=x onerror=alert(1)>'
    const sdp = 'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 9 RTP/AVP 0\r\n'
    const from = { From: `"${name}" <sip:+4930555@127.0.0.1>;tag=script`, 'Content-Type': 'application/sdp' }
    const call = trunk.asks('INVITE', `sip:+4930901@127.0.0.1`, from, sdp)
    expect(await cat.isRung()).toMatchObject({ from: '4:+4930555', displayName: name })
    await cat.declines()
    expect((await trunk.isAnswered(call)).status).toBe(603)
  })
})

/** What somebody answers to a challenge who does not know the password. */
function guessFor(challenge: string, uri: string): string {
  const line = /^WWW-Authenticate: *(Digest .*MD5.*)$/im.exec(challenge)?.[1] ?? ''
  const [nonce, realm] = ['nonce', 'realm'].map((name) => new RegExp(`${name}="([^"]*)"`).exec(line)?.[1] ?? '')
  const response = createHash('md5').update(randomBytes(8)).digest('hex')
  const parts = { username: 'parley', realm, nonce, uri, response, cnonce: 'abcdef' }
  const quoted = Object.entries(parts).map(([name, value]) => `${name}="${value}"`)
  return `Digest ${quoted.join(', ')}, algorithm=MD5, qop=auth, nc=00000001`
}

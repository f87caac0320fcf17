import { describe, expect, it } from '@jest/globals'
import { DigestClient, Headers, noBody, sipUri, type Flow, type Request } from '@parley/sip'
import { pino } from 'pino'
import type { TrunkLine } from '../trunks/trunk-line.ts'
import { Admission } from './admission.ts'

/** As much of a flow as admission looks at. */
function flow(local: string, remote: string, { transport = 'udp', port = 40_000 } = {}): Flow {
  const place = (address: string, port: number) => ({ address, port })
  const seen = { transport, local: place(local, 5060), remote: place(remote, port), isSecure: false }
  return { ...seen, provenDomains: [] } as unknown as Flow
}

function register(): Request {
  return {
    kind: 'request',
    method: 'REGISTER',
    uri: sipUri({ host: '127.0.0.1' }),
    headers: new Headers(),
    body: noBody,
  }
}

function admission(hasSoftphones: boolean): Admission {
  return new Admission({ trunks: { all: [] }, hasSoftphones, log: pino({ level: 'silent' }) })
}

describe('a telephone of this machine', () => {
  it('is let in from loopback, and from any address of the machine to loopback', async () => {
    const door = admission(true)
    expect(await door.judge(register(), flow('127.0.0.1', '127.0.0.1'))).toBe('admitted')
    expect(await door.judge(register(), flow('127.0.0.1', '192.0.2.2'))).toBe('admitted')
    expect(await door.judge(register(), flow('::1', '2001:db8::2'))).toBe('admitted')
  })

  it('is a stranger where telephones of this machine have no part, and from elsewhere', async () => {
    expect(await admission(false).judge(register(), flow('127.0.0.1', '127.0.0.1'))).toBe('ignored')
    expect(await admission(true).judge(register(), flow('0.0.0.0', '192.0.2.2'))).toBe('ignored')
    expect(await admission(true).judge(register(), flow('198.51.100.1', '192.0.2.2'))).toBe('ignored')
  })
})

describe('wrong proofs in the name of an address', () => {
  const account = { user: 'us', password: 'secret' }
  const trunk = { fqdn: 'berlin.example.com', port: 5060, transport: 'udp', sources: [], account }
  const line = { trunk, isAt: () => false } as unknown as TrunkLine

  /** What somebody is answered from here, who was challenged there. */
  async function guesses(door: Admission, challengedAt: string, from: string): Promise<unknown> {
    const request = register()
    request.headers.setText('Via', 'SIP/2.0/UDP anywhere;branch=z9hG4bK1')
    const challenge = await door.judge(request, flow('0.0.0.0', challengedAt))
    if (typeof challenge === 'string') return challenge
    const client = new DigestClient(() => ({ username: 'us', password: 'guess' }))
    client.learn(request, challenge)
    client.authorize(request)
    await door.judge(request, flow('0.0.0.0', from))
    return door.counts.get('wrongCredentials')
  }

  it('bar whoever was challenged there, and nobody by a challenge that another one got', async () => {
    const door = new Admission({ trunks: { all: [line] }, hasSoftphones: false, log: pino({ level: 'silent' }) })
    const [attacker, victim] = ['192.0.2.66', '192.0.2.1']
    for (let n = 0; n < 4; n += 1) expect(await guesses(door, attacker, victim)).toBeUndefined()
    expect(door.counts.get('barred')).toBeUndefined()
    for (let n = 1; n <= 3; n += 1) expect(await guesses(door, attacker, attacker)).toBe(n)
    expect(await guesses(door, attacker, attacker)).toBe('ignored')
  })
})

describe('two trunks at one address and port', () => {
  const trunkOver = (transport: string) =>
    ({
      trunk: { fqdn: `${transport}.example.com`, port: 5060, transport, sources: [] },
      isAt: () => true,
    }) as unknown as TrunkLine

  it('are told apart by their transport', async () => {
    const all = ['udp', 'tcp'].map(trunkOver)
    const door = new Admission({ trunks: { all }, hasSoftphones: false, log: pino({ level: 'silent' }) })
    for (const transport of ['udp', 'tcp']) {
      const request = register()
      await door.judge(request, flow('0.0.0.0', '192.0.2.2', { transport, port: 5060 }))
      expect(door.admittedBy(request)?.line?.trunk.fqdn).toBe(`${transport}.example.com`)
    }
  })
})

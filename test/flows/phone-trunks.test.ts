import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { certify } from '../support/far-ends/authority.ts'
import { setFarEnds } from '../support/far-ends/far-ends.ts'
import { Kamailio } from '../support/far-ends/kamailio.ts'
import { phoneCalls, settleNumber, settleTrunks, trunkIs } from '../support/phone-network.ts'
import { freePorts } from '../support/ports.ts'
import { setStage } from '../support/stage.ts'
import { Telephone } from '../support/telephone.ts'

const own = '+4930900'
const transports = ['udp', 'tcp', 'tls'] as const
/** Numbers of ours, by the account to which the carrier sends the calls to them. */
const toBob = { udp: '+4930901', tcp: '+4930801', tls: '+4930701' }

describe('a trunk that wants a password', () => {
  const folder = mkdtempSync(join(process.env.PARLEY_TEST_DIR ?? tmpdir(), 'authority-'))
  const farEnds = setFarEnds()
  let carrier: Kamailio
  let phone: Telephone
  const stage = setStage(async () => {
    const { caFile, certificate, key } = certify(folder, 'tls.pbx.test')
    const accounts = Object.fromEntries(transports.map((one) => [`parley-${one}`, `secret-${one}`]))
    const account = ';auth_user=+4930111;auth_pass=secret'
    phone = await farEnds.add(Telephone.start({ number: '+4930111', toneHz: 2290, account }))
    carrier = await farEnds.add(
      Kamailio.start({
        users: { ...accounts, '+4930111': 'secret' },
        inbound: {
          ...{ '+49301': '+4930111', '+49302': '+4930111', '+49303': '+4930111' },
          ...Object.fromEntries(transports.map((one) => [toBob[one].slice(0, 6), `parley-${one}`])),
        },
        lines: { [phone.number]: phone.sipPort },
        tls: { certificate, key },
      }),
    )
    const door = await freePorts(2)
    return {
      SIP_LISTEN: `udp:127.0.0.1:${door},tcp:127.0.0.1:${door},tls:127.0.0.1:${door + 1}`,
      SIP_TLS_CERT: join(folder, 'host.pem'),
      SIP_TLS_KEY: join(folder, 'host.key'),
      SIP_TLS_CA: caFile,
    }
  })
  beforeAll(async () => {
    await settleNumber(stage.platform, { number: own })
    const accountAt = (one: (typeof transports)[number]) => ({
      transport: one,
      registers: true,
      account: { user: `parley-${one}`, password: `secret-${one}` },
    })
    const trunks = transports.map((one) => ({
      fqdn: `${one}.pbx.test`,
      port: one === 'tls' ? carrier.tlsPort : carrier.port,
      more: accountAt(one),
    }))
    const wrong = { fqdn: 'wrong.pbx.test', port: carrier.tlsPort, more: { transport: 'tls' } }
    await settleTrunks(
      stage.platform,
      [...trunks, wrong],
      [
        { pattern: '^.493011', over: ['udp.pbx.test'] },
        { pattern: '^.493022', over: ['tcp.pbx.test'] },
        { pattern: '^.493033', over: ['tls.pbx.test'] },
        { pattern: '^.493044', over: ['wrong.pbx.test'] },
      ],
    )
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it('registers us, and carries calls, over UDP, TCP and TLS', async () => {
    const ann = await stage.people.arrive('ann')
    for (const [n, transport] of transports.entries()) {
      await trunkIs(stage.platform, `${transport}.pbx.test`, { registration: 'registered' })
      await ann.calls({ phoneNumber: `+4930${n + 1}${n + 1}55` }, { showing: own })
      await ann.reaches('Connected')
      await ann.hears(phone)
      await ann.hangsUp()
      expect(await ann.ends()).toMatchObject({ code: 0, subCode: 0 })
      await phone.isTold('CALL_CLOSED')
    }
  })

  it('is not spoken to over TLS when its certificate bears another name', async () => {
    const ann = await stage.people.arrive('ann')
    const { says } = await trunkIs(stage.platform, 'wrong.pbx.test', { ping: 'error' })
    expect(says).toMatch(/wrong\.pbx\.test|certificate|altnames/i)
    await ann.calls({ phoneNumber: '+49304455' }, { showing: own })
    expect(await ann.ends()).toMatchObject({ code: 503, subCode: 560_503 })
  })

  it('brings calls in over UDP, TCP and TLS, at the doors where we are heard, and is told when we hang up', async () => {
    const bob = await stage.people.arrive('bob')
    for (const transport of transports) {
      const number = toBob[transport]
      await settleNumber(stage.platform, { number, target: { user: bob.id } })
      await phone.calls(`sip:${number}@127.0.0.1:${carrier.port}`)
      expect(await bob.isRung()).toMatchObject({ from: phone.id })
      await bob.answers()
      await Promise.all([bob.hears(phone), phone.hears(bob)])
      await bob.hangsUp()
      await phone.isTold('CALL_CLOSED')
      const [record] = await phoneCalls(stage.platform, number)
      expect(record).toMatchObject({ direction: 'in', to: number })
      // The one whose certificate is wrong is at the place of the one whose is right.
      expect(transport === 'tls' ? ['tls', 'wrong'] : [transport]).toContain(record?.trunk?.split('.')[0])
    }
  })

  it('may start anew in the middle of a call, is registered with again, and brings calls in', async () => {
    const [ann, bob] = await Promise.all([stage.people.arrive('ann'), stage.people.arrive('bob')])
    await settleNumber(stage.platform, { number: toBob.udp, target: { user: bob.id } })
    await ann.calls({ phoneNumber: '+49301155' }, { showing: own })
    await ann.reaches('Connected')
    await carrier.stops()
    await carrier.startAgain()
    await carrier.registers('parley-udp')
    await ann.hears(phone)

    const caller = await Telephone.start({
      number: '+4930111',
      toneHz: 2530,
      registrar: carrier.port,
      account: ';auth_user=+4930111;auth_pass=secret',
    })
    try {
      await caller.calls(`sip:${toBob.udp}@127.0.0.1:${carrier.port}`)
      expect(await bob.isRung()).toMatchObject({ from: caller.id })
      await bob.answers()
      await Promise.all([bob.hears(caller), caller.hears(bob)])
      await bob.hangsUp()
      await caller.isTold('CALL_CLOSED')
    } finally {
      await caller.goes()
    }
  })
})

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { certify } from '../support/far-ends/authority.ts'
import { setFarEnds } from '../support/far-ends/far-ends.ts'
import { Kamailio } from '../support/far-ends/kamailio.ts'
import type { Person } from '../support/person.ts'
import { phoneCalls, phoneObjects, registrationsAt, settleNumber, settleTrunks } from '../support/phone-network.ts'
import { setStage } from '../support/stage.ts'
import { Telephone } from '../support/telephone.ts'
import { soonMs, until } from '../support/until.ts'

const own = '+4930900'
/** Numbers of ours, by the trunk over which the carrier sends the calls to them. */
const numbers = { udp: '+4930901', tcp: '+4930801', tls: '+4930701', slow: '+4930601' } as const
type Name = keyof typeof numbers
const names = Object.keys(numbers) as Name[]
const transportOf = (name: Name) => (name === 'slow' ? 'udp' : name)

/** What the carrier grants lasts for four seconds, and its nonces for three; a telephone of this machine asks for ten. */
describe('a registration', () => {
  const folder = mkdtempSync(join(process.env.PARLEY_TEST_DIR ?? tmpdir(), 'authority-'))
  const farEnds = setFarEnds()
  let carrier: Kamailio
  let phone: Telephone
  let softphone: Telephone
  const stage = setStage(async () => {
    const { caFile, certificate, key } = certify(folder, 'tls.pbx.test')
    const accounts = Object.fromEntries(names.map((name) => [`parley-${name}`, `secret-${name}`]))
    const inbound = Object.fromEntries(names.map((name) => [numbers[name].slice(0, 6), `parley-${name}`]))
    const account = ';auth_user=+4930111;auth_pass=secret'
    phone = await farEnds.add(Telephone.start({ number: '+4930111', toneHz: 2290, account }))
    carrier = await farEnds.add(
      Kamailio.start({
        users: { ...accounts, '+4930111': 'secret' },
        inbound: { ...inbound, '+49302': '+4930111' },
        lines: { [phone.number]: phone.sipPort },
        tls: { certificate, key },
        nonceS: 3,
        leastS: { 'parley-slow': 7200 },
      }),
    )
    return { SIP_TLS_CA: caFile }
  })
  beforeAll(async () => {
    await settleNumber(stage.platform, { number: own })
    const trunks = names.map((name) => ({
      fqdn: `${name}.pbx.test`,
      port: name === 'tls' ? carrier.tlsPort : carrier.port,
      more: {
        transport: transportOf(name),
        registers: true,
        account: { user: `parley-${name}`, password: `secret-${name}` },
      },
    }))
    await settleTrunks(stage.platform, trunks, [{ pattern: '^.493022', over: ['tcp.pbx.test'] }])
    const registrar = stage.platform.sipPort
    softphone = await farEnds.add(Telephone.start({ number: '1001', toneHz: 970, registrar, registersForS: 10 }))
    // Its time is over when the other stories have been told.
    softphone.sleeps()
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  /** The phone calls a number of ours, which is answered and heard, and hangs up. */
  async function phoneCallsIn(name: Name, bob: Person): Promise<void> {
    const number = numbers[name]
    await settleNumber(stage.platform, { number, target: { user: bob.id } })
    await phone.calls(`sip:${number}@127.0.0.1:${carrier.port}`)
    expect(await bob.isRung()).toMatchObject({ from: phone.id })
    await bob.answers()
    await Promise.all([bob.hears(phone), phone.hears(bob)])
    await phone.hangsUp()
    expect(await bob.ends()).toMatchObject({ code: 0, subCode: 540_000 })
    const [record] = await phoneCalls(stage.platform, number)
    expect(record).toMatchObject({ direction: 'in', from: phone.number, to: number })
    // Two accounts at one place, port and transport: by the number alone they are told apart.
    const alike = names.filter((other) => transportOf(other) === transportOf(name))
    expect(alike.map((other) => `${other}.pbx.test`)).toContain(record?.trunk)
  }

  it('at a trunk is renewed before it ends, with a new nonce when the old one is stale, and calls come in all the time', async () => {
    const bob = await stage.people.arrive('bob')
    await carrier.registers('parley-udp', 3)
    expect(carrier.timesNew('parley-udp')).toBe(1)
    expect(carrier.timesRefused('parley-udp', 'stale')).toBeGreaterThan(0)
    expect(registrationsAt(stage.platform, 'udp.pbx.test')).toEqual(['trying', 'registered'])
    await phoneCallsIn('udp', bob)
  })

  it('at a trunk is asked for again when it was for too short a time, and from then on for long enough', async () => {
    const bob = await stage.people.arrive('bob')
    await carrier.registers('parley-slow')
    expect(carrier.timesRefused('parley-slow', 'brief')).toBe(1)
    expect(registrationsAt(stage.platform, 'slow.pbx.test')).toEqual(['trying', 'registered'])
    await phoneCallsIn('slow', bob)
  })

  it('at a trunk brings calls in over TCP and TLS', async () => {
    const bob = await stage.people.arrive('bob')
    await phoneCallsIn('tcp', bob)
    await phoneCallsIn('tls', bob)
  })

  it('at a trunk is renewed during a call, whose sound goes on', async () => {
    const ann = await stage.people.arrive('ann')
    await ann.calls({ phoneNumber: '+49302255' }, { showing: own })
    await ann.reaches('Connected')
    await Promise.all([ann.hears(phone), phone.hears(ann)])
    await ann.listens()
    await phone.hearsAllAlong(ann, () => carrier.registers('parley-tcp', 2))
    expect((await ann.hearing(phone)).longestGapMs).toBeLessThan(1000)
    await ann.hangsUp()
    await phone.isTold('CALL_CLOSED')
  })

  it('of a telephone here that is not renewed runs out: who calls is told so at once, until it comes again', async () => {
    const ann = await stage.people.arrive('ann')
    await softphonesAre(0)
    const calledAt = performance.now()
    await ann.calls({ phoneNumber: softphone.number })
    expect(await ann.ends()).toMatchObject({ code: 480, subCode: 560_480 })
    expect(performance.now() - calledAt).toBeLessThan(2000)

    softphone.wakes()
    await softphonesAre(1)
    await ann.calls({ phoneNumber: softphone.number })
    await ann.reaches('Connected')
    await Promise.all([ann.hears(softphone), softphone.hears(ann)])
    await ann.hangsUp()
    await softphone.isTold('CALL_CLOSED')
  })

  const softphonesAre = (count: number) =>
    until(
      `${count} telephones that have registered here`,
      async () => {
        const { softphones } = await phoneObjects(stage.platform)
        return softphones === count ? { found: true } : { sawOnly: `${softphones}` }
      },
      2 * soonMs,
    )
})

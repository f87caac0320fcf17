import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { certify } from '../support/far-ends/authority.ts'
import { setFarEnds } from '../support/far-ends/far-ends.ts'
import { Kamailio } from '../support/far-ends/kamailio.ts'
import type { Person } from '../support/person.ts'
import { phoneCalls, phoneObjects, settleNumber, settleTrunks } from '../support/phone-network.ts'
import { Proxy } from '../support/proxy.ts'
import { setStage } from '../support/stage.ts'
import { Telephone } from '../support/telephone.ts'
import { until } from '../support/until.ts'

const own = '+4930900'
const toBob = '+4930901'
/** A machine that starts programs meanwhile may be late with a few packets. */
const bearableGapMs = 1000

/** A carrier behind a relay for TCP, and a telephone that reaches us through another one: both can be cut. */
describe('a connection that is lost during a call', () => {
  const folder = mkdtempSync(join(process.env.PARLEY_TEST_DIR ?? tmpdir(), 'authority-'))
  const farEnds = setFarEnds()
  let carrier: Kamailio
  let toCarrier: Proxy
  let toUs: Proxy
  let phone: Telephone
  let direct: Telephone
  const stage = setStage(async () => {
    const { caFile, certificate, key } = certify(folder, 'tls.pbx.test')
    const account = ';auth_user=+4930111;auth_pass=secret'
    phone = await farEnds.add(Telephone.start({ number: '+4930111', toneHz: 2290, account }))
    toCarrier = await Proxy.open(() => ({ host: '127.0.0.1', port: carrier.port }))
    toUs = await Proxy.open(() => ({ host: '127.0.0.1', port: stage.platform.sipPort }))
    carrier = await farEnds.add(
      Kamailio.start({
        users: { parley: 'secret', '+4930111': 'secret' },
        inbound: { '+4930': phone.number },
        lines: { [phone.number]: phone.sipPort },
        tls: { certificate, key },
        reachedAt: toCarrier.port,
      }),
    )
    direct = await farEnds.add(Telephone.start({ number: '+4930222', toneHz: 2530, transport: 'tcp' }))
    return { SIP_TLS_CA: caFile, SIP_SILENCE_LIMIT_S: '3' }
  })
  beforeAll(async () => {
    await settleNumber(stage.platform, { number: own })
    const account = { user: 'parley', password: 'secret' }
    await settleTrunks(
      stage.platform,
      [
        { fqdn: 'tcp.pbx.test', port: toCarrier.port, more: { transport: 'tcp', account } },
        { fqdn: 'tls.pbx.test', port: carrier.tlsPort, more: { transport: 'tls', account } },
        { fqdn: 'direct.pbx.test', port: direct.sipPort, more: { transport: 'tcp' } },
      ],
      [
        { pattern: '^.493011', over: ['tcp.pbx.test'] },
        { pattern: '^.493022', over: ['tls.pbx.test'] },
      ],
    )
  })
  afterAll(async () => {
    await Promise.all([toCarrier.close(), toUs.close()])
    rmSync(folder, { recursive: true, force: true })
  })

  /** Ann calls the phone, which answers, and both hear each other. */
  async function annCallsPhone(number: string): Promise<Person> {
    const ann = await stage.people.arrive('ann')
    await ann.calls({ phoneNumber: number }, { showing: own })
    await Promise.all([ann.reaches('Connected'), phone.isTold('CALL_ESTABLISHED')])
    await Promise.all([ann.hears(phone), phone.hears(ann)])
    return ann
  }

  /** Resets what is open, and lets what is new pass. */
  function cut(proxy: Proxy): void {
    proxy.destroy()
    proxy.pass()
  }

  /** Waits until nothing of any phone call is left. */
  async function nothingIsLeft(ports: number): Promise<void> {
    await until('end of all phones', async () => {
      const { phones, portsLeft } = await phoneObjects(stage.platform)
      return phones === 0 && portsLeft === ports ? { found: true } : { sawOnly: `${phones} phones, ${portsLeft} ports` }
    })
  }
  const portsLeft = async () => (await phoneObjects(stage.platform))['portsLeft'] ?? 0

  it('takes nothing from the sound, and the page holds, resumes and hangs up over a new one', async () => {
    const ann = await annCallsPhone('+49301155')
    await ann.listens()
    const before = toCarrier.connections().length
    await phone.hearsAllAlong(ann, () => cut(toCarrier))
    expect((await ann.hearing(phone)).longestGapMs).toBeLessThan(bearableGapMs)
    await ann.holds()
    await phone.speaksOf('a=sendonly')
    expect(toCarrier.connections().length).toBeGreaterThan(before)
    await ann.resumes()
    await Promise.all([ann.hears(phone), phone.hears(ann)])
    cut(toCarrier)
    await ann.hangsUp()
    await phone.isTold('CALL_CLOSED')
    expect(await ann.ends()).toMatchObject({ code: 0, subCode: 0 })
  })

  it('takes nothing from the sound when the carrier starts anew, and the phone holds, resumes and hangs up', async () => {
    const ann = await annCallsPhone('+49301155')
    await ann.listens()
    await phone.hearsAllAlong(ann, async () => {
      await carrier.stops()
      await carrier.startAgain()
    })
    expect((await ann.hearing(phone)).longestGapMs).toBeLessThan(bearableGapMs)
    await phone.commands('hold')
    await ann.reaches('RemoteHold')
    await phone.commands('resume')
    await ann.hears(phone)
    await phone.hangsUp()
    expect(await ann.ends()).toMatchObject({ code: 0, subCode: 560_000 })
  })

  it('is opened again over TLS, to the name that was proven before', async () => {
    const ann = await annCallsPhone('+49302255')
    await carrier.stops()
    await carrier.startAgain()
    await ann.hears(phone)
    await ann.hangsUp()
    await phone.isTold('CALL_CLOSED')
    expect(await ann.ends()).toMatchObject({ code: 0, subCode: 0 })
  })

  it('takes nothing from a call that has come in over it, which either side holds and ends over a new one', async () => {
    const bob = await stage.people.arrive('bob')
    await settleNumber(stage.platform, { number: toBob, target: { user: bob.id } })
    await direct.calls(`sip:${toBob}@127.0.0.1:${toUs.port};transport=tcp`)
    expect(await bob.isRung()).toMatchObject({ from: direct.id })
    await bob.answers()
    await Promise.all([bob.hears(direct), direct.hears(bob)])
    const [record] = await phoneCalls(stage.platform, toBob)
    expect(record).toMatchObject({ direction: 'in', trunk: 'direct.pbx.test' })
    cut(toUs)
    await bob.holds()
    await direct.speaksOf('a=sendonly')
    await bob.resumes()
    await bob.hears(direct)
    await direct.hangsUp()
    expect(await bob.ends()).toMatchObject({ code: 0, subCode: 540_000 })
  })

  it('and cannot be opened again leaves the sound until the page hangs up, and nothing after that', async () => {
    const before = await portsLeft()
    const ann = await annCallsPhone('+49301155')
    toCarrier.destroy()
    await ann.hears(phone)
    await ann.hangsUp()
    expect(await ann.ends()).toMatchObject({ code: 0, subCode: 0 })
    await nothingIsLeft(before)
    toCarrier.pass()
    await phone.hangsUp()
  })

  it('with the phone itself ends the call, and says why', async () => {
    const before = await portsLeft()
    const ann = await annCallsPhone('+49301155')
    await carrier.stops()
    await phone.dies()
    expect(await ann.ends()).toMatchObject({ code: 410, subCode: 531_004 })
    await nothingIsLeft(before)
  })
})

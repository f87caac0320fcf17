import { afterEach, describe, expect, it } from '@jest/globals'
import { setStage } from '../support/stage.ts'
import { Telephone } from '../support/telephone.ts'

describe('a telephone on this machine', () => {
  const stage = setStage()
  const telephones: Telephone[] = []
  afterEach(async () => {
    await Promise.all(telephones.splice(0).map((one) => one.goes()))
  })

  async function telephone(options: Partial<Parameters<typeof Telephone.start>[0]> = {}): Promise<Telephone> {
    const { sipPort } = stage.platform
    const started = await Telephone.start({ number: '1001', toneHz: 970, registrar: sipPort, ...options })
    telephones.push(started)
    return started
  }

  it('is called by its number from a page, and both hear each other', async () => {
    const [ann, phone] = await Promise.all([stage.people.arrive('ann', { displayName: 'Ann' }), telephone()])
    await ann.does(({ agent, tell }) => {
      const call = agent.startCall([{ phoneNumber: '1001' }], {})
      call.on('stateChanged', () => tell('state', call.state))
      tell('state', call.state)
    })
    await ann.isToldOf('state', (state) => state === 'Connected')
    await phone.isTold('CALL_ESTABLISHED')
    await Promise.all([ann.hears(phone), phone.hears(ann)])
    await phone.hangsUp()
    await ann.isToldOf('state', (state) => state === 'Disconnected')
    expect(ann.toldOf('state')).toEqual(expect.arrayContaining(['Connecting', 'Connected', 'Disconnected']))
  })

  it('calls people by their names, shows its number, and is heard', async () => {
    const [ann, phone] = await Promise.all([stage.people.arrive('ann', { displayName: 'Ann' }), telephone()])
    await phone.calls(`sip:ann@127.0.0.1:${stage.platform.sipPort}`)
    await ann.isRung()
    await phone.isTold('CALL_RINGING')
    await ann.answers()
    await phone.isTold('CALL_ESTABLISHED')
    await Promise.all([ann.hears(phone), phone.hears(ann)])
    await ann.hangsUp()
    await phone.isTold('CALL_CLOSED')
  })

  it('calls the echo', async () => {
    const phone = await telephone()
    await phone.calls(`sip:echo@127.0.0.1:${stage.platform.sipPort}`)
    await phone.isTold('CALL_ESTABLISHED')
    await phone.isTold('CALL_RTPESTAB')
    await phone.hangsUp()
  })
})

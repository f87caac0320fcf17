/** Telephones of this machine: they register, are called by their numbers, and call whom they like. */
import { afterEach, describe, expect, it, jest } from '@jest/globals'
import { nameAddr, sipUri } from '@parley/sip'
import { eventually } from '../media/testing/eventually.ts'
import { FarEnd } from '../testing/far-end.ts'
import { Place } from '../testing/place.ts'

// Real time passes here, on a machine that may be busy.
jest.setTimeout(30_000)

let place: Place | undefined
let telephone: FarEnd | undefined
afterEach(async () => {
  await place?.close()
  await telephone?.close()
  place = undefined
})

async function withSoftphones(transport: 'udp' | 'tcp' = 'udp') {
  place = await Place.open({}, { hasSoftphones: true })
  telephone = await FarEnd.open({ transport })
  const { api, node, port } = place
  const registrar = sipUri({ host: '127.0.0.1', port: place.portOf(transport), parameters: { transport } })
  const registers = (number: string, expiresS?: number) =>
    telephone?.agent.register({
      registrar,
      aor: nameAddr(sipUri({ user: number, host: '127.0.0.1' })),
      contactUser: number,
      ...(expiresS === undefined ? {} : { expiresS }),
    })
  return { api, node, port, telephone, registers }
}

describe('a telephone of this machine', () => {
  it.each(['udp', 'tcp'] as const)('that has registered over %s is called by its number', async (transport) => {
    const { api, node, telephone, registers } = await withSoftphones(transport)
    registers('1001')
    await eventually('registration', () => node.counts().softphones === 1)
    telephone.refuses(486)
    const { callId } = await api.dials(node.id, { trunks: ['softphones'], number: '1001' as never })
    expect((await api.isAsked('phone.ended')).body).toEqual({ callId, reason: 'phoneBusy', sipStatus: 486 })
  })

  it('that has not registered, or no longer, is away', async () => {
    const { api, node, registers } = await withSoftphones()
    await api.dials(node.id, { trunks: ['softphones'], number: '1001' as never })
    expect((await api.isAsked('phone.ended')).body).toMatchObject({ reason: 'phoneAway' })
    const registration = registers('1001')
    await eventually('registration', () => node.counts().softphones === 1)
    await registration?.unregister()
    expect(node.counts().softphones).toBe(0)
  })

  it('is told for how long it has to register at least', async () => {
    const { node, registers } = await withSoftphones()
    const registration = registers('1001', 5)
    // RFC 3261 section 10.2.8: who is told 423 asks for more.
    await eventually('registration', () => registration?.state.is === 'registered')
    expect(registration?.state).toMatchObject({ expiresS: 10 })
    expect(node.counts().softphones).toBe(1)
  })

  it('calls without any trunk, and needs no password', async () => {
    const { api, port, telephone } = await withSoftphones()
    telephone.calls('ann', port)
    const { body } = await api.isAsked('phone.incoming')
    expect(body).toMatchObject({ to: 'ann', from: { name: 'Far Away' } })
    expect(body).not.toHaveProperty('trunk')
  })
})

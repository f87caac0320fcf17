/** Trunks: whether they answer, whether they have registered us, and what changes when the operator changes them. */
import { afterEach, describe, expect, it, jest } from '@jest/globals'
import { createSocket } from 'node:dgram'
import { Contact, DigestServer, responseTo, withParameter, type ServerTransaction } from '@parley/sip'
import { eventually } from '../media/testing/eventually.ts'
import { FarEnd } from '../testing/far-end.ts'
import { Place, trunkTo } from '../testing/place.ts'

// Real time passes here, on a machine that may be busy.
jest.setTimeout(30_000)

let place: Place | undefined
afterEach(async () => {
  await place?.close()
  place = undefined
})

/** A carrier that wants a password, and whose registrations last for so long. */
async function carrier(password: string): Promise<FarEnd & { registered: Set<string> }> {
  const far = await FarEnd.open()
  const digest = new DigestServer({
    realm: 'carrier',
    accountOf: (user) => (user === account.user ? { password } : undefined),
  })
  const registered = new Set<string>()
  far.agent.on('request', (transaction) => void answer(transaction))
  return Object.assign(far, { registered })

  async function answer(transaction: ServerTransaction): Promise<void> {
    const { request } = transaction
    const verdict = await digest.verify(request)
    if (verdict.is === 'wrong') return transaction.reply(403)
    if (verdict.is !== 'accepted') return transaction.respond(digest.challenge(request))
    const contacts = request.headers.all(Contact)
    for (const { uri, parameters } of contacts) {
      if (uri.kind === 'sip' && parameters.get('expires') === '0') registered.delete(uri.user ?? '')
      else if (uri.kind === 'sip') registered.add(uri.user ?? '')
    }
    const response = responseTo(request, 200, { toTag: transaction.toTag })
    response.headers.setAll(
      Contact,
      contacts.map((contact) => withParameter(contact, 'expires', contact.parameters.get('expires') ?? '600')),
    )
    transaction.respond(response)
  }
}

// Carriers give such names out.
const account = { user: 'us@home', password: 'secret' }

describe('a trunk', () => {
  it('that answers is well, also with a refusal', async () => {
    const berlin = await FarEnd.open()
    const vienna = await FarEnd.open({ admit: (request) => responseTo(request, 403) })
    place = await Place.open({ 'berlin.example.com': berlin, 'vienna.example.com': vienna })
    const { api } = place
    for (const fqdn of ['berlin.example.com', 'vienna.example.com']) {
      await eventually(`health of ${fqdn}`, () => api.health.some((one) => one.fqdn === fqdn && one.ping === 'ok'))
    }
    expect(api.health[0]).toMatchObject({ registration: 'none' })
  })

  it('that drains, or cannot be connected to, is told of with what it says', async () => {
    const berlin = await FarEnd.open({ isDraining: () => true })
    place = await Place.open({ 'berlin.example.com': berlin })
    const { api, node } = place
    await eventually('health', () => api.health.some(({ ping, says }) => ping === 'error' && says?.includes('503')))
    expect([...node.counts().trunksUp]).toEqual([['berlin.example.com', false]])
    api.changesTrunks([trunkTo('closed.example.com', 9, { transport: 'tcp' })])
    await eventually('health', () =>
      api.health.some(({ fqdn, ping }) => fqdn === 'closed.example.com' && ping === 'error'),
    )
  })

  it('registers us with its account, and lets us go when it is taken away', async () => {
    const berlin = await carrier('secret')
    place = await Place.open({ 'berlin.example.com': berlin }, { trunk: { account, registers: true } })
    const { api, node } = place
    await eventually('registration', () => api.health.some(({ registration }) => registration === 'registered'))
    await eventually('the trunk', () => node.counts().trunksUp.get('berlin.example.com'))
    expect([...berlin.registered]).toEqual(['us%40home'])
    api.changesTrunks([])
    await eventually('end of the registration', () => berlin.registered.size === 0)
  })

  it('that refuses our password is told of', async () => {
    const berlin = await carrier('another one')
    place = await Place.open({ 'berlin.example.com': berlin }, { trunk: { account, registers: true } })
    const { api } = place
    await eventually('refusal', () =>
      api.health.some(({ registration, says }) => registration === 'refused' && says !== undefined),
    )
    await eventually('an answer', () => api.health.some(({ ping }) => ping === 'ok'))
    expect(place.node.counts().trunksUp.get('berlin.example.com')).toBe(false)
  })

  it('that is elsewhere is heard from there, though SIP is heard on this machine only', async () => {
    const far = { 'berlin.example.com': await FarEnd.open(), 'bonn.example.com': await FarEnd.open() }
    place = await Place.open(far)
    const { api, node } = place
    const portOfSoundTo = async (fqdn: keyof typeof far): Promise<number> => {
      await api.dials(node.id, { trunks: [fqdn] })
      const [, port] = /m=audio (\d+)/.exec(Buffer.from((await far[fqdn].isCalled()).invite.body).toString()) ?? []
      return Number(port)
    }
    await eventually('all of them', () => api.health.filter(({ ping }) => ping === 'ok').length === 2)
    // Who has all addresses of this machine leaves none of them to others.
    expect(await isFree('127.0.0.2', await portOfSoundTo('berlin.example.com'))).toBe(true)
    const vienna = trunkTo('vienna.example.com', 9, { address: '192.0.2.99' })
    api.changesTrunks([...api.trunks, vienna])
    await eventually('the other trunk', () => node.counts().trunks === 3)
    expect(await isFree('127.0.0.2', await portOfSoundTo('bonn.example.com'))).toBe(false)
  })

  it('that is changed takes the next call as it is then', async () => {
    const berlin = (await FarEnd.open()).refuses(486)
    place = await Place.open({ 'berlin.example.com': berlin })
    const { api, node } = place
    const changed = { numberFormat: '00E164', countryCode: '49' } as const
    api.changesTrunks([trunkTo('berlin.example.com', berlin.port, changed)])
    await eventually('the new one', () => place?.logged.filter((line) => line === 'trunk.known').length === 2)
    await api.dials(node.id, { trunks: ['berlin.example.com'] })
    expect((await berlin.isCalled()).invite.uri).toMatchObject({ user: '004930111' })
  })
})

async function isFree(address: string, port: number): Promise<boolean> {
  const socket = createSocket('udp4')
  const { promise, resolve } = Promise.withResolvers<boolean>()
  socket.once('error', () => resolve(false))
  socket.bind(port, address, () => resolve(true))
  const isIt = await promise
  socket.close()
  return isIt
}

/** Registrations against a registrar within the test: RFC 3261 section 10.2. */
import { expect, it } from '@jest/globals'
import { DigestServer } from '../digest/index.ts'
import { nameAddr, sipUri, withParameter } from '../grammar/index.ts'
import { Contact, Expires, responseTo, type Response } from '../messages/index.ts'
import { Person } from '../testing/people.ts'
import { place } from '../testing/phones.ts'
import type { ServerTransaction } from '../transactions/index.ts'
import type { RegisterOptions, RegistrationState } from './agent.ts'

/** As a registrar says yes: with all bindings and how long each lasts. */
function granted({ request }: ServerTransaction, seconds: number): Response {
  const response = responseTo(request, 200, { toTag: 'r' })
  const bindings = request.headers.all(Contact).map((one) => withParameter(one, 'expires', String(seconds)))
  const other = withParameter(nameAddr(sipUri({ user: 'ann', host: 'elsewhere' })), 'expires', '5')
  response.headers.setAll(Contact, [other, ...bindings])
  return response
}

async function annAndTheRegistrar(
  answers: (transaction: ServerTransaction) => void | Promise<void>,
  options: Partial<RegisterOptions> = {},
) {
  const around = place('tcp')
  const ann = await around.phone('ann')
  const registrar = new Person(around.network, around.clock, { address: 'registrar', transport: 'tcp' })
  registrar.answers = (transaction) => void answers(transaction)
  const registration = ann.agent.register({
    registrar: sipUri({ host: 'registrar' }),
    aor: nameAddr(sipUri({ user: 'ann', host: 'registrar' })),
    contactUser: 'ann',
    expiresS: 600,
    ...options,
  })
  const told: string[] = []
  registration.on('changed', (state: RegistrationState) =>
    told.push(state.is === 'registered' ? `registered ${state.expiresS}` : state.is),
  )
  return { ...around, ann, registrar, registration, told }
}

const expiresOf = ({ request }: ServerTransaction) => request.headers.get(Expires)

it('a binding is kept alive for as long as it is wanted, and then taken back', async () => {
  const { clock, registrar, registration, told } = await annAndTheRegistrar((transaction) =>
    transaction.respond(granted(transaction, 100)),
  )
  await clock.passes(100)
  expect(told).toEqual(['registered 100'])
  await clock.passes(84_000)
  expect(registrar.requests).toHaveLength(1)
  await clock.passes(1100)
  expect(registrar.requests).toHaveLength(2)
  const left = registration.unregister()
  await clock.passes(100)
  await left
  expect(registrar.requests.map(expiresOf)).toEqual([600, 600, 0])
  expect(new Set(registrar.requests.map(({ request }) => request.headers.text('Call-ID'))).size).toBe(1)
  expect(registrar.requests.map(({ request }) => request.headers.text('CSeq'))).toEqual([
    '1 REGISTER',
    '2 REGISTER',
    '3 REGISTER', // prettier-ignore
  ])
  expect(told.at(-1)).toBe('ended')
  await clock.passes(600_000)
  expect(registrar.requests).toHaveLength(3)
})

it.each([
  [3, 1500],
  [4, 2000],
  [60, 51_000],
])('that is granted for %i s is renewed after %i ms: registrars count in whole seconds', async (grantedS, afterMs) => {
  const { clock, registrar } = await annAndTheRegistrar((transaction) =>
    transaction.respond(granted(transaction, grantedS)),
  )
  await clock.passes(afterMs)
  expect(registrar.requests).toHaveLength(1)
  await clock.passes(100)
  expect(registrar.requests).toHaveLength(2)
})

it('is asked for with a proof, which is kept for the next time', async () => {
  const server = new DigestServer({
    realm: 'registrar',
    accountOf: () => ({ password: 'secret' }),
    limits: { lifetimeMs: 3_600_000 },
  })
  const { clock, registrar, told } = await annAndTheRegistrar(
    async (transaction) => {
      const { is } = await server.verify(transaction.request)
      transaction.respond(is === 'accepted' ? granted(transaction, 100) : server.challenge(transaction.request))
    },
    { credentials: () => ({ username: 'ann', password: 'secret' }) },
  )
  await clock.passes(100)
  await clock.passes(86_000)
  expect(registrar.requests).toHaveLength(3)
  expect(told).toEqual(['registered 100', 'registered 100'])
})

it('with a wrong password fails and is tried again later, more and more rarely', async () => {
  const server = new DigestServer({ realm: 'registrar', accountOf: () => ({ password: 'another' }) })
  const { clock, registrar, registration, told } = await annAndTheRegistrar(
    (transaction) => transaction.respond(server.challenge(transaction.request)),
    { credentials: () => ({ username: 'ann', password: 'secret' }) },
  )
  await clock.passes(100)
  expect(registrar.requests).toHaveLength(2)
  expect(registration.state).toMatchObject({ is: 'failed', status: 401 })
  await clock.passes(10 * 60_000)
  expect(told.length).toBeGreaterThan(2)
  expect(told.length).toBeLessThan(12)
  registration.refresh()
  await clock.passes(100)
  expect(registrar.requests.length).toBeGreaterThan(4)
})

it('for too short a time is asked for again at once: 423', async () => {
  const { clock, registrar, told } = await annAndTheRegistrar(
    (transaction) => {
      if ((expiresOf(transaction) ?? 0) >= 1800) return transaction.respond(granted(transaction, 1800))
      const response = responseTo(transaction.request, 423, { toTag: 'r' })
      response.headers.setText('Min-Expires', '1800')
      return transaction.respond(response)
    },
    { expiresS: 60 },
  )
  await clock.passes(200)
  expect(registrar.requests.map(expiresOf)).toEqual([60, 1800])
  expect(told).toEqual(['registered 1800'])
})

it('that the registrar cannot take now waits for as long as he asks', async () => {
  let isBusy = true
  const { clock, registrar, registration } = await annAndTheRegistrar((transaction) => {
    if (!isBusy) return transaction.respond(granted(transaction, 100))
    const response = responseTo(transaction.request, 500, { toTag: 'r' })
    response.headers.setText('Retry-After', '300')
    return transaction.respond(response)
  })
  await clock.passes(299_000)
  expect(registrar.requests).toHaveLength(1)
  isBusy = false
  await clock.passes(2000)
  expect(registration.state).toMatchObject({ is: 'registered' })
})

it('is made again at once when its connection breaks', async () => {
  const { clock, network, registrar, told } = await annAndTheRegistrar((transaction) =>
    transaction.respond(granted(transaction, 600)),
  )
  await clock.passes(100)
  network.breaks('ann')
  await clock.passes(200)
  expect(registrar.requests).toHaveLength(2)
  expect(told).toEqual(['registered 600', 'registered 600'])
})

it('remembers the way that the registrar wants calls to take', async () => {
  const { clock, registration } = await annAndTheRegistrar((transaction) => {
    const response = granted(transaction, 600)
    response.headers.setText('Service-Route', '<sip:edge.example.com;lr>')
    transaction.respond(response)
  })
  await clock.passes(100)
  expect(registration.serviceRoute).toMatchObject([{ uri: { host: 'edge.example.com' } }])
})

it('ends within the limit when nobody answers any more', async () => {
  const { clock, network, ann, told } = await annAndTheRegistrar((transaction) =>
    transaction.respond(granted(transaction, 600)),
  )
  await clock.passes(100)
  network.loses = () => true
  const closed = ann.agent.close(2000)
  await clock.passes(2100)
  await closed
  expect(told.at(-1)).toBe('ended')
})

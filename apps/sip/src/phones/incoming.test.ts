/** Phones that call: who is let in, what api is asked, and what the phone is answered. */
import { afterEach, describe, expect, it, jest } from '@jest/globals'
import { writeNameAddr, nameAddr, sipUri } from '@parley/sip'
import { eventually } from '../media/testing/eventually.ts'
import { FarEnd } from '../testing/far-end.ts'
import type { Place } from '../testing/place.ts'
import { setPlace } from '../testing/set-place.ts'
import type { Dialled } from '../testing/stand-in-api.ts'

const { open } = setPlace()

/** All but what comes every so often. */
const realTimers = [
  ...(['Date', 'hrtime', 'nextTick', 'performance', 'queueMicrotask', 'setImmediate', 'clearImmediate'] as const),
  ...(['setTimeout', 'clearTimeout'] as const),
]

async function withTrunk(more: Parameters<typeof open>[1] = {}) {
  const berlin = await FarEnd.open()
  const place = await open({ 'berlin.example.com': berlin }, more)
  const { api, node, port } = place
  return { api, node, port, berlin, place }
}

describe('a phone that calls over a trunk', () => {
  it('rings until somebody takes the call, and is in it then', async () => {
    const { api, port, berlin } = await withTrunk()
    const call = berlin.calls('+4930222', port)
    const { body, session } = await api.isAsked('phone.incoming')
    expect(body).toMatchObject({
      to: '+4930222',
      from: { number: '+4930333', name: 'Far Away' },
      trunk: 'berlin.example.com',
      codec: 'PCMU',
    })
    await berlin.isTold('180')
    const { callId } = body
    api.shows(api.seatOf({ callId, session }), { state: 'Connected' })
    await berlin.isTold('confirmed')
    expect((await api.isAsked('media.send')).body).toMatchObject({ callId })
    await call.terminate()
    expect((await api.isAsked('phone.ended')).body).toEqual({ callId, reason: 'phoneLeft' })
  })

  it('is let into a group at once', async () => {
    const { api, port, berlin } = await withTrunk()
    api.answers = {
      'phone.incoming': ({ callId }) => ({ call: { ...groupView(api, callId), state: 'Connecting' } }),
    }
    berlin.calls('+4930222', port)
    await berlin.isTold('confirmed')
  })

  it('is refused in the words of SIP', async () => {
    const { api, port, berlin } = await withTrunk()
    api.answers = { 'phone.incoming': () => ({ refused: 'noRoute' }) }
    berlin.calls('+4930999', port)
    await berlin.isTold('rejected by peer 404 SIP 404')
  })

  it('whose call may have a place, though api does not say which, leaves it at once', async () => {
    const { api, port, berlin } = await withTrunk()
    api.answers = { 'phone.incoming': () => Promise.reject(new Error('the answer is lost')) }
    berlin.calls('+4930222', port)
    expect((await api.isAsked('phone.ended')).body).toEqual({ reason: 'unavailable' })
    await berlin.isTold('rejected by peer 503 SIP 503')
  })

  it('that is lost while api thinks leaves the call that it is given', async () => {
    const { api, node, port, berlin } = await withTrunk()
    const answer = thinks(api)
    berlin.calls('+4930222', port)
    const { body } = await api.isAsked('phone.incoming')
    const closed = node.close()
    await berlin.isTold('rejected by peer 503 SIP 503')
    answer.resolve()
    expect((await api.isAsked('phone.ended')).body).toEqual({ callId: body.callId, reason: 'phoneLost' })
    await closed
  })

  it('gives up, and api hears so', async () => {
    const { api, port, berlin } = await withTrunk()
    const call = berlin.calls('+4930222', port)
    await berlin.isTold('180')
    await call.terminate()
    expect((await api.isAsked('phone.ended')).body).toMatchObject({ reason: 'phoneGaveUp' })
  })

  it('is told why nobody has taken the call', async () => {
    const { api, port, berlin } = await withTrunk()
    berlin.calls('+4930222', port)
    const { body, session } = await api.isAsked('phone.incoming')
    await berlin.isTold('180')
    api.ends(api.seatOf({ callId: body.callId, session }), 'declined')
    await berlin.isTold('rejected by peer 603 SIP 603')
  })

  it('with nothing in common is refused before anybody is asked', async () => {
    const g729 = { payloadType: 18, name: 'G729', clockRate: 8000, channels: 1 }
    const berlin = await FarEnd.open({ codecs: [g729] })
    const place = await open({ 'berlin.example.com': berlin })
    berlin.calls('+4930222', place.port)
    await berlin.isTold('rejected by peer 488')
    expect(place.api.asked).toEqual([])
  })

  it('says who it is by what its trunk asserts, and hides what is to be hidden', async () => {
    const { api, port, berlin } = await withTrunk()
    const asserted = writeNameAddr(nameAddr(sipUri({ user: '+4930444', host: 'x' }), 'Asserted'))
    berlin.calls('+4930222', port, { headers: { 'P-Asserted-Identity': asserted } })
    expect((await api.isAsked('phone.incoming')).body.from).toEqual({ number: '+4930444', name: 'Asserted' })
    berlin.calls('+4930223', port, { headers: { 'P-Asserted-Identity': asserted, Privacy: 'id' } })
    expect((await api.isAsked('phone.incoming', ({ to }) => to === '+4930223')).body.from).toEqual({})
  })

  it('with headers that cannot be read is shown without what stands in them', async () => {
    const { api, port, berlin } = await withTrunk()
    berlin.calls('+4930222', port, { headers: { 'P-Asserted-Identity': '<<>>;;' } })
    expect((await api.isAsked('phone.incoming')).body.from).toMatchObject({ number: '+4930333' })
    berlin.calls('+4930223', port, { headers: { Privacy: '???(' } })
    expect((await api.isAsked('phone.incoming', ({ to }) => to === '+4930223')).body.from).toEqual({})
  })

  it('is shown by whole characters only, and so is whom he calls', async () => {
    const { api, port, berlin } = await withTrunk()
    const long = 'a'.repeat(127)
    const headers = { 'P-Asserted-Identity': `"${long}\u{1f600}" <sip:+4930444@x>` }
    berlin.calls(`${long}%F0%9F%98%80`, port, { headers })
    const { to, from } = (await api.isAsked('phone.incoming')).body
    expect([to, from.name]).toEqual([`${long}\ufffd`, `${long}\ufffd`])
  })

  it('is not believed by a trunk that is not trusted', async () => {
    const { api, port, berlin } = await withTrunk({ trunk: { isTrusted: false } })
    berlin.calls('+4930222', port, { headers: { 'P-Asserted-Identity': '<sip:+4930444@x>' } })
    expect((await api.isAsked('phone.incoming')).body.from).toMatchObject({ number: '+4930333' })
  })

  it('is sent away while the platform drains', async () => {
    const { api, port, berlin } = await withTrunk()
    api.isDraining = true
    api.changesTrunks(api.trunks)
    await eventually('draining', () => {
      berlin.calls('+4930222', port)
      return berlin.told.includes('rejected by peer 503')
    })
  })
})

describe('the inventory of phones', () => {
  afterEach(() => void jest.useRealTimers())

  it('is told while some calls have no place yet, and says whose these are', async () => {
    jest.useFakeTimers({ doNotFake: realTimers })
    const { api, port, berlin } = await withTrunk()
    const answer = thinks(api)
    berlin.calls('+4930222', port)
    const { body, session } = await api.isAsked('phone.incoming')
    jest.advanceTimersByTime(30_000)
    await eventually('who asks', () => api.inventory?.asking.includes(session))
    answer.resolve()
    await eventually('the phone', () => {
      jest.advanceTimersByTime(30_000)
      return api.inventory?.phones.some(({ callId }) => callId === body.callId)
    })
    expect(api.inventory?.asking).toEqual([])
  })
})

describe('a stranger', () => {
  it('is not answered over UDP, and counted', async () => {
    const { node, port, place } = await withTrunk()
    const stranger = await place.stranger()
    stranger.calls('+4930222', port, { ringLimitMs: 1500 })
    await eventually('count', () => node.counts().refused.get('stranger'))
    await stranger.isTold('unanswered by us')
    expect(place.api.asked).toEqual([])
    expect(place.logged.filter((line) => line === 'sip.refused')).toHaveLength(1)
  })

  it('who looks like a scanner is not answered at all', async () => {
    const { node, port, place } = await withTrunk()
    const scanner = await place.stranger({ name: 'friendly-scanner' })
    scanner.calls('100', port, { ringLimitMs: 1000 })
    await eventually('count', () => node.counts().refused.get('scanner'))
    expect(place.api.asked).toEqual([])
  })

  it('is let in by the account of a trunk, and barred after three wrong passwords', async () => {
    const { api, node, port, place } = await withTrunk({ trunk: { account: { user: 'us', password: 'secret' } } })
    const roaming = await place.stranger()
    roaming.calls('+4930222', port, { credentials: () => ({ username: 'us', password: 'secret' }) })
    expect((await api.isAsked('phone.incoming')).body).toMatchObject({ trunk: 'berlin.example.com' })
    for (let n = 1; n <= 3; n += 1) {
      roaming.calls('+4930223', port, { ringLimitMs: 1500, credentials: () => ({ username: 'us', password: `${n}` }) })
      await eventually('wrong password', () => node.counts().refused.get('wrongCredentials') === n)
    }
    roaming.calls('+4930224', port, { ringLimitMs: 1000, credentials: () => ({ username: 'us', password: 'secret' }) })
    await eventually('barred', () => (node.counts().refused.get('barred') ?? 0) > 0)
    expect(api.story).toEqual(['phone.incoming'])
  })
})

function groupView(api: Place['api'], callId: Dialled['callId']) {
  return { ...api.view(callId, 'leg_00000000-group' as Dialled['legId']), kind: 'group' as const }
}

/** The api takes its time over calls that come in, until its answer is let go. */
function thinks(api: Place['api']): PromiseWithResolvers<void> {
  const answer = Promise.withResolvers<void>()
  api.answers = {
    'phone.incoming': async ({ callId }) => {
      await answer.promise
      return { call: groupView(api, callId) }
    },
  }
  return answer
}

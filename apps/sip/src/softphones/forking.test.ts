/** A number by which several telephones have registered: all of them ring, and one is in the call. */
import { afterEach, describe, expect, it, jest } from '@jest/globals'
import { nameAddr, sipUri, type IncomingInvite } from '@parley/sip'
import { eventually } from '../media/testing/eventually.ts'
import { FarEnd } from '../testing/far-end.ts'
import { Place } from '../testing/place.ts'

// Real time passes here, on a machine that may be busy.
jest.setTimeout(30_000)

let place: Place | undefined
const telephones: FarEnd[] = []
afterEach(async () => {
  await place?.close()
  await Promise.all(telephones.splice(0).map((one) => one.close()))
  place = undefined
})

const elsewhere = 'cancelled by peer 487 SIP 200'

/** A desk phone and a softphone, and how the number is dialled that both have. */
async function withTwo() {
  place = await Place.open({}, { hasSoftphones: true })
  const { api, node } = place
  const desk = await telephone('desk')
  const soft = await telephone('soft')
  const dials = () => api.dials(node.id, { trunks: ['softphones'], number: '1001' as never })
  return { api, node, desk, soft, dials }
}

async function telephone(contactUser: string, expiresS = 60): Promise<FarEnd> {
  const one = await FarEnd.open()
  telephones.push(one)
  const registration = one.agent.register({
    registrar: sipUri({ host: '127.0.0.1', port: place?.port ?? 0 }),
    aor: nameAddr(sipUri({ user: '1001', host: '127.0.0.1' })),
    contactUser,
    expiresS,
  })
  await eventually('registration', () => registration.state.is === 'registered')
  return one
}

/** Answers as soon as all that came at once have come. */
const both = async (...ones: FarEnd[]) => Promise.all(ones.map((one) => one.isCalled()))

describe('the telephones of one number', () => {
  it('all ring; whoever answers is in the call, and the others show no missed call', async () => {
    const { api, desk, soft, dials } = await withTwo()
    const { callId, session } = await dials()
    const [atDesk, atSoft] = await both(desk, soft)
    for (const call of [atDesk, atSoft]) call?.ring()
    await api.isAsked('phone.progress', ({ progress }) => progress === 'alerting')
    await atDesk?.accept({ media: desk.media })
    expect(await api.isAsked('call.accept')).toEqual({ body: { callId, isMuted: false }, session })
    await soft.isTold(elsewhere)
    expect(api.story.filter((ask) => ask === 'call.accept')).toHaveLength(1)

    await atDesk?.terminate()
    expect((await api.isAsked('phone.ended')).body).toEqual({ callId, reason: 'phoneHungUp' })
    expect([desk.incoming.length, soft.incoming.length]).toEqual([1, 1])
  })

  it('that answer at once are one in the call, and one that is hung up on', async () => {
    const { api, node, desk, soft, dials } = await withTwo()
    const answer = async () => {
      await both(desk, soft)
      await Promise.allSettled([desk, soft].map((one) => one.incoming[0]?.accept({ media: one.media })))
    }
    await Promise.all([dials(), answer()])
    await api.isAsked('call.accept')
    const lost = ['bye by peer SIP 200', elsewhere]
    await eventually('end of the other one', () =>
      [desk, soft].some(({ told }) => lost.some((end) => told.includes(end))),
    )
    const states = [desk, soft].map(({ incoming: [call] }) => call?.state)
    expect(states.toSorted()).toEqual(['confirmed', 'terminated'])
    expect(api.story).not.toContain('phone.ended')
    expect(node.counts().phones).toBe(1)
  })

  it('go on ringing when one of them is busy, and end as busy when nobody answers', async () => {
    const { api, desk, soft, dials } = await withTwo()
    desk.refuses(486)
    const { callId } = await dials()
    const call = await soft.isCalled()
    await desk.isTold('rejected by us 486')
    expect(api.story).not.toContain('phone.ended')
    call.reject(480)
    expect((await api.isAsked('phone.ended')).body).toEqual({ callId, reason: 'phoneBusy', sipStatus: 486 })
  })

  it.each([
    [[503, 404], 404, 'phoneUnknown'],
    [[480, 302], 302, 'phoneMoved'],
    [[500, 480], 480, 'phoneAway'],
  ] as const)('that refuse with %j end as %i', async ([one, other], sipStatus, reason) => {
    const { api, desk, soft, dials } = await withTwo()
    desk.refuses(one)
    soft.refuses(other)
    const { callId } = await dials()
    expect((await api.isAsked('phone.ended')).body).toEqual({ callId, reason, sipStatus })
  })

  it('stop ringing when one of them declines for all', async () => {
    const { api, desk, soft, dials } = await withTwo()
    const { callId } = await dials()
    const [atDesk] = await both(desk, soft)
    atDesk?.reject(603)
    await soft.isTold('cancelled by peer 487 SIP 603')
    expect((await api.isAsked('phone.ended')).body).toEqual({ callId, reason: 'phoneDeclined', sipStatus: 603 })
  })

  it('stop ringing when the caller gives up', async () => {
    const { api, desk, soft, dials } = await withTwo()
    const leg = await dials()
    await both(desk, soft)
    api.ends(leg, 'cancelled')
    await Promise.all([desk, soft].map((one) => one.isTold('cancelled by peer 487 SIP 487')))
    expect(api.story).not.toContain('phone.ended')
  })

  it('are heard once one has answered, not before: nobody hears two ringbacks', async () => {
    const { api, desk, soft, dials } = await withTwo()
    await dials()
    const calls = await both(desk, soft)
    for (const [n, one] of [desk, soft].entries()) {
      calls[n]?.useMedia(one.media)
      await calls[n]?.progress()
    }
    await api.isAsked('phone.progress', ({ progress }) => progress === 'alerting')
    await calls[1]?.accept()
    await api.isAsked('call.accept')
    expect(api.asked.map(({ body }) => (body as { progress?: string }).progress)).not.toContain('early')
    expect((await api.isAsked('media.send')).body).toMatchObject({ track: { source: 'microphone' } })
    await desk.isTold(elsewhere)
  })

  it('are heard when the one that answers speaks, the other one having nothing in common with us', async () => {
    const { api, desk, soft, dials } = await withTwo()
    // It answers with what was not offered.
    const deaf = (call: IncomingInvite) =>
      call.accept({ media: { offer: () => '', answer: () => 'v=0', answered() {} } })
    desk.answers = (call) => deaf(call).catch(() => undefined)
    await dials()
    const call = await soft.isCalled()
    await eventually('end of the deaf one', () => desk.told.some((what) => what.startsWith('bye by peer')))
    await call.accept({ media: soft.media })
    await api.isAsked('call.accept')
    expect(api.story).not.toContain('phone.ended')
  })

  it('of which one has gone without a word are rung without it', async () => {
    const { api, desk, soft, dials } = await withTwo()
    telephones.splice(telephones.indexOf(desk), 1)
    await desk.close()
    await dials()
    await (await soft.isCalled()).accept({ media: soft.media })
    await api.isAsked('call.accept')
  })

  it('are rung once each, also when one of them was started anew and has registered again', async () => {
    const { api, node, desk, soft, dials } = await withTwo()
    const again = desk.agent.register({
      registrar: sipUri({ host: '127.0.0.1', port: place?.port ?? 0 }),
      aor: nameAddr(sipUri({ user: '1001', host: '127.0.0.1' })),
      contactUser: 'desk-anew',
      expiresS: 60,
    })
    await eventually('registration', () => again.state.is === 'registered')
    for (const one of [desk, soft]) one.refuses(486)
    await dials()
    await api.isAsked('phone.ended')
    expect([desk.incoming.length, soft.incoming.length]).toEqual([1, 1])
    expect(node.counts().softphones).toBe(1)
  })
})

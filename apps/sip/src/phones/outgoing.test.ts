/** Phones that are dialled over trunks: what the trunk is told, what api hears of it, and when the next one is tried. */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { describe, expect, it } from '@jest/globals'
import { PAssertedIdentity, Privacy } from '@parley/sip'
import { eventually } from '../media/testing/eventually.ts'
import { FarEnd } from '../testing/far-end.ts'
import { setPlace } from '../testing/set-place.ts'

const { open } = setPlace()

async function withTrunks<Name extends string>(...names: Name[]) {
  const far = {} as Record<Name, FarEnd>
  for (const name of names) far[name] = await FarEnd.open()
  const place = await open(Object.fromEntries(names.map((name) => [`${name}.example.com`, far[name]])))
  const { api, node } = place
  const trunks = names.map((name) => `${name}.example.com`)
  return { api, node, place, ...far, dials: () => api.dials(node.id, { trunks }) }
}

describe('a phone that is dialled', () => {
  it('rings, says something, answers, and is in the call', async () => {
    const { api, dials, berlin } = await withTrunks('berlin')
    berlin.answers = async (call) => {
      call.ring()
      call.useMedia(berlin.media)
      await api.isAsked('phone.progress', ({ progress }) => progress === 'alerting')
      await call.progress()
      await api.isAsked('phone.progress', ({ progress, codec }) => progress === 'early' && codec === 'PCMU')
      await call.accept()
    }
    const { callId, session } = await dials()
    await api.isAsked('phone.progress', ({ trunk }) => trunk === 'berlin.example.com')
    expect(await api.isAsked('call.accept')).toEqual({ body: { callId, isMuted: false }, session })
    const { body } = await api.isAsked('media.send')
    expect(body).toMatchObject({ callId, generation: 1, track: { source: 'microphone', kind: 'audio' } })
    await berlin.isTold('confirmed')
  })

  it('is shown who calls, and the trunk is told it for certain', async () => {
    const { dials, berlin } = await withTrunks('berlin')
    await dials()
    const { invite, remote } = await berlin.isCalled()
    expect(invite.uri).toMatchObject({ user: '+4930111', host: 'berlin.example.com' })
    expect(remote.uri).toMatchObject({ user: '+4930222' })
    expect(invite.headers.first(PAssertedIdentity)?.uri).toMatchObject({ user: '+4930222' })
  })

  it('is not shown who calls when that is to be hidden, and the trunk is told all the same', async () => {
    const { api, node, berlin } = await withTrunks('berlin')
    await api.dials(node.id, { trunks: ['berlin.example.com'], isHidden: true })
    const { invite, remote } = await berlin.isCalled()
    expect(remote.uri).toMatchObject({ user: 'anonymous', host: 'anonymous.invalid' })
    expect(invite.headers.text('Contact')).not.toContain('4930222')
    expect(invite.headers.all(Privacy)).toEqual([['id']])
    expect(invite.headers.first(PAssertedIdentity)?.uri).toMatchObject({ user: '+4930222' })
  })

  it('is dialled once, however often the order comes', async () => {
    const { api, node, dials, berlin } = await withTrunks('berlin')
    const leg = await dials()
    await berlin.isCalled()
    await api.dials(node.id, { trunks: ['berlin.example.com'] }, leg)
    berlin.refuses(486)
    const [call] = berlin.incoming
    call?.reject(486)
    await api.isAsked('phone.ended')
    await api.dials(node.id, { trunks: ['berlin.example.com'] }, leg)
    await api.dials(node.id, { trunks: ['berlin.example.com'] })
    await eventually('the next call', () => berlin.incoming.length > 1)
    expect(berlin.incoming).toHaveLength(2)
  })

  it('is cancelled with the reason why, and hung up on once it has answered', async () => {
    const { api, dials, berlin } = await withTrunks('berlin')
    const first = await dials()
    const call = await berlin.isCalled()
    call.ring()
    await api.isAsked('phone.progress')
    api.ends(first, 'acceptedElsewhere')
    await berlin.isTold('cancelled by peer 487 SIP 200')

    berlin.accepts()
    const second = await dials()
    await api.isAsked('call.accept')
    api.ends(second, 'hungUp')
    await berlin.isTold('bye by peer Q.850 16')
    expect(api.story).not.toContain('phone.ended')
  })

  it('whose caller gives up at once is not dialled', async () => {
    const { api, node, dials, berlin, place } = await withTrunks('berlin')
    // The order is answered when it is understood, long before there is a phone.
    api.ends(await api.dials(node.id, { trunks: ['berlin.example.com'] }), 'cancelled')
    await eventually('end', () => place.logged.includes('phone.ended'))
    expect(berlin.incoming).toEqual([])
    await dials()
    await berlin.isCalled()
  })

  it('hangs up, and api hears so', async () => {
    const { api, dials, berlin } = await withTrunks('berlin')
    berlin.accepts()
    const { callId } = await dials()
    await api.isAsked('call.accept')
    await berlin.incoming[0]?.terminate()
    expect((await api.isAsked('phone.ended')).body).toEqual({ callId, reason: 'phoneHungUp' })
  })

  it('that no row knows is hung up', async () => {
    const { api, node, dials, berlin } = await withTrunks('berlin')
    berlin.accepts()
    const leg = await dials()
    await api.isAsked('call.accept')
    await api.drops(node.id, leg)
    await berlin.isTold('bye by peer SIP 503')
  })
})

describe('a trunk that refuses', () => {
  it.each([
    [486, 'phoneBusy'],
    [404, 'phoneUnknown'],
    [603, 'phoneDeclined'],
    [488, 'phoneNoCodec'],
  ] as const)('with %i ends the call, and the next one is not asked', async (status, reason) => {
    const { api, dials, berlin, vienna } = await withTrunks('berlin', 'vienna')
    berlin.refuses(status)
    const { callId } = await dials()
    expect((await api.isAsked('phone.ended')).body).toEqual({ callId, reason, sipStatus: status })
    expect(vienna.incoming).toEqual([])
  })

  it.each([500, 503, 504])('with %i has the next one asked', async (status) => {
    const { api, dials, berlin, vienna } = await withTrunks('berlin', 'vienna')
    berlin.refuses(status)
    vienna.accepts()
    await dials()
    await api.isAsked('phone.progress', ({ trunk }) => trunk === 'vienna.example.com')
  })

  it('after it has rung is not followed by another one', async () => {
    const { api, dials, berlin, vienna } = await withTrunks('berlin', 'vienna')
    berlin.answers = (call) => {
      call.ring()
      call.reject(503)
    }
    const { callId } = await dials()
    expect((await api.isAsked('phone.ended')).body).toEqual({ callId, reason: 'trunkAway', sipStatus: 503 })
    expect(vienna.incoming).toEqual([])
  })

  it('for a while is asked last in that time', async () => {
    const { api, dials, berlin, vienna } = await withTrunks('berlin', 'vienna')
    berlin.refuses(503, { 'Retry-After': '60' })
    vienna.refuses(486)
    await dials()
    await api.isAsked('phone.ended')
    expect([berlin.incoming.length, vienna.incoming.length]).toEqual([1, 1])
    await dials()
    await eventually('the second call', () => vienna.incoming.length === 2)
    expect(berlin.incoming).toHaveLength(1)
  })

  it('is told of by its name when no way is left', async () => {
    const { api, node, place } = await withTrunks('berlin')
    await api.dials(node.id, { trunks: ['gone.example.com'] })
    expect((await api.isAsked('phone.ended')).body).toMatchObject({ reason: 'trunkAway' })
    expect(place.errors).toEqual([])
  })
})

describe('a trunk that swallows what it gets', () => {
  it('is given up within four seconds, and the phone is rung over the next one', async () => {
    const hole = createSocket('udp4').bind(0, '127.0.0.1')
    await once(hole, 'listening')
    const vienna = (await FarEnd.open()).accepts()
    const place = await open({ 'hole.example.com': hole.address(), 'vienna.example.com': vienna })
    const { api, node } = place
    const invited = new Promise<number>((resolve) => {
      hole.on('message', (bytes) => {
        if (bytes.toString('latin1').startsWith('INVITE')) resolve(performance.now())
      })
    })
    await api.dials(node.id, { trunks: ['hole.example.com', 'vienna.example.com'] })
    const at = await invited
    await vienna.isCalled()
    expect(performance.now() - at).toBeLessThan(4000)
    await api.isAsked('phone.progress', ({ trunk }) => trunk === 'vienna.example.com')
    hole.close()
  })
})

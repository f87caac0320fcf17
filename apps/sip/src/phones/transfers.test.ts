/** Transfers: a phone that is sent elsewhere, and a phone that sends the other side elsewhere. */
import { describe, expect, it } from '@jest/globals'
import { RawId } from '@parley/protocol'
import { parseUri } from '@parley/sip'
import { eventually } from '../media/testing/eventually.ts'
import { setPlace } from '../testing/set-place.ts'
import { newLeg } from '../testing/stand-in-api.ts'

const cid = RawId.parse('8:acs:cid')

const phones = setPlace()
const inACall = ({ mayTransfer = true } = {}) => phones.inACall({ trunk: { mayTransfer } })

describe('a phone that is transferred', () => {
  it('calls whom it is sent to, and goes on there as the same phone', async () => {
    const { api, berlin, leg } = await inACall()
    const transfer = { id: 't1', side: 'of', state: 'Transferring', to: { user: cid } } as const
    api.shows(leg, { state: 'Connected', transfer })
    const { body, session } = await api.isAsked('call.start')
    expect(body).toMatchObject({ to: [cid], isMuted: false, transfer: { callId: leg.callId, id: 't1' } })
    expect(session).toBe(leg.session)
    await api.isAsked('media.joinPlain', ({ callId }) => callId === body.callId)
    await api.isAsked('media.send', ({ callId }) => callId === body.callId)
    const there = api.seatOf({ callId: body.callId, session })
    api.shows(there, { state: 'Connected' })
    api.ends(leg, 'transferred')
    berlin.hums(440)
    await eventually('its voice in the other call', () => (api.sounds.at(-1)?.heard.length ?? 0) > 20)
    expect(berlin.told).toEqual(['confirmed'])
    api.ends(there, 'hungUp')
    await berlin.isTold('bye by peer Q.850 16')
  })

  it('comes back when nobody comes', async () => {
    const { api, berlin, leg } = await inACall()
    const transfer = { id: 't1', side: 'of', state: 'Transferring', to: { user: cid } } as const
    api.shows(leg, { state: 'Connected', transfer })
    const { body, session } = await api.isAsked('call.start')
    await api.isAsked('media.joinPlain', ({ callId }) => callId === body.callId)
    api.ends(api.seatOf({ callId: body.callId, session }), 'noAnswer')
    await api.isAsked('media.joinPlain', ({ callId, generation }) => callId === leg.callId && generation === 2)
    await api.isAsked('media.send', ({ callId, generation }) => callId === leg.callId && generation === 2)
    expect(berlin.told).toEqual(['confirmed'])
  })

  it('is brought into another call, and accepts there', async () => {
    const { api, berlin, leg } = await inACall()
    const there = { ...newLeg(), session: leg.session }
    const transfer = { id: 't1', side: 'of', state: 'Transferring', to: { callId: there.callId } } as const
    api.shows(leg, { state: 'Connected', transfer })
    const call = api.view(there.callId, there.legId, { state: 'Ringing' })
    api.tells(leg.session, { event: 'call.incoming', body: { call } })
    expect((await api.isAsked('call.accept', ({ callId }) => callId === there.callId)).session).toBe(leg.session)
    await api.isAsked('media.send', ({ callId }) => callId === there.callId)
    api.ends(leg, 'transferred')
    expect(berlin.told).toEqual(['confirmed'])
    await berlin.incoming[0]?.terminate()
    expect((await api.isAsked('phone.ended')).body).toMatchObject({ callId: there.callId, reason: 'phoneHungUp' })
  })
})

describe('a phone that transfers', () => {
  it('the other side to a number is told what became of it', async () => {
    const { api, leg, call } = await inACall()
    const outcome = call.refer(parseUri('sip:+4930555@berlin.example.com;user=phone'))
    const { body } = await api.isAsked('call.transfer')
    expect(body).toEqual({ callId: leg.callId, to: { user: '4:+4930555' } })
    const transfer = { id: 't1', side: 'by', state: 'Transferring', to: body.to } as const
    api.shows(leg, { state: 'Connected', transfer })
    api.shows(leg, { state: 'Connected', transfer: { ...transfer, state: 'Transferred' } })
    expect(await outcome).toEqual({ is: 'succeeded', status: 200 })
  })

  it('where it may not is refused', async () => {
    const { call } = await inACall({ mayTransfer: false })
    await expect(call.refer(parseUri('sip:+4930555@berlin.example.com'))).rejects.toMatchObject({ status: 603 })
  })

  it('the other side of one of its calls into the other names that call', async () => {
    const { api, node, berlin, leg, call } = await inACall()
    const second = await api.dials(node.id, { trunks: ['berlin.example.com'], number: '+4930112' as never })
    await eventually('second call', () => berlin.incoming[1]?.state === 'confirmed')
    const other = berlin.incoming[1]
    if (other === undefined) throw new Error('There is no second call.')
    const outcome = call.refer(parseUri('sip:+4930112@berlin.example.com'), { replaces: other })
    const { body } = await api.isAsked('call.transfer')
    expect(body).toEqual({ callId: leg.callId, to: { callId: second.callId } })
    api.shows(leg, { transfer: { id: 't1', side: 'by', state: 'Transferred', to: body.to } })
    expect(await outcome).toEqual({ is: 'succeeded', status: 200 })
    // Its place there is the other side's now.
    expect((await api.isAsked('phone.ended')).body).toMatchObject({ callId: second.callId })
  })

  it('itself away has somebody else in its place, who hears the same call', async () => {
    const { api, berlin, call, place } = await inACall()
    const { replaceable: replaces } = call
    if (replaces === undefined) throw new Error('There is no dialog.')
    const successor = berlin.calls('+4930222', place.port, { replaces })
    await eventually('successor', () => successor.state === 'confirmed')
    await berlin.isTold('bye by peer')
    expect(api.story).not.toContain('phone.ended')
    berlin.hums(440)
    await eventually('its voice in the call', () => (api.sounds.at(-1)?.heard.length ?? 0) > 20)
    await successor.terminate()
    expect((await api.isAsked('phone.ended')).body).toMatchObject({ reason: 'phoneHungUp' })
  })

  it('itself away where it may not is refused', async () => {
    const { berlin, call, place } = await inACall({ mayTransfer: false })
    const { replaceable: replaces } = call
    if (replaces === undefined) throw new Error('There is no dialog.')
    berlin.calls('+4930222', place.port, { replaces })
    await berlin.isTold('rejected by peer 603')
    expect(call.state).toBe('confirmed')
  })
})

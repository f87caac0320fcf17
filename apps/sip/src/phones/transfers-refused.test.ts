/** Transfers that a phone may not have, or cannot: what it is told, and that its call goes on. */
import { describe, expect, it } from '@jest/globals'
import { endOf } from '@parley/protocol'
import { parseUri, type InviteSession } from '@parley/sip'
import { eventually } from '../media/testing/eventually.ts'
import { FarEnd } from '../testing/far-end.ts'
import { trunkTo } from '../testing/place.ts'
import { setPlace } from '../testing/set-place.ts'

const phones = setPlace()
const inACall = () => phones.inACall({ trunk: { mayTransfer: true } })
const toNumber = parseUri('sip:+4930555@berlin.example.com')

/** As somebody else has to name its dialog in Replaces. */
function nameOf({ replaceable }: InviteSession) {
  if (replaceable === undefined) throw new Error('There is no dialog.')
  return replaceable
}

/** A phone that has answered over the second of two trunks, because the first one is busy with itself. */
async function answeredOverVienna() {
  const [berlin, vienna] = [(await FarEnd.open()).refuses(503), (await FarEnd.open()).accepts()]
  const place = await phones.open({ 'berlin.example.com': berlin, 'vienna.example.com': vienna })
  const { api, node } = place
  api.changesTrunks([
    trunkTo('berlin.example.com', berlin.port, { mayTransfer: true }),
    trunkTo('vienna.example.com', vienna.port, { mayTransfer: false }),
  ])
  await eventually('settled trunks', () => api.trunks.length === 2)
  const leg = await api.dials(node.id, { trunks: ['berlin.example.com', 'vienna.example.com'] })
  await vienna.isTold('confirmed')
  await api.isAsked('media.send')
  api.shows(leg, { state: 'Connected' })
  return { api, berlin, vienna, place, call: await vienna.isCalled() }
}

describe('a phone that transfers', () => {
  it.each<[string, string, number]>([
    ['what is no number', 'sip:nobody@berlin.example.com', 404],
    ['an address without anybody', 'sip:berlin.example.com', 404],
    ['a number that nobody can have', 'tel:+1234567890123456789', 404],
    ['a page of the web', 'https://example.com/phone', 416],
    ['a mailbox', 'mailto:ann@example.com', 416],
    ['a dialog that is none', 'sip:+4930555@berlin.example.com?Replaces=a%40b%3Bto-tag%3D1%3Bfrom-tag%3D2', 481],
  ])('to %s is told so, and its call goes on', async (_, target, status) => {
    const { api, call } = await inACall()
    expect(await call.refer(parseUri(target))).toMatchObject({ is: 'failed', status })
    expect(api.story).not.toContain('call.transfer')
    expect(call.state).toBe('confirmed')
  })

  it('into the very call that it transfers is told that this leads nowhere', async () => {
    const { api, call } = await inACall()
    expect(await call.refer(toNumber, { replaces: call })).toMatchObject({ is: 'failed', status: 482 })
    expect(api.story).not.toContain('call.transfer')
  })

  it.each([
    ['numberForbidden', 403],
    ['emergencyNumber', 403],
    ['phoneBusy', 486],
    ['declined', 603],
    ['noEndpoint', 480],
  ] as const)('where it ends as %s is told %i, and its call goes on', async (reason, status) => {
    const { api, call, leg } = await inACall()
    const outcome = call.refer(toNumber)
    const { body } = await api.isAsked('call.transfer')
    const transfer = { id: 't1', side: 'by', state: 'Failed', to: body.to, end: endOf(reason) } as const
    api.shows(leg, { state: 'Connected', transfer })
    expect(await outcome).toMatchObject({ is: 'failed', status })
    expect([call.state, api.story.includes('phone.ended')]).toEqual(['confirmed', false])
  })

  it('twice at once is to wait with the second, and is told of the first', async () => {
    const { api, call, leg } = await inACall()
    const first = call.refer(toNumber)
    const { body } = await api.isAsked('call.transfer')
    await expect(call.refer(parseUri('sip:+4930556@berlin.example.com'))).rejects.toMatchObject({ status: 491 })
    api.shows(leg, { state: 'Connected', transfer: { id: 't1', side: 'by', state: 'Transferred', to: body.to } })
    expect(await first).toEqual({ is: 'succeeded', status: 200 })
    expect(api.story.filter((ask) => ask === 'call.transfer')).toHaveLength(1)
  })

  it('again after one that failed is heard again', async () => {
    const { api, call, leg } = await inACall()
    const first = call.refer(toNumber)
    const { body } = await api.isAsked('call.transfer')
    const transfer = { id: 't1', side: 'by', state: 'Failed', to: body.to, end: endOf('phoneBusy') } as const
    api.shows(leg, { state: 'Connected', transfer })
    await first
    const second = call.refer(parseUri('sip:+4930556@berlin.example.com'))
    await api.isAsked('call.transfer', ({ to }) => 'user' in to && to.user === '4:+4930556')
    // What is told of the first one again is not about the second.
    api.shows(leg, { state: 'Connected', transfer })
    api.shows(leg, { state: 'Connected', transfer: { ...transfer, id: 't2', state: 'Transferring' } })
    api.shows(leg, { state: 'Connected', transfer: { ...transfer, id: 't2', state: 'Transferred' } })
    expect(await second).toEqual({ is: 'succeeded', status: 200 })
  })

  it('whom it holds transfers him, and he is held until he is there', async () => {
    const { api, call, leg } = await inACall()
    await call.hold()
    await api.isAsked('call.hold')
    api.shows(leg, { state: 'LocalHold' })
    const outcome = call.refer(toNumber)
    const { body } = await api.isAsked('call.transfer')
    expect(api.story.slice(-2)).toEqual(['call.hold', 'call.transfer'])
    api.shows(leg, { state: 'LocalHold', transfer: { id: 't1', side: 'by', state: 'Transferred', to: body.to } })
    expect(await outcome).toEqual({ is: 'succeeded', status: 200 })
    expect(api.story).not.toContain('call.resume')
  })

  it('over the trunk that has answered may what that trunk may', async () => {
    const { call } = await answeredOverVienna()
    await expect(call.refer(toNumber)).rejects.toMatchObject({ status: 603 })
  })
})

describe('an INVITE with Replaces', () => {
  it('over another line than the phone has is refused, whoever may transfer there', async () => {
    const { api, berlin, vienna, call, place } = await answeredOverVienna()
    berlin.calls('+4930222', place.port, { replaces: nameOf(call) })
    await berlin.isTold('rejected by peer 603')
    expect([call.state, api.story.includes('phone.incoming')]).toEqual(['confirmed', false])
    expect(vienna.told).toEqual(['confirmed'])
  })

  it('for a dialog that is none, or is over, is refused', async () => {
    const { api, berlin, call, leg, place } = await inACall()
    const name = nameOf(call)
    berlin.calls('+4930222', place.port, { replaces: { ...name, toTag: 'other' } })
    await berlin.isTold('rejected by peer 481')
    expect(call.state).toBe('confirmed')
    api.ends(leg, 'hungUp')
    await berlin.isTold('bye by peer Q.850 16')
    berlin.calls('+4930222', place.port, { replaces: name })
    await eventually(
      'second answer',
      () => berlin.told.filter((one) => /^rejected by peer (481|603)$/.test(one)).length === 2,
    )
    expect(api.story).not.toContain('phone.incoming')
  })

  it('for a phone that still rings is refused, and it rings on', async () => {
    const berlin = await FarEnd.open()
    const place = await phones.open({ 'berlin.example.com': berlin }, { trunk: { mayTransfer: true } })
    berlin.answers = (call) => call.ring()
    const { api, node } = place
    await api.dials(node.id, { trunks: ['berlin.example.com'] })
    await api.isAsked('phone.progress')
    const call = await berlin.isCalled()
    berlin.calls('+4930222', place.port, { replaces: nameOf(call) })
    await berlin.isTold('rejected by peer 603')
    expect([call.state, api.story.includes('phone.ended')]).toEqual(['early', false])
  })
})

import { describe, expect, it } from '@jest/globals'
import { randomUUID } from 'node:crypto'
import { forgeToken } from '../support/forger.ts'
import { RawClient } from '../support/raw-client.ts'
import { oneRings, twoAreHere, twoInACall, twoTalk } from '../support/situations.ts'
import { setStage } from '../support/stage.ts'

const ringLimitMs = 3_000
const connectLimitMs = 3_000

const stage = setStage({ RING_LIMIT_S: `${ringLimitMs / 1000}`, CONNECT_LIMIT_S: `${connectLimitMs / 1000}` })

describe('a call that rings', () => {
  it('ends with 603/0 for both when it is declined', async () => {
    const { ann, bob } = await oneRings(stage)
    await bob.declines()
    expect(await ann.ends()).toMatchObject({ code: 603, subCode: 0 })
    expect(await bob.ringEnds()).toMatchObject({ code: 603, subCode: 0 })
    expect(ann.states).toEqual(['None', 'Connecting', 'Ringing', 'Disconnected'])
    expect(await bob.devicesAsked()).toEqual({ audio: 0, video: 0 })
  })

  it('ends with 487/0 for both when the caller hangs up first', async () => {
    const { ann, bob } = await oneRings(stage)
    await ann.hangsUp()
    expect(await ann.ends()).toMatchObject({ code: 487, subCode: 0 })
    expect(await bob.ringEnds()).toMatchObject({ code: 487, subCode: 0 })
    expect(ann.states).toEqual(['None', 'Connecting', 'Ringing', 'Disconnecting', 'Disconnected'])
    await expect(bob.answers()).rejects.toMatchObject({ code: 400, subCode: 41006 })
    await expect(bob.declines()).rejects.toMatchObject({ code: 400, subCode: 41007 })
  })

  it('ends with 487/10004 for both when nobody answers in time', async () => {
    const { ann, bob } = await oneRings(stage)
    const rangAt = performance.now()
    expect(await ann.ends()).toMatchObject({ code: 487, subCode: 10004 })
    expect(await bob.ringEnds()).toMatchObject({ code: 487, subCode: 10004 })
    expect(performance.now() - rangAt).toBeGreaterThan(ringLimitMs - 1_500)
    expect(ann.states).toEqual(['None', 'Connecting', 'Ringing', 'Disconnected'])
  })

  it('ends for the callee when the caller closes his page', async () => {
    const { ann, bob } = await oneRings(stage)
    await ann.closesPage()
    expect(await bob.ringEnds(2_000)).toMatchObject({ code: 487, subCode: 0 })
  })

  it('rings at somebody who is in another call, and leaves that call alone', async () => {
    const { ann, bob } = await twoTalk(stage)
    const cat = await stage.people.arrive('cat', { tone: 970 })
    await cat.calls(bob)
    await bob.isRung()
    await cat.reaches('Ringing')
    await bob.declines()
    expect(await cat.ends()).toMatchObject({ code: 603, subCode: 0 })
    await Promise.all([ann.hears(bob), bob.hears(ann)])
    expect(bob.states.at(-1)).toBe('Connected')
  })
})

describe('a call that reaches nobody', () => {
  const resource = randomUUID()

  it.each([
    ['is not connected', async () => (await stage.platform.identities.createUser()).communicationUserId],
    ['nobody has ever heard of', async (annId: string) => `${annId.slice(0, -36)}${randomUUID()}`],
    ['belongs to another resource', async () => `8:acs:${resource}_${randomUUID()}`],
  ])('ends with 480/10037 when the callee %s', async (_who, calleeOf) => {
    const ann = await stage.people.arrive('ann')
    await ann.calls(await calleeOf(ann.id))
    expect(await ann.ends()).toMatchObject({ code: 480, subCode: 10037 })
    expect(ann.states).toEqual(['None', 'Connecting', 'Disconnected'])
  })

  it('is not even started when the identifier cannot be read: 400/10044 is thrown', async () => {
    const ann = await stage.people.arrive('ann')
    await expect(ann.calls('not an identifier')).rejects.toMatchObject({ code: 400, subCode: 10044 })
    expect(await ann.callCount()).toBe(0)
  })

  it('ends with 408/10057 when the callee accepts and brings no media', async () => {
    const { platform, people } = stage
    const ann = await people.arrive('ann')
    const { token, user } = await platform.identities.createUserAndToken(['voip'])
    const mute = await RawClient.hello('mute', platform.url, token)
    await ann.calls(user.communicationUserId)
    const { call } = await mute.hears('call.incoming')
    await mute.ask('call.accept', { callId: call.callId, isMuted: false })
    expect(await ann.ends(connectLimitMs + 5_000)).toMatchObject({ code: 408, subCode: 10057 })
    const ended = await mute.hears('call.ended')
    expect(ended.call.end).toMatchObject({ code: 408, subCode: 10057 })
    await mute.close()
  })
})

describe('a token that does not let in', () => {
  it.each([
    [
      'has expired',
      (user: string) => forgeToken(stage.platform, { user, issuedAgoMs: 7_200_000, lifetimeMs: 3_600_000 }),
    ],
    ['is none', async () => ({ token: 'not a token', expiresOnTimestamp: Date.now() + 3_600_000 })],
    [
      'was altered',
      async (user: string) => {
        const { token, expiresOnTimestamp } = await forgeToken(stage.platform, { user, lifetimeMs: 3_600_000 })
        const [header, claims = '', signature] = token.split('.')
        const text = Buffer.from(claims, 'base64url').toString().replace('"voip"', '"voip,chat"')
        return { token: [header, Buffer.from(text).toString('base64url'), signature].join('.'), expiresOnTimestamp }
      },
    ],
  ])('makes createCallAgent reject with 401/10009 when it %s', async (_what, tokenOf) => {
    const ann = await stage.people.come('ann')
    ann.token = () => tokenOf(ann.id)
    await expect(ann.connects(stage.platform.sdkUrl)).rejects.toMatchObject({ code: 401, subCode: 10009 })
  })

  it('makes createCallAgent reject with 401/10009 when it was revoked', async () => {
    const ann = await stage.people.come('ann')
    const revoked = await ann.token()
    await stage.platform.identities.revokeTokens(ann.user)
    const fresh = ann.token
    ann.token = async () => revoked
    await expect(ann.connects(stage.platform.sdkUrl)).rejects.toMatchObject({ code: 401, subCode: 10009 })
    ann.token = fresh
    await ann.connects(stage.platform.sdkUrl)
  })

  it('makes createCallAgent reject with 401/10009 when its user was deleted', async () => {
    const ann = await stage.people.come('ann')
    const { token, expiresOnTimestamp } = await ann.token()
    await stage.platform.identities.deleteUser(ann.user)
    ann.token = async () => ({ token, expiresOnTimestamp })
    await expect(ann.connects(stage.platform.sdkUrl)).rejects.toMatchObject({ code: 401, subCode: 10009 })
  })

  it('makes createCallAgent reject with 401/10009 when it has no voip scope', async () => {
    const ann = await stage.people.come('ann', { scopes: ['chat'] })
    await expect(ann.connects(stage.platform.sdkUrl)).rejects.toMatchObject({ code: 401, subCode: 10009 })
  })
})

describe('a call that runs', () => {
  it('ends with 495/4507 for somebody whose tokens are revoked, and with 0/4521 for the other', async () => {
    const { ann, bob } = await twoInACall(stage)
    const onlyToken = await ann.token()
    ann.token = async () => onlyToken
    await stage.platform.identities.revokeTokens(ann.user)
    expect(await ann.ends(2_000)).toMatchObject({ code: 495, subCode: 4507 })
    expect(await bob.ends(2_000)).toMatchObject({ code: 0, subCode: 4521 })
    await ann.isTold({ state: 'Disconnected', reason: 'invalidToken' })
    expect(ann.connectionStates).toHaveLength(1)
  })

  it('ends with 495/4507 for somebody who is deleted', async () => {
    const { ann, bob } = await twoInACall(stage)
    await stage.platform.identities.deleteUser(bob.user)
    expect(await bob.ends(2_000)).toMatchObject({ code: 495, subCode: 4507 })
    expect(await ann.ends(2_000)).toMatchObject({ code: 0, subCode: 4521 })
  })

  it('ends with 0/4521 for the other side, at once, when a page is closed', async () => {
    const { ann, bob } = await twoTalk(stage)
    await ann.closesPage()
    expect(await bob.ends(2_000)).toMatchObject({ code: 0, subCode: 4521 })
    expect(bob.states).toEqual(['Connecting', 'Connected', 'Disconnected'])
  })

  it('ends with 0/0 for both when an agent is disposed', async () => {
    const { ann, bob } = await twoInACall(stage)
    await ann.signsOff()
    expect(await ann.ends()).toMatchObject({ code: 0, subCode: 0 })
    expect(await bob.ends()).toMatchObject({ code: 0, subCode: 0 })
  })

  it('goes on when a token runs out, though its agent is told', async () => {
    const { ann, bob } = await twoAreHere(stage)
    const cat = await stage.people.come('cat', { tone: 970 })
    const { platform } = stage
    const short = await forgeToken(platform, { user: cat.id, issuedAgoMs: 60_000, lifetimeMs: 63_000 })
    cat.token = async () => short
    await cat.connects(stage.platform.sdkUrl)
    await cat.calls(bob)
    await bob.isRung()
    await bob.answers()
    await Promise.all([cat.hears(bob), bob.hears(cat)])
    await cat.isTold({ state: 'Disconnected', reason: 'invalidToken' })
    await Promise.all([cat.hears(bob), bob.hears(cat)])
    expect(cat.states.at(-1)).toBe('Connected')
    await cat.hangsUp()
    expect(await bob.ends()).toMatchObject({ code: 0, subCode: 0 })
    expect(ann.ringCount).toBe(0)
  })
})

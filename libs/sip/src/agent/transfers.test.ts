/** Transfers: REFER and NOTIFY (RFC 3515, 3420, 4488), Replaces (RFC 3891), Referred-By (RFC 3892). */
import { describe, expect, it } from '@jest/globals'
import { annCallsBob, type Phone } from '../testing/phones.ts'
import type { IncomingRefer, InviteSession, ReferReport } from './session.ts'

/** Does what a REFER asks for, and tells how it goes. */
function obeys(phone: Phone, call: InviteSession): { refers: IncomingRefer[]; calls: InviteSession[] } {
  const done = { refers: [] as IncomingRefer[], calls: [] as InviteSession[] }
  call.on('refer', (refer) => {
    done.refers.push(refer)
    const report = refer.accept()
    const next = phone.calls(
      { name: refer.target.kind === 'sip' ? refer.target.host : '' },
      {
        ...(refer.replaces === undefined ? {} : { replaces: refer.replaces }),
      },
    )
    done.calls.push(next)
    tells(next, report)
  })
  return done
}

function tells(call: InviteSession, report: ReferReport): void {
  call.on('progress', ({ status }) => report.progress(status))
  call.on('confirmed', () => report.finished(200))
  call.on('ended', ({ status }) => report.finished(status ?? 500))
}

describe('a blind transfer', () => {
  it('is told from step to step, and the one who has asked for it hangs up', async () => {
    const { clock, network, phone, bob, call, answered } = await annCallsBob()
    const carol = await phone('carol')
    carol.answers = (incoming) => {
      incoming.ring()
      carol.accepts(incoming)
    }
    const { refers } = obeys(bob, answered)
    const told: number[] = []
    const outcome = call.refer(carol.uri, { onProgress: (status) => told.push(status) })
    await clock.passes(1000)
    expect(await outcome).toEqual({ is: 'succeeded', status: 200 })
    expect(told).toEqual([100, 180])
    expect(refers[0]?.referredBy?.uri).toMatchObject({ user: 'ann' })
    expect(carol.told).toEqual(['confirmed'])
    void call.terminate()
    await clock.passes(100)
    expect(answered.end).toMatchObject({ why: 'bye', by: 'peer' })
    expect(network.flow.filter((what) => what === 'bob: NOTIFY')).toHaveLength(3)
    expect(bob.agent.sessions).toHaveLength(1)
  })

  it('that fails leaves the call as it was', async () => {
    const { clock, phone, bob, call, answered } = await annCallsBob()
    const carol = await phone('carol')
    carol.answers = (incoming) => incoming.reject(486)
    obeys(bob, answered)
    const outcome = call.refer(carol.uri)
    await clock.passes(1000)
    expect(await outcome).toEqual({ is: 'failed', status: 486, reason: 'Busy Here' })
    expect(call.state).toBe('confirmed')
  })

  it('goes on when the one who has asked for it hangs up at once', async () => {
    const { clock, phone, bob, call, answered } = await annCallsBob()
    const carol = await phone('carol')
    obeys(bob, answered)
    const outcome = call.refer(carol.uri)
    carol.answers = (incoming) => carol.accepts(incoming)
    await clock.passes(5)
    void call.terminate()
    await clock.passes(61_000)
    expect(await outcome).toEqual({ is: 'unknown' })
    expect(carol.told).toEqual(['confirmed'])
  })

  it('that nobody wants to make is refused with 603', async () => {
    const { clock, call, bob } = await annCallsBob()
    const refused = expect(call.refer(bob.uri)).rejects.toMatchObject({ code: 'refused', status: 603 })
    await clock.passes(100)
    await refused
    expect(call.state).toBe('confirmed')
  })

  it('of which nobody wants to hear is not told', async () => {
    const { clock, network, phone, bob, call, answered } = await annCallsBob()
    const carol = (await phone('carol')).acceptsAll()
    obeys(bob, answered)
    const outcome = call.refer(carol.uri, { headers: { 'Refer-Sub': 'false' } })
    await clock.passes(1000)
    expect(await outcome).toEqual({ is: 'unknown' })
    expect(network.flow).not.toContain('bob: NOTIFY')
    expect(carol.told).toEqual(['confirmed'])
  })

  it('of which nothing is heard is given up after a minute', async () => {
    const { clock, network, bob, call, answered } = await annCallsBob()
    answered.on('refer', (refer) => void refer.accept())
    network.loses = ({ message }) => message.kind === 'request' && message.method === 'NOTIFY'
    const outcome = call.refer(bob.uri)
    await clock.passes(61_000)
    expect(await outcome).toEqual({ is: 'unknown' })
  })

  it('keeps a telephone number as it was given', async () => {
    const { clock, call, answered } = await annCallsBob()
    const targets: unknown[] = []
    answered.on('refer', (refer) => {
      targets.push(refer.target)
      refer.reject(403)
    })
    const refused = expect(call.refer({ kind: 'tel', number: '+4930123456', parameters: new Map() })).rejects.toThrow(
      '403',
    )
    await clock.passes(100)
    await refused
    expect(targets).toMatchObject([{ kind: 'tel', number: '+4930123456' }])
  })
})

describe('an attended transfer', () => {
  it('puts the new call in the place of the one that carol has', async () => {
    const { clock, phone, ann, bob, call, answered } = await annCallsBob()
    const carol = (await phone('carol')).acceptsAll()
    const { calls } = obeys(bob, answered)
    const second = ann.calls(carol)
    await clock.passes(200)
    const [first] = carol.incoming
    const outcome = call.refer(carol.uri, { replaces: second })
    await clock.passes(1000)
    expect(await outcome).toMatchObject({ is: 'succeeded' })
    const [, replacing] = carol.incoming
    expect(replacing?.replaces).toBe(first)
    expect(first?.end).toMatchObject({ why: 'replaced' })
    expect(second.end).toMatchObject({ why: 'bye', by: 'peer' })
    expect(calls[0]?.state).toBe('confirmed')
  })

  it('needs a call that was answered', async () => {
    const { clock, ann, call, bob } = await annCallsBob()
    const second = ann.calls({ name: 'nobody' })
    await expect(call.refer(bob.uri, { replaces: second })).rejects.toMatchObject({ code: 'wrongState' })
    await clock.passes(100)
  })
})

describe('an INVITE with Replaces', () => {
  it('that names no call is answered 481', async () => {
    const { clock, ann, bob } = await annCallsBob()
    const third = ann.calls(bob, { replaces: { callId: 'x', toTag: 'y', fromTag: 'z', isEarlyOnly: false } })
    await clock.passes(100)
    expect(third.end).toMatchObject({ status: 481 })
  })

  it('that wants only a call that is not answered is told 486', async () => {
    const { clock, ann, bob, call } = await annCallsBob()
    const dialog = call.replaceable
    if (dialog === undefined) throw new Error('there is no dialog')
    const third = ann.calls(bob, { replaces: { ...dialog, isEarlyOnly: true } })
    await clock.passes(100)
    expect(third.end).toMatchObject({ status: 486 })
  })
})

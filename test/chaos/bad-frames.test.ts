import { describe, expect, it } from '@jest/globals'
import { randomUUID } from 'node:crypto'
import { closeCodes, verbs, type CallId } from '@parley/protocol'
import { setWitnesses } from '../support/witnesses.ts'

const misbehaving = setWitnesses()
const { newcomer, stranger } = misbehaving

describe('a frame that is no request', () => {
  it.each([
    ['is no JSON', 'hello?'],
    ['is empty', ''],
    ['is a number', '7'],
    ['is null', 'null'],
    ['is a list', '[]'],
    ['has no id', JSON.stringify({ verb: 'ping', body: { seenSeq: 0 } })],
    ['has an id of a wrong type', JSON.stringify({ id: 7, verb: 'ping', body: { seenSeq: 0 } })],
    ['has an id that is too long', JSON.stringify({ id: 'x'.repeat(65), verb: 'ping', body: { seenSeq: 0 } })],
    ['has no verb', JSON.stringify({ id: 'a' })],
    ['is a reply to nothing', JSON.stringify({ re: 'a', ok: {} })],
    ['is an event', JSON.stringify({ seq: 1, event: 'call.ended', body: {} })],
    ['is nested ten thousand deep', `${'['.repeat(10_000)}${']'.repeat(10_000)}`],
    ['is binary', Buffer.from(JSON.stringify({ id: 'a', verb: 'ping', body: { seenSeq: 0 } }))],
  ])('is refused with badFrame when it %s, and the socket stays', async (_what, frame) => {
    const { client } = await newcomer('mallory')
    const known = client.replies.notes.length
    client.send(frame)
    const reply = await client.replies.when('reply', () => client.replies.notes[known])
    expect(reply.error).toMatchObject({ name: 'badFrame', code: 400, message: expect.any(String) })
    await client.ask('ping', { seenSeq: 0 })
    expect(client.replies.notes.length).toBe(known + 2)
  })

  it('closes the socket with 1009 when it is of 1 MiB', async () => {
    const { client } = await newcomer('mallory')
    client.send(JSON.stringify({ id: 'a', verb: 'ping', body: { seenSeq: 0, more: 'x'.repeat(1024 * 1024) } }))
    expect(await client.closed()).toMatchObject({ code: closeCodes.tooLarge })
  })
})

describe('a request that cannot be read', () => {
  it.each([
    ['an unknown verb', { verb: 'call.explode', body: {} }, { name: 'unknownVerb' }],
    ['a verb out of the prototype', { verb: 'constructor', body: {} }, { name: 'unknownVerb' }],
    ['no body', { verb: 'call.hangUp' }, { name: 'badFrame' }],
    ['a body of a wrong type', { verb: 'call.hangUp', body: 'x' }, { name: 'badRequest' }],
    ['a missing field', { verb: 'call.hangUp', body: {} }, { name: 'badRequest', path: 'callId' }],
    ['a field of a wrong type', { verb: 'call.hangUp', body: { callId: 7 } }, { name: 'badRequest', path: 'callId' }],
    ['a field that is null', { verb: 'ping', body: { seenSeq: null } }, { name: 'badRequest', path: 'seenSeq' }],
    ['a number out of range', { verb: 'ping', body: { seenSeq: -1 } }, { name: 'badRequest', path: 'seenSeq' }],
    ['a fraction', { verb: 'ping', body: { seenSeq: 0.5 } }, { name: 'badRequest', path: 'seenSeq' }],
    ['another hello', { verb: 'hello', body: {} }, { name: 'badRequest' }],
  ])('is refused by name: %s', async (_what, request, refusal) => {
    const { client } = await newcomer('mallory')
    const reply = await client.askAnything({ id: 'a', ...request })
    expect(reply).toMatchObject({ re: 'a', error: { ...refusal, message: expect.any(String) } })
    await client.ask('ping', { seenSeq: 0 })
  })

  const wrong = [{}, [], 'x', 7, null, { callId: {}, body: [] }]
  it.each(Object.keys(verbs).filter((verb) => verb !== 'bye'))(
    'is refused for every wrong body of %s',
    async (verb) => {
      const { client } = await newcomer('mallory')
      for (const [n, body] of wrong.entries()) {
        const reply = await client.askAnything({ id: `${verb} ${n}`, verb, body })
        expect(reply.error).toMatchObject({ name: 'badRequest' })
      }
    },
  )

  it('does not change the prototype of anything', async () => {
    const { client } = await newcomer('mallory')
    const body = '{"callId":"x","__proto__":{"isMuted":true},"constructor":{"prototype":{"polluted":1}}}'
    const known = client.replies.notes.length
    client.send(`{"id":"a","verb":"call.mute","body":${body}}`)
    const reply = await client.replies.when('reply', () => client.replies.notes[known])
    expect(reply.error).toMatchObject({ name: 'badRequest' })
  })
})

describe('somebody without a session', () => {
  it.each([
    ['asks for something else first', 'ping', { seenSeq: 0 }],
    ['brings a token that is none', 'hello', { protocol: 1, token: 'x', device: randomUUID() }],
    ['speaks another version', 'hello', { protocol: 2, token: 'x', device: randomUUID() }],
    ['resumes a session that never was', 'resume', { session: 'ses_00000000', key: 'x', seenSeq: 0 }],
  ])('is refused and sent away when he %s', async (_what, verb, body) => {
    const client = await stranger()
    const reply = await client.askAnything({ id: 'a', verb, body })
    expect(reply.error).toMatchObject({ name: expect.any(String), message: expect.any(String) })
    const { code, reason } = await client.closed()
    expect([closeCodes.unauthenticated, closeCodes.sessionGone]).toContain(code)
    expect(reason).not.toBe('')
  })

  it('is sent away after five seconds of silence', async () => {
    const client = await stranger()
    expect(await client.closed(7_000)).toMatchObject({ code: closeCodes.unauthenticated })
  })

  it('cannot resume the session of another with a key of his own', async () => {
    const { client } = await newcomer('victim')
    const thief = await stranger()
    const session = client.session?.session
    const reply = await thief.askAnything({
      id: 'a',
      verb: 'resume',
      body: { session, key: 'x'.repeat(43), seenSeq: 0 },
    })
    expect(reply.error).toMatchObject({ name: 'sessionGone' })
    await client.ask('ping', { seenSeq: 0 })
  })
})

describe('ten thousand messages in a second', () => {
  it('are answered until it is too much, and then the socket is closed with a reason', async () => {
    const { client } = await newcomer('mallory')
    for (let n = 0; n < 10_000; n += 1) {
      client.send(JSON.stringify({ id: `flood-${n}`, verb: 'ping', body: { seenSeq: 0 } }))
    }
    expect(await client.closed()).toMatchObject({ code: closeCodes.tooMany, reason: expect.stringMatching(/\w/) })
    const answered = client.replies.notes.filter(({ re }) => re?.startsWith('flood-'))
    const refused = answered.filter(({ error }) => error !== undefined)
    expect(answered.length).toBeGreaterThan(100)
    expect(answered.length).toBeLessThan(1_000)
    expect(refused.every(({ error }) => error?.name === 'tooMany')).toBe(true)
    expect(new Set(answered.map(({ re }) => re)).size).toBe(answered.length)
  })
})

describe("another's call", () => {
  it.each([
    ['call.hangUp', {}],
    ['call.accept', { isMuted: false }],
    ['call.reject', {}],
    ['call.mute', { isMuted: true }],
    ['media.join', { join: { generation: 1, rtpCapabilities: {} } }],
    ['media.send', { generation: 1, data: { streamId: 0 } }],
    ['media.receive', { generation: 1, resume: [] }],
    ['media.unsend', { generation: 1, producerId: 'x' }],
    ['media.watch', { generation: 1, streamId: 'x' }],
    ['media.size', { generation: 1, consumerId: 'x', width: 1, height: 1 }],
    ['media.unwatch', { generation: 1, consumerId: 'x' }],
  ])('cannot be touched by %s, and looks like one that does not exist', async (verb, body) => {
    const { client } = await newcomer('mallory')
    const [theirs, none] = [misbehaving.talking.ann.callId, randomUUID()]
    const refusals = await Promise.all(
      [theirs, none].map((callId) => client.askAnything({ id: callId, verb, body: { callId, ...body } })),
    )
    for (const { error } of refusals) expect(error).toMatchObject({ name: 'unknownCall' })
  })

  it('cannot be started once more under its id', async () => {
    const { client, id } = await newcomer('mallory')
    const { client: _eve, id: evesId } = await newcomer('eve')
    const refused = client.startCall(evesId, misbehaving.talking.ann.callId as CallId)
    await expect(refused).rejects.toMatchObject({ refusal: { name: 'callExists' } })
    expect(id).not.toBe(evesId)
  })
})

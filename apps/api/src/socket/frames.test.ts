import { describe, expect, it } from '@jest/globals'
import { endOf, Refused, type AgentEvent } from '@parley/protocol'
import { asVerb, errorFrame, eventFrame, idIn, okFrame, readBody, readRequest } from './frames.ts'

const text = (value: unknown): Buffer => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value))

function refusal(doing: () => unknown): Refused {
  try {
    doing()
  } catch (error) {
    if (error instanceof Refused) return error
    throw error
  }
  throw new Error('nothing was refused')
}

describe('a frame of the socket', () => {
  it('is read when it has an id and a verb', () => {
    expect(readRequest(text({ id: '7', verb: 'ping', body: { seenSeq: 0 } }), false)).toEqual({
      id: '7',
      verb: 'ping',
      body: { seenSeq: 0 },
    })
  })

  it.each([
    ['no JSON', '{"id":'],
    ['an array', []],
    ['null', null],
    ['a number', 4],
    ['no verb', { id: '7' }],
    ['a number as id', { id: 7, verb: 'ping' }],
    ['an endless id', { id: 'x'.repeat(65), verb: 'ping' }],
  ])('is refused as a bad frame when it is %s', (_what, frame) => {
    expect(refusal(() => readRequest(text(frame), false)).failure).toBe('badFrame')
  })

  it('is refused when it is binary, with a word about what to send', () => {
    const refused = refusal(() => readRequest(text({ id: '7', verb: 'ping' }), true))
    expect(refused.detail).toContain('JSON as text')
  })

  it('keeps its id in the refusal where the id can be read', () => {
    expect(idIn(text({ id: '7', verb: 9 }), false)).toBe('7')
    expect(idIn(text('{"id":'), false)).toBeUndefined()
    expect(idIn(text('null'), false)).toBeUndefined()
  })

  it('with a verb that objects inherit is unknown like any other', () => {
    expect(refusal(() => asVerb('constructor')).failure).toBe('unknownVerb')
    expect(refusal(() => asVerb('__proto__')).failure).toBe('unknownVerb')
  })

  it('names the field of its body that is wrong', () => {
    const body = { callId: '11111111-1111-4111-8111-111111111111', isMuted: 'yes' }
    expect(refusal(() => readBody('call.mute', body))).toMatchObject({ failure: 'badRequest', path: 'isMuted' })
  })
})

describe('a reply', () => {
  it('carries the id and the result', () => {
    expect(JSON.parse(okFrame('7', { serverTime: 1 }))).toEqual({ re: '7', ok: { serverTime: 1 } })
  })

  it('says of a fault of ours only that it is one', () => {
    const frame = errorFrame('7', new Error('password=secret'))
    expect(JSON.parse(frame)).toMatchObject({ re: '7', error: { name: 'internal', code: 500 } })
    expect(frame).not.toContain('secret')
  })
})

describe('an event', () => {
  it('carries its place in the sequence of each session that it goes to', () => {
    const end = endOf('hungUp')
    const message: AgentEvent = { event: 'session.ended', body: { end } }
    expect([7, 12].map((seq) => JSON.parse(eventFrame(seq, message)))).toEqual([
      { seq: 7, event: 'session.ended', body: { end } },
      { seq: 12, event: 'session.ended', body: { end } },
    ])
  })
})

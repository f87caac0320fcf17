import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { CallId, ProducerId, SessionId, subjects, type AgentEvent } from '@parley/protocol'
import { MemoryBus } from './memory/memory-bus.ts'
import { publishToSession, publishToSessions, subscribeSession } from './session-events.ts'

const callId = CallId.parse('11111111-1111-4111-8111-111111111111')
const [ann, bob, cid] = ['ann', 'bob', 'cid'].map((name) => SessionId.parse(`ses_${name}-laptop`)) as [
  SessionId,
  SessionId,
  SessionId,
]
const ended = (id: string): AgentEvent => ({
  event: 'media.streams',
  body: { callId, generation: 1, added: [], removed: [ProducerId.parse(id)] },
})
const effect = { callId, version: 3, n: 0 }

let bus: MemoryBus
let errors: unknown[]
let heard: unknown[]

beforeEach(() => {
  errors = []
  heard = []
  bus = new MemoryBus({ onError: (error) => errors.push(error) })
})
afterEach(() => bus.close())

const turn = () => new Promise(setImmediate)
const listen = (session: SessionId, name: string) =>
  subscribeSession(bus, session, (message, of) => void heard.push([name, message, of]))

describe('an event for a session', () => {
  it('reaches that session, with the name of the effect that it carries out', async () => {
    listen(ann, 'ann')
    listen(bob, 'bob')
    publishToSession(bus, ann, ended('p1'))
    publishToSession(bus, ann, ended('p1'), effect)
    await turn()
    expect(heard).toEqual([
      ['ann', ended('p1'), undefined],
      ['ann', ended('p1'), effect],
    ])
  })

  it.each([
    ['without a known name', subjects.session(ann), { event: 'constructor', body: {} }],
    ['with an odd body', subjects.session(ann), { event: 'media.streams', body: { callId } }],
    ['for many that names none', subjects.sessions, ended('p1')],
    ['for many that names somebody odd', subjects.sessions, { ...ended('p1'), sessions: [ann, 'everyone'] }],
  ])('is dropped and told of when it is malformed: %s', async (_what, subject, body) => {
    listen(ann, 'ann')
    bus.publish(subject, body)
    await turn()
    expect(heard).toEqual([])
    expect(errors).toEqual([expect.objectContaining({ name: 'BusError', kind: 'malformed', subject })])
  })
})

describe('an event for many sessions', () => {
  it('reaches each of them and nobody else', async () => {
    listen(ann, 'ann')
    listen(bob, 'bob')
    listen(cid, 'cid')
    publishToSessions(bus, [ann, cid], ended('p1'), effect)
    publishToSessions(bus, [bob], ended('p2'))
    publishToSessions(bus, [], ended('p3'))
    await turn()
    expect(heard).toEqual([
      ['ann', ended('p1'), effect],
      ['cid', ended('p1'), effect],
      ['bob', ended('p2'), undefined],
    ])
  })

  it('comes in the order of all that is sent to a session', async () => {
    listen(ann, 'ann')
    publishToSession(bus, ann, ended('p1'))
    publishToSessions(bus, [ann, bob], ended('p2'))
    publishToSession(bus, ann, ended('p3'))
    await turn()
    expect(heard).toEqual(['p1', 'p2', 'p3'].map((id) => ['ann', ended(id), undefined]))
  })

  it('is heard by the others when one of them fails, and no more by who has left', async () => {
    const fault = new Error('ann has no ears')
    subscribeSession(bus, ann, () => {
      throw fault
    })
    const leave = listen(bob, 'bob')
    listen(cid, 'cid')
    leave()
    publishToSessions(bus, [ann, bob, cid], ended('p1'))
    await turn()
    expect(heard).toEqual([['cid', ended('p1'), undefined]])
    expect(errors).toEqual([fault])
  })
})

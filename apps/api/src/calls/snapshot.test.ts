import { randomUUID } from 'node:crypto'
import { describe, expect, it } from '@jest/globals'
import type { Call } from '@parley/call'
import { accepted, after, hungUp, person, ringing } from '../store/scratch-calls.ts'
import { snapshotFor } from './snapshot.ts'

const [ann, bob, eve] = [randomUUID(), randomUUID(), randomUUID()]
const seenBy = (guid: string, ...calls: Call[]) => snapshotFor(person(guid).session, calls)

/** A call of Ann to Bob, which he has answered. */
const answered = () => accepted(ringing({ from: ann, to: bob }).call).call

describe('the snapshot of a session', () => {
  it('shows a live call as it is', () => {
    const { call } = ringing({ from: ann, to: bob })
    expect(seenBy(bob, call)).toMatchObject([{ callId: call.id, state: 'Ringing', direction: 'Incoming' }])
  })

  it('shows a call that is over as it ended', () => {
    const { call } = hungUp(answered())
    const expected = [{ callId: call.id, state: 'Disconnected', end: { code: 0, subCode: 0, reason: 'hungUp' } }]
    expect(seenBy(ann, call)).toMatchObject(expected)
    expect(seenBy(bob, call)).toMatchObject(expected)
  })

  it('tells who is out of a call that goes on why, and not who is there', () => {
    const added = after(answered(), { type: 'added', session: person(ann).session, devices: [person(eve)] })
    const removed = after(added.call, { type: 'removed', session: person(ann).session, who: person(bob).user })
    expect(removed.call.endedAt).toBeUndefined()
    expect(seenBy(bob, removed.call)).toMatchObject([
      { state: 'Disconnected', end: { reason: 'removed' }, participants: [] },
    ])
  })

  it('has nothing of calls of others', () => {
    expect(seenBy(eve, answered())).toEqual([])
  })
})

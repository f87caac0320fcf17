import { beforeEach, describe, expect, it } from '@jest/globals'
import { type End, Place, type RawId } from '@parley/protocol'
import { RequestDesk } from '../../test/request-desk.ts'
import { TestClock } from '../../test/test-clock.ts'
import { ann, bob, bobsLeg, callId, eve, groupId, person, view } from '../../test/views.ts'
import { failed, refused } from '../calling-error.ts'
import { silent } from '../log.ts'
import type { Leg } from './leg.ts'
import { Legs } from './legs.ts'

let api: RequestDesk
let clock: TestClock
let legs: Legs
let rang: Leg[]
let busy: boolean[]

beforeEach(() => {
  api = new RequestDesk()
  rang = []
  busy = []
  clock = new TestClock()
  legs = new Legs(
    api,
    { clock, log: silent },
    { incoming: (leg) => rang.push(leg), busy: (isBusy) => busy.push(isBusy) },
  )
})

const ringing = (id: number, version = 1) =>
  view({ callId: callId(id), version, direction: 'Incoming', state: 'Ringing', caller: { id: bob } })
const ended = (id: number, version: number) =>
  view({
    callId: callId(id),
    version,
    state: 'Disconnected',
    end: { reason: 'declined', code: 603, subCode: 0, message: '' },
  })

function only(some: Leg[]): Leg {
  const [leg] = some
  if (leg === undefined || some.length > 1) throw new Error(`Of one leg there are ${some.length}.`)
  return leg
}

/** Writes down everything that a leg tells its owner. */
function diaryOf(leg: Leg) {
  const diary: string[] = []
  leg.tell({
    viewed: ({ version, state }) => diary.push(`${version} ${state}`),
    idChanged: (warm) => diary.push(`idChanged${warm === undefined ? '' : ', rang'}`),
    said: ({ saying }) => diary.push(`said ${saying.kind}`),
    media: ({ event }) => diary.push(event),
    silenced: () => diary.push('silenced'),
    mediaMissed: () => diary.push('mediaMissed'),
    ended: ({ reason }: End) => diary.push(`ended ${reason}`),
  })
  return diary
}

/** A call to Bob that was answered as view `version` of call `id`. */
async function started(id = 1) {
  const leg = legs.open(callId(id))
  const diary = diaryOf(leg)
  const starting = legs.begin(leg, { to: [bob] }, false, {})
  return { leg, diary, starting, start: await api.hears('call.start') }
}

describe('views', () => {
  it('count by their version, in whatever order they come', async () => {
    const { diary, starting, start } = await started()
    legs.take({ event: 'call.changed', body: { call: view({ version: 3, state: 'Connected' }) } })
    start.answers({ call: view({ version: 1, state: 'Connecting' }) })
    await starting
    legs.take({ event: 'call.changed', body: { call: view({ version: 2, state: 'Ringing' }) } })
    expect(diary).toEqual(['3 Connected'])
  })

  it('end a call once, and nothing follows', async () => {
    const { leg, diary, starting, start } = await started()
    start.answers({ call: ended(1, 2) })
    await starting
    legs.take({ event: 'call.ended', body: { call: ended(1, 2) } })
    leg.finish('linkLost')
    expect(diary).toEqual(['ended declined'])
    expect(busy.at(-1)).toBe(false)
  })
})

describe('the people of a call', () => {
  /** Who is seen, in a call with Bob at version 3. */
  function seen() {
    const leg = legs.open(callId(1))
    const people: string[] = []
    leg.tell({
      viewed: ({ participants }) =>
        people.push(participants.map(({ id, state }) => `${nameOf(id)} ${state}`).join(', ')),
    })
    legs.take({ event: 'call.changed', body: { call: view({ version: 3 }) } })
    const changed = (version: number, ...participants: ReturnType<typeof person>[]) =>
      legs.take({ event: 'call.people', body: { callId: callId(1), version, participants } })
    return { leg, people, changed }
  }
  const nameOf = (id: RawId) => ({ [ann]: 'Ann', [bob]: 'Bob', [eve]: 'Eve' })[id] ?? id

  it('come and go by what is said of each', () => {
    const { leg, people, changed } = seen()
    changed(4, person(eve, { state: 'Ringing' }))
    changed(5, person(bob, { state: 'Disconnected' }))
    expect(people).toEqual(['Bob Connected', 'Bob Connected, Eve Ringing', 'Eve Ringing, Bob Disconnected'])
    expect(leg.view?.participants.map(({ id }) => id)).toEqual([eve])
  })

  it('are not what an older word says, be it about one or about all', () => {
    const { people, changed } = seen()
    changed(2, person(bob, { state: 'Hold' }))
    changed(6, person(eve), person(bob, { state: 'Disconnected' }))
    changed(5, person(eve, { state: 'Ringing' }), person(bob))
    const older = view({ version: 5, participants: [person(bob), person(eve, { state: 'Ringing' })] })
    legs.take({ event: 'call.changed', body: { call: older } })
    expect(people).toEqual(['Bob Connected', 'Eve Connected, Bob Disconnected', 'Eve Connected'])
  })

  it('are those of a newer view', () => {
    const { people, changed } = seen()
    changed(4, person(eve))
    legs.take({ event: 'call.changed', body: { call: view({ version: 5 }) } })
    expect(people.at(-1)).toBe('Bob Connected')
  })

  it('are never oneself', () => {
    api.user = ann
    const { people, changed } = seen()
    changed(4, person(ann, { isMuted: true }))
    expect(people).toHaveLength(1)
  })

  it('may be known before the call', async () => {
    const { leg, starting, start } = await started()
    const body = { callId: callId(1), version: 4, participants: [person(eve)] }
    legs.take({ event: 'call.people', body })
    start.answers({ call: view({ version: 3 }) })
    await starting
    expect(leg.view?.participants.map(({ id }) => id)).toEqual([bob, eve])
  })
})

describe('a call that is joined', () => {
  it('has the id of those who were there before, and what came for it meanwhile', async () => {
    const leg = legs.open(callId(1))
    const diary = diaryOf(leg)
    const place = Place.parse({ groupId })
    const joining = legs.begin(leg, { place }, true, {})
    const join = await api.hears('call.join')
    expect(join.body).toMatchObject({ callId: callId(1), place: { groupId }, isMuted: true, join: { generation: 1 } })
    legs.take({ event: 'call.changed', body: { call: view({ callId: callId(7), version: 9, kind: 'group' }) } })
    join.answers({ call: view({ callId: callId(7), version: 8, kind: 'group', state: 'Connecting' }) })
    await joining
    expect(diary).toEqual(['idChanged', '8 Connecting', '9 Connected'])
  })
})

describe('what is said', () => {
  it('is handed to the owner', () => {
    const leg = legs.open(callId(1))
    const diary = diaryOf(leg)
    const saying = { kind: 'reaction' as const, reaction: 'heart' as const }
    legs.take({ event: 'call.said', body: { callId: callId(1), from: bob, legId: bobsLeg, saying } })
    expect(diary).toEqual(['said reaction'])
  })
})

describe('media events', () => {
  it('wait for the owner of the leg', () => {
    const leg = legs.open(callId(1))
    legs.take({ event: 'media.streams', body: { callId: callId(1), generation: 1, added: [], removed: [] } })
    const told: string[] = []
    leg.tell({ media: ({ event }) => told.push(event) })
    expect(told).toEqual(['media.streams'])
  })

  it('are told in their order', () => {
    const leg = legs.open(callId(1))
    const diary = diaryOf(leg)
    legs.take({ event: 'media.streams', body: { callId: callId(1), generation: 1, added: [], removed: [] } })
    expect(diary).toEqual(['media.streams'])
  })
})

describe('a call that comes in', () => {
  it('rings once', () => {
    legs.take({ event: 'call.incoming', body: { call: ringing(1) } })
    legs.take({ event: 'call.incoming', body: { call: ringing(1) } })
    expect(rang.map((leg) => leg.callId)).toEqual([callId(1)])
  })

  it('of which only changes are heard does not ring', () => {
    legs.take({ event: 'call.changed', body: { call: ringing(1) } })
    legs.take({ event: 'call.ended', body: { call: ended(1, 2) } })
    expect(rang).toEqual([])
  })
})

describe('two people who call each other at once', () => {
  it('are in the call of the one whom the server heard first, and nothing rings', async () => {
    const { leg, diary, starting, start } = await started(1)
    legs.take({ event: 'call.incoming', body: { call: ringing(2) } })
    legs.take({ event: 'call.changed', body: { call: view({ callId: callId(2), version: 3, direction: 'Incoming' }) } })
    start.answers({ call: view({ callId: callId(2), version: 2, direction: 'Incoming', state: 'Connecting' }) })
    await starting
    expect(rang).toEqual([])
    expect(leg.callId).toBe(callId(2))
    expect(diary).toEqual(['idChanged', '2 Connecting', '3 Connected'])
  })

  it('stop hearing it ring where it rang already', async () => {
    legs.take({ event: 'call.incoming', body: { call: ringing(2) } })
    const incoming = diaryOf(only(rang))
    const { leg, diary, starting, start } = await started(1)
    start.answers({ call: view({ callId: callId(2), version: 2, direction: 'Incoming', state: 'Connecting' }) })
    await starting
    expect(incoming).toEqual(['ended acceptedElsewhere'])
    expect(diary).toEqual(['idChanged, rang', '2 Connecting'])
    legs.take({ event: 'call.changed', body: { call: view({ callId: callId(2), version: 3, direction: 'Incoming' }) } })
    expect(diary.at(-1)).toBe('3 Connected')
    expect(leg.end).toBeUndefined()
  })

  it('hear it ring after all when the own call came to nothing', async () => {
    const { starting, start } = await started(1)
    legs.take({ event: 'call.incoming', body: { call: ringing(2) } })
    expect(rang).toEqual([])
    start.refuses(failed('requestTimedOut'))
    await expect(starting).rejects.toMatchObject({ reason: 'requestTimedOut' })
    expect(rang.map((leg) => leg.callId)).toEqual([callId(2)])
  })

  it('is not what it looks like when somebody else calls meanwhile', async () => {
    await started(1)
    const call = { ...ringing(2), caller: { id: ann } }
    legs.take({ event: 'call.incoming', body: { call } })
    expect(rang.map((leg) => leg.callId)).toEqual([callId(2)])
  })

  it('leave the call that it became when it was hung up before that was known', async () => {
    const { leg, starting, start } = await started(1)
    const leaving = leg.hangUp()
    ;(await api.hears('call.hangUp')).refuses(refused({ name: 'unknownCall', code: 404, subCode: 0, message: '' }))
    await leaving
    start.answers({ call: view({ callId: callId(2), version: 2, direction: 'Incoming', state: 'Connecting' }) })
    await starting
    expect((await api.hears('call.hangUp')).body).toEqual({ callId: callId(2) })
  })
})

describe('a snapshot', () => {
  it('ends what is not in it, and lets what is in it go on', async () => {
    const lost = diaryOf(legs.open(callId(1)))
    const kept = diaryOf(legs.open(callId(2)))
    legs.snapshot([view({ callId: callId(2), version: 7 })])
    expect(lost).toEqual(['ended linkLost'])
    expect(kept).toEqual(['7 Connected', 'mediaMissed'])
  })

  it('ends what was named and is over as it ended, and once', async () => {
    const diary = diaryOf(legs.open(callId(1)))
    expect(legs.callIds).toEqual([callId(1)])
    legs.snapshot([ended(1, 5)])
    expect(diary).toEqual(['ended declined'])
    expect(legs.callIds).toEqual([])
    expect(rang).toEqual([])
  })

  it('does not end a call whose start is still to be asked again', async () => {
    const { diary } = await started(1)
    legs.snapshot([])
    expect(diary).toEqual([])
  })

  it('rings for a call that came in meanwhile', () => {
    legs.snapshot([ringing(3)])
    expect(rang.map((leg) => leg.callId)).toEqual([callId(3)])
  })
})

describe('muting', () => {
  it('says only the last word after an outage', async () => {
    const leg = legs.open(callId(1))
    api.isUp = false
    legs.cutOff()
    await leg.setMuted(true)
    await leg.setMuted(false)
    await leg.setMuted(true)
    expect(api.unheard).toEqual([])
    api.isUp = true
    legs.caughtUp()
    expect((await api.hears('call.mute')).body).toEqual({ callId: callId(1), isMuted: true })
    expect(api.unheard).toEqual([])
  })

  it('says nothing after an outage in which it came back to where it was', async () => {
    const leg = legs.open(callId(1))
    api.isUp = false
    await leg.setMuted(true)
    await leg.setMuted(false)
    legs.caughtUp()
    expect(api.unheard).toEqual([])
  })

  it('says one word at a time', async () => {
    const leg = legs.open(callId(1))
    const first = leg.setMuted(true)
    const last = leg.setMuted(false)
    const asked = await api.hears('call.mute')
    expect(api.unheard).toEqual([])
    asked.answers({})
    ;(await api.hears('call.mute')).answers({})
    await Promise.all([first, last])
  })

  it('makes nobody wait for a server that is away', async () => {
    const leg = legs.open(callId(1))
    const muting = leg.setMuted(true)
    await api.hears('call.mute')
    legs.cutOff()
    await muting
  })

  it('by others is the last word, also over one that is on its way', async () => {
    const leg = legs.open(callId(1))
    await begin(leg)
    const unmuting = leg.setMuted(false)
    const asked = await api.hears('call.mute')
    leg.mutedByOthers()
    asked.answers({})
    const again = await api.hears('call.mute')
    expect(again.body).toMatchObject({ isMuted: true })
    again.answers({})
    await unmuting
  })
})

describe('muting that the server does not take', () => {
  const busy = () => refused({ name: 'tooMany', code: 429, subCode: 0, message: '' })

  it('is in force here, and said again until it is known', async () => {
    const leg = legs.open(callId(1))
    const diary = diaryOf(leg)
    const muting = leg.setMuted(true)
    ;(await api.hears('call.mute')).refuses(busy())
    await muting
    clock.pass(2000)
    ;(await api.hears('call.mute')).refuses(busy())
    await settled()
    clock.pass(2000)
    const third = await api.hears('call.mute')
    expect(third.body).toMatchObject({ isMuted: true })
    third.answers({})
    await settled()
    clock.pass(60_000)
    expect(api.unheard).toEqual([])
    expect(diary).toEqual([])
  })

  it('is taken back when it was unmuting: nobody would hear', async () => {
    const leg = legs.open(callId(1))
    await begin(leg)
    const diary = diaryOf(leg)
    const unmuting = leg.setMuted(false)
    ;(await api.hears('call.mute')).refuses(busy())
    await expect(unmuting).rejects.toMatchObject({ reason: 'tooMany' })
    expect(diary).toEqual(['silenced'])
    // It may have been carried out all the same.
    clock.pass(2000)
    const again = await api.hears('call.mute')
    expect(again.body).toMatchObject({ isMuted: true })
    again.answers({})
  })

  it('is not said again when the call is over', async () => {
    const leg = legs.open(callId(1))
    const muting = leg.setMuted(true)
    ;(await api.hears('call.mute')).refuses(busy())
    await muting
    legs.forget(leg)
    clock.pass(60_000)
    expect(api.unheard).toEqual([])
    expect(clock.waits).toBe(0)
  })

  it('because it does not know of the call yet is not asked for before it does', async () => {
    const { leg, starting, start } = await started(1)
    await leg.setMuted(true)
    legs.caughtUp()
    expect(api.unheard).toEqual([])
    start.answers({ call: view({ callId: callId(2), version: 2, direction: 'Incoming', state: 'Connecting' }) })
    await starting
    expect((await api.hears('call.mute')).body).toEqual({ callId: callId(2), isMuted: true })
  })
})

const settled = () => new Promise((resolve) => setImmediate(resolve))

/** A call that began muted. */
async function begin(leg: Leg): Promise<void> {
  const starting = legs.begin(leg, { to: [bob] }, true, {})
  ;(await api.hears('call.start')).answers({ call: view() })
  await starting
}

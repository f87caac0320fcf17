import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import type { CallView } from '@parley/protocol'
import { ApiStandIn, welcome } from '../../test/api-stand-in.ts'
import { Inbox } from '../../test/inbox.ts'
import { TestClock } from '../../test/test-clock.ts'
import { callId, view } from '../../test/views.ts'
import { silent } from '../log.ts'
import { Link } from './link.ts'
import { type CallEvent, type LinkEnd, linkLimits } from './link-options.ts'

let api: ApiStandIn
let clock: TestClock
let link: Link
let tokens: string[]

const happened = {
  events: new Inbox<CallEvent>('an event'),
  snapshots: new Inbox<CallView[]>('a snapshot'),
  up: new Inbox<'up'>('up'),
  away: new Inbox<'away'>('away'),
  closed: new Inbox<LinkEnd>('the end of the link'),
}

beforeEach(async () => {
  api = await ApiStandIn.open()
  clock = new TestClock()
  tokens = []
  happened.events = new Inbox('an event')
  happened.snapshots = new Inbox('a snapshot')
  happened.up = new Inbox('up')
  happened.away = new Inbox('away')
  happened.closed = new Inbox('the end of the link')
  link = new Link(
    {
      url: api.url,
      device: 'device-1',
      displayName: 'Ann',
      token: async () => tokens.shift() ?? 'token',
      clock,
      log: silent,
      limits: linkLimits,
      // No spread: a first try comes at once.
      random: () => 0,
    },
    {
      event: (event) => happened.events.put(event),
      calls: () => [callId(1)],
      snapshot: (calls) => happened.snapshots.put(calls),
      up: () => happened.up.put('up'),
      away: () => happened.away.put('away'),
      closed: (end) => happened.closed.put(end),
    },
  )
})

afterEach(async () => {
  const closing = link.close()
  clock.pass(1000)
  await closing
  await api.close()
})

/** A link that is up, and the api's end of it. */
async function opened() {
  const opening = link.open()
  const socket = await api.socket()
  await socket.welcomes()
  await opening
  await happened.up.next()
  return socket
}

/** The next socket, after the one before was lost and the client's patience of `ms` is over. */
async function retried(ms = 1) {
  await happened.away.next()
  clock.pass(ms)
  return api.socket()
}

const incoming = (version = 1) => ({ call: view({ version, direction: 'Incoming', state: 'Ringing' }) })

describe('opening', () => {
  it('says who it is and gives what the server welcomed it with', async () => {
    const opening = link.open()
    const socket = await api.socket()
    const hello = await socket.welcomes()
    expect(hello.body).toEqual({ protocol: 1, token: 'token', device: 'device-1', displayName: 'Ann' })
    expect((await opening).session).toBe(welcome.session)
    expect(link.isUp).toBe(true)
  })

  it('rejects with the refusal of its token and is closed', async () => {
    const opening = link.open()
    const socket = await api.socket()
    socket.refuses(await socket.hears('hello'), 'unauthenticated')
    await expect(opening).rejects.toMatchObject({ code: 401, subCode: 10009 })
    expect(await happened.closed.next()).toBe('invalidToken')
  })

  it('settles after 10 s when nobody answers', async () => {
    const opening = link.open()
    await (await api.socket()).hears('hello')
    clock.pass(10_000)
    await expect(opening).rejects.toMatchObject({ code: 408, subCode: 40104 })
  })

  it('tries again when the server cannot take it yet', async () => {
    const opening = link.open()
    const socket = await api.socket()
    socket.refuses(await socket.hears('hello'), 'unavailable')
    await socket.gone
    clock.pass(1)
    await (await api.socket()).welcomes()
    await expect(opening).resolves.toMatchObject({ session: welcome.session })
  })
})

describe('a lost socket', () => {
  it('is followed by a resume from the last event that was seen', async () => {
    const socket = await opened()
    socket.tells(1, 'call.incoming', incoming())
    await happened.events.next()
    socket.cuts()
    const resume = await (await retried()).resumes()
    expect(resume.body).toEqual({ session: welcome.session, key: welcome.key, seenSeq: 1, calls: [callId(1)] })
    await happened.up.next()
  })

  it('has what was not answered asked again, once and with the same id', async () => {
    const socket = await opened()
    const answered = link.request('call.reject', { callId: callId(1) })
    socket.answers(await socket.hears('call.reject'))
    await answered
    const unanswered = link.request('call.hangUp', { callId: callId(2) })
    const first = await socket.hears('call.hangUp')
    socket.cuts()

    const next = await retried()
    await next.resumes()
    const again = await next.hears('call.hangUp')
    expect(again).toEqual(first)
    next.answers(again)
    await unanswered
    expect(next.unheard).toEqual([])
  })

  it('lets what is asked meanwhile wait, in order', async () => {
    const socket = await opened()
    socket.cuts()
    const next = await retried()
    const first = link.request('call.reject', { callId: callId(1) })
    const second = link.request('call.hangUp', { callId: callId(2) })
    await next.resumes()
    next.answers(await next.hears('call.reject'))
    next.answers(await next.hears('call.hangUp'))
    await Promise.all([first, second])
  })

  it('costs a request no time to answer while it is away', async () => {
    const socket = await opened()
    const asking = link.request('call.hangUp', { callId: callId(1) })
    await socket.hears('call.hangUp')
    clock.pass(9000)
    socket.cuts()
    const next = await retried(0)
    clock.pass(4000)
    await next.resumes()
    next.answers(await next.hears('call.hangUp'))
    await expect(asking).resolves.toEqual({})
  })

  it('is tried again for 120 s and then given up', async () => {
    const socket = await opened()
    const asking = link.request('call.hangUp', { callId: callId(1) })
    const outcome = expect(asking).rejects.toMatchObject({ code: 496, subCode: 7 })
    await socket.hears('call.hangUp')
    socket.cuts()
    await happened.away.next()
    clock.pass(119_999)
    expect(happened.closed.rest).toEqual([])
    clock.pass(1)
    expect(await happened.closed.next()).toBe('connectionIssue')
    await outcome
  })
})

describe('events', () => {
  it('are told once, however often they come', async () => {
    const socket = await opened()
    socket.tells(1, 'call.incoming', incoming())
    socket.tells(1, 'call.incoming', incoming())
    socket.tells(2, 'call.changed', incoming(2))
    expect((await happened.events.next()).event).toBe('call.incoming')
    expect((await happened.events.next()).event).toBe('call.changed')
  })

  it('are asked for again when one is missing', async () => {
    const socket = await opened()
    socket.tells(1, 'call.incoming', incoming())
    socket.tells(3, 'call.changed', incoming(3))
    const next = await retried()
    expect((await next.resumes()).body['seenSeq']).toBe(1)
    next.tells(2, 'call.changed', incoming(2))
    next.tells(3, 'call.changed', incoming(3))
    for (const version of [1, 2, 3]) {
      expect((await happened.events.next()).body).toMatchObject({ call: { version } })
    }
  })

  it('go on after a snapshot where the snapshot says', async () => {
    const socket = await opened()
    socket.cuts()
    const next = await retried()
    await next.resumes({ seq: 41, calls: [view()] })
    expect(await happened.snapshots.next()).toEqual([view()])
    next.tells(42, 'call.changed', { call: view({ version: 2 }) })
    expect((await happened.events.next()).event).toBe('call.changed')
  })

  it('that this version does not know are passed over', async () => {
    const socket = await opened()
    socket.says({ seq: 1, event: 'call.painted', body: { colour: 'blue' } })
    socket.tells(2, 'call.incoming', incoming())
    expect((await happened.events.next()).event).toBe('call.incoming')
  })
})

describe('a socket that is open and dead', () => {
  it('is found after 35 s while idle', async () => {
    const socket = await opened()
    clock.pass(34_999)
    await socket.hears('ping')
    expect(link.isUp).toBe(true)
    clock.pass(1)
    expect(link.isUp).toBe(false)
  })

  it('is found after 6 s in a call', async () => {
    await opened()
    link.setInCall(true)
    clock.pass(3999)
    expect(link.isUp).toBe(true)
    clock.pass(1)
    // Asked at once when the call began, and 4 s patient since.
    expect(link.isUp).toBe(false)
  })

  it('is found in a moment when the network is said to have changed', async () => {
    await opened()
    link.nudge()
    clock.pass(1000)
    expect(link.isUp).toBe(false)
  })

  it('is not one that answers its pings', async () => {
    const socket = await opened()
    for (let n = 0; n < 4; n++) {
      clock.pass(15_000)
      const ping = await socket.hears('ping')
      const answered = link.request('call.hangUp', { callId: callId(1) })
      socket.answers(ping, { serverTime: 0 })
      socket.answers(await socket.hears('call.hangUp'))
      await answered
    }
    expect(link.isUp).toBe(true)
  })
})

describe('a session that is gone', () => {
  it('is followed by another one, with a token asked for anew, and its calls are over', async () => {
    tokens = ['first', 'second']
    const socket = await opened()
    const asking = link.request('call.hangUp', { callId: callId(1) })
    const outcome = expect(asking).rejects.toMatchObject({ code: 496, subCode: 7 })
    await socket.hears('call.hangUp')
    socket.closes('sessionGone')
    const next = await retried(1000)
    expect((await next.welcomes()).body['token']).toBe('second')
    expect(await happened.snapshots.next()).toEqual([])
    await outcome
    await happened.up.next()
  })

  it('ends the link when no token is accepted any more', async () => {
    const socket = await opened()
    socket.cuts()
    const resuming = await retried()
    resuming.refuses(await resuming.hears('resume'), 'sessionGone')
    await resuming.gone
    clock.pass(1000)
    const next = await api.socket()
    next.refuses(await next.hears('hello'), 'unauthenticated')
    expect(await happened.closed.next()).toBe('invalidToken')
  })
})

describe('a request', () => {
  it('rejects with the refusal', async () => {
    const socket = await opened()
    const asking = link.request('call.accept', { callId: callId(1), isMuted: false })
    const outcome = expect(asking).rejects.toMatchObject({ code: 400, subCode: 41006, reason: 'cannotAccept' })
    socket.refuses(await socket.hears('call.accept'), 'cannotAccept')
    await outcome
  })

  it('rejects when it is not answered in 10 s', async () => {
    const socket = await opened()
    const asking = link.request('call.hangUp', { callId: callId(1) })
    const outcome = expect(asking).rejects.toMatchObject({ reason: 'requestTimedOut' })
    await socket.hears('call.hangUp')
    for (let n = 0; n < 5; n++) {
      clock.pass(2000)
      socket.says({ re: 'ping', ok: { serverTime: 0 } })
    }
    await outcome
  })

  it('can be called off as long as it was not sent', async () => {
    const socket = await opened()
    socket.cuts()
    const next = await retried()
    const callingOff = new AbortController()
    const asking = link.request('call.hangUp', { callId: callId(1) }, callingOff.signal)
    callingOff.abort()
    await expect(asking).rejects.toMatchObject({ reason: 'calledOff' })
    await next.resumes()
    await happened.up.next()
    expect(next.unheard).toEqual([])
  })

  it('that is too large is never sent', async () => {
    await opened()
    const token = 'x'.repeat(70_000)
    await expect(link.request('token', { token })).rejects.toMatchObject({ reason: 'tooLarge' })
  })
})

it('says goodbye when it is closed, and leaves nothing waiting', async () => {
  const socket = await opened()
  const closing = link.close()
  socket.answers(await socket.hears('bye'))
  await closing
  expect(await happened.closed.next()).toBe('disposed')
  await expect(link.request('call.hangUp', { callId: callId(1) })).rejects.toMatchObject({ reason: 'linkClosed' })
  clock.pass(1000)
  expect(clock.waits).toBe(0)
})

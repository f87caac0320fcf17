import { afterEach, describe, expect, it } from '@jest/globals'
import { closeCodes, type EventName } from '@parley/protocol'
import { RawClient } from '../support/raw-client.ts'
import { setStage } from '../support/stage.ts'
import { until } from '../support/until.ts'

/** A session outlives its sockets. Spoken without an SDK, so that what is tested is the server's half of the promise. */
describe('a session', () => {
  const stage = setStage({ SOCKET_MESSAGES_PER_S: '100000' })
  const clients: RawClient[] = []
  afterEach(() => Promise.all(clients.splice(0).map((client) => client.close())))

  async function arrives(name: string): Promise<{ client: RawClient; id: string }> {
    const { token, user } = await stage.platform.identities.createUserAndToken(['voip'])
    const client = await RawClient.hello(name, stage.platform.url, token)
    clients.push(client)
    return { client, id: user.communicationUserId }
  }

  function eventsOf(client: RawClient): EventName[] {
    return client.events.notes.map(({ event }) => event)
  }

  it('brings what happened while its socket was away, in order and once', async () => {
    const [ann, bob] = [await arrives('ann'), await arrives('bob')]
    bob.client.vanish()
    const { call } = await ann.client.startCall(bob.id)
    expect(call.state).toBe('Ringing')
    await ann.client.ask('call.hangUp', { callId: call.callId })
    const { snapshot } = await bob.client.resume()
    expect(snapshot).toBeUndefined()
    await bob.client.hears('call.ended')
    expect(eventsOf(bob.client)).toEqual(['call.incoming', 'call.ended'])
    expect(bob.client.events.notes.map(({ seq }) => seq)).toEqual([1, 2])
    await bob.client.resume()
    await bob.client.ask('ping', { seenSeq: bob.client.seenSeq })
    expect(eventsOf(bob.client)).toHaveLength(2)
  })

  it('shows its calls as they are after a restart, when what was missed is forgotten', async () => {
    const [ann, bob] = [await arrives('ann'), await arrives('bob')]
    const { call } = await ann.client.startCall(bob.id)
    await bob.client.hears('call.incoming')
    await stage.platform.kill9()
    await Promise.all([ann.client.closed(), bob.client.closed()])
    await stage.platform.startAgain()
    const { snapshot } = await bob.client.resume()
    expect(snapshot?.calls).toMatchObject([{ callId: call.callId, state: 'Ringing', direction: 'Incoming' }])
    await ann.client.resume()
    await bob.client.ask('call.reject', { callId: call.callId })
    const ended = await ann.client.hears('call.ended')
    expect(ended.call.end).toMatchObject({ code: 603, subCode: 0 })
  })

  it('learns after a restart how its calls ended meanwhile, where it names them', async () => {
    const [ann, bob, eve] = [await arrives('ann'), await arrives('bob'), await arrives('eve')]
    const { callId } = (await ann.client.startCall(bob.id)).call
    await bob.client.hears('call.incoming')
    await stage.platform.kill9()
    await Promise.all([ann, bob, eve].map(({ client }) => client.closed()))
    await stage.platform.startAgain()
    await bob.client.resume()
    await bob.client.ask('call.reject', { callId })
    const { snapshot } = await ann.client.resume([callId])
    expect(snapshot?.calls).toMatchObject([{ callId, state: 'Disconnected', end: { code: 603, subCode: 0 } }])
    // Somebody else's call looks like none.
    expect((await eve.client.resume([callId])).snapshot?.calls).toEqual([])
  })

  it('carries a request out once, however often it is sent', async () => {
    const [ann, bob] = [await arrives('ann'), await arrives('bob')]
    const { rtpCapabilities = {} } = ann.client.session ?? {}
    const callId = crypto.randomUUID()
    const request = {
      id: 'start',
      verb: 'call.start',
      body: { callId, to: [bob.id], isMuted: false, join: { generation: 1, rtpCapabilities } },
    }
    const [first, again] = await Promise.all([ann.client.askAnything(request), ann.client.askAnything(request)])
    expect(first.ok).toMatchObject({ call: { callId, state: 'Ringing' } })
    expect(again.ok).toEqual(first.ok)
    ann.client.vanish()
    await ann.client.resume()
    const afterwards = await ann.client.askAnything(request)
    expect(afterwards.ok).toEqual(first.ok)
    await bob.client.hears('call.incoming')
    await bob.client.ask('ping', { seenSeq: 0 })
    expect(eventsOf(bob.client).filter((event) => event === 'call.incoming')).toHaveLength(1)
    await ann.client.ask('call.hangUp', { callId: callId as never })
  })

  it('leaves an old socket, with a reason, when another takes it over', async () => {
    const { client } = await arrives('ann')
    const old = client.closed()
    await client.resume()
    expect(await old).toMatchObject({ code: closeCodes.takenOver, reason: expect.stringMatching(/\w/) })
    await client.ask('ping', { seenSeq: 0 })
  })

  it('cannot be resumed any more after goodbye', async () => {
    const { client } = await arrives('ann')
    await client.ask('bye', {})
    expect(await client.closed()).toMatchObject({ code: closeCodes.sessionGone })
    await expect(client.resume()).rejects.toMatchObject({ refusal: { name: 'sessionGone' } })
  })

  it('loses its socket when its client does not read, and nobody else waits for him', async () => {
    const [ann, bob] = [await arrives('ann'), await arrives('bob')]
    const { callId } = (await ann.client.startCall(bob.id)).call
    const { rtpCapabilities = {} } = ann.client.session ?? {}
    const body = { callId, join: { generation: 1, rtpCapabilities } }
    const join = JSON.stringify({ id: 'join', verb: 'media.join', body })
    ann.client.stopReading()
    // Each is answered with the same reply of some kilobytes, and no network keeps so many of them under way.
    for (let n = 0; n < 6_000; n += 1) ann.client.send(join)
    await bob.client.ask('ping', { seenSeq: 0 })
    await until('end of the socket', () => {
      if (!ann.client.isConnected) return { found: true }
      // Who does not read learns only by writing that nobody is there any more.
      ann.client.send('{}')
      return { sawOnly: 'an open one' }
    })
    await ann.client.resume()
    await ann.client.ask('call.hangUp', { callId })
    await bob.client.hears('call.ended')
  })
})

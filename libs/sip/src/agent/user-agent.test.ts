/** What a user agent does outside of calls: who comes in, what is refused, what is asked of it, how it closes. */
import { describe, expect, it } from '@jest/globals'
import { DigestServer } from '../digest/index.ts'
import { nameAddr, sipUri } from '../grammar/index.ts'
import { responseTo, writeMessage, type Request } from '../messages/index.ts'
import { Person, requestOf } from '../testing/people.ts'
import { annCallsBob, place } from '../testing/phones.ts'
import type { UserAgentOptions } from './agent.ts'

const bobUri = sipUri({ user: 'bob', host: 'bob' })
const bobsPlace = { transport: 'udp' as const, address: 'bob', port: 5060, domain: 'bob' }
/** Hears nothing of what he is answered. */
const nobody = { message: () => undefined, flowClosed: () => undefined, noticed: () => undefined }

/** Somebody sends bob what no user agent of ours would send. */
async function strangerAndBob(options: Partial<UserAgentOptions> = {}) {
  const around = place()
  const bob = await around.phone('bob', options)
  const stranger = new Person(around.network, around.clock, { address: 'stranger' })
  const asks = async (method: string, headers: Record<string, string> = {}, body = '') => {
    const request = requestOf(method, bobUri)
    request.headers.setText('Contact', '<sip:stranger>')
    for (const [name, value] of Object.entries(headers)) request.headers.setText(name, value)
    let heard: string | undefined
    let extra: string | undefined
    stranger.layer.send(
      { ...request, body: new TextEncoder().encode(body) },
      {
        final: (response) => {
          heard = String(response.status)
          extra = ['Unsupported', 'Allow', 'Retry-After', 'Accept']
            .map((name) => response.headers.text(name))
            .find(Boolean)
        },
        failed: ({ why }) => {
          heard = why
        },
      },
      { to: { by: 'servers', servers: [bobsPlace] } },
    )
    await around.clock.passes(33_000)
    return [heard, extra]
  }
  return { ...around, bob, asks }
}

describe('requests that make no call', () => {
  it('OPTIONS is answered with what can be done here', async () => {
    const { asks } = await strangerAndBob()
    expect(await asks('OPTIONS')).toEqual(['200', expect.stringContaining('INVITE, ACK, BYE')])
  })

  it.each([
    ['a call inside of no dialog', 'INVITE', { To: '<sip:bob@bob>;tag=old' }, '481'],
    ['a BYE that belongs nowhere', 'BYE', {}, '481'],
    ['a NOTIFY that nobody has asked for', 'NOTIFY', { Event: 'refer' }, '481'],
    ['a method that is not known', 'DANCE', {}, '405'],
    ['an extension that is not known', 'INVITE', { Require: '100rel, dance' }, '420'],
    ['a call that nobody takes', 'INVITE', {}, '480'],
    ['a Replaces that is none', 'INVITE', { Replaces: ';;' }, '400'],
    ['a least interval that is none', 'INVITE', { 'Min-SE': 'soon' }, '400'],
  ])('%s is refused', async (_, method, headers, status) => {
    const { bob, asks } = await strangerAndBob()
    bob.answers = (call) => call.reject(480)
    const [heard] = await asks(method, headers)
    expect(heard).toBe(status)
  })

  it('a description that is none is not taken: 415', async () => {
    const { asks } = await strangerAndBob()
    expect(await asks('INVITE', { 'Content-Type': 'text/plain' }, 'hello')).toEqual(['415', 'application/sdp'])
  })

  it('go to the app, when it wants them', async () => {
    const { bob, asks } = await strangerAndBob()
    bob.agent.on('request', (transaction) => transaction.reply(202))
    expect(await asks('MESSAGE')).toEqual(['202', undefined])
  })

  it('are sent with a proof, and their answers come back', async () => {
    const server = new DigestServer({ realm: 'bob', accountOf: () => ({ password: 'secret' }) })
    const { clock, phone } = place()
    const ann = await phone('ann')
    const admit = async (...[request]: Parameters<NonNullable<UserAgentOptions['admit']>>) => {
      const verdict = await server.verify(request)
      return verdict.is === 'accepted' ? ('admitted' as const) : server.challenge(request)
    }
    await phone('bob', { admit })
    const asked = (password: string) =>
      ann.agent.request({
        method: 'OPTIONS',
        to: bobUri,
        from: nameAddr(ann.uri),
        credentials: () => ({ username: 'ann', password }),
      })
    const right = asked('secret')
    const wrong = expect(asked('guess')).rejects.toMatchObject({ code: 'refused', status: 401 })
    await clock.passes(500)
    expect((await right).status).toBe(200)
    await wrong
  })
})

describe('a call', () => {
  it('is challenged, proven and answered, all with one Call-ID', async () => {
    const server = new DigestServer({ realm: 'bob', accountOf: () => ({ password: 'secret' }) })
    const { clock, network, phone } = place()
    const ann = await phone('ann')
    const bob = await phone('bob', {
      admit: async (request) => {
        const verdict = await server.verify(request)
        return verdict.is === 'accepted' ? 'admitted' : server.challenge(request)
      },
    })
    bob.acceptsAll()
    const call = ann.calls(bob, { credentials: () => ({ username: 'ann', password: 'secret' }) })
    await clock.passes(500)
    expect(network.flow).toEqual(['ann: INVITE', 'bob: 401', 'ann: ACK', 'ann: INVITE', 'bob: 200', 'ann: ACK'])
    expect(network.sent.at(-1)?.message.headers.has('Authorization')).toBe(true)
    await Promise.all([call.hold(), clock.passes(500)])
    await Promise.all([call.terminate(), clock.passes(500)])
    expect(bob.told.at(-1)).toBe('ended: bye by peer')
  })

  it('from somebody who may not call is not answered at all', async () => {
    const { bob, network, asks } = await strangerAndBob({ admit: () => 'ignored' })
    expect(await asks('INVITE')).toEqual(['timeout', undefined])
    expect(network.flow.filter((what) => what.startsWith('bob'))).toEqual([])
    expect(bob.incoming).toEqual([])
  })

  it('is not let in by a tag that it has made up: who sends it is judged as any other', async () => {
    const judged: string[] = []
    const { network, asks } = await strangerAndBob({
      admit: ({ method }) => {
        judged.push(method)
        return 'ignored'
      },
    })
    const To = '<sip:bob@bob>;tag=invented'
    expect(await asks('INVITE', { To })).toEqual(['timeout', undefined])
    expect(await asks('BYE', { To })).toEqual(['timeout', undefined])
    expect(new Set(judged)).toEqual(new Set(['INVITE', 'BYE']))
    expect(network.flow.filter((what) => what.startsWith('bob'))).toEqual([])
  })

  it.each([
    ['from somebody who has proven nothing', {}, (request: Request) => responseTo(request, 401)],
    ['inside of a dialog that is none of ours', { To: '<sip:bob@bob>;tag=old' }, () => 'admitted' as const],
  ])('%s has one answer, which is sent nowhere again', async (_, headers, admit) => {
    const { clock, network, bob } = await strangerAndBob({ admit })
    const flow = await network.host('far')(nobody).connect(bobsPlace)
    const request = requestOf('INVITE', bobUri)
    request.headers.addText('Via', 'SIP/2.0/UDP far;branch=z9hG4bKfar')
    for (const [name, value] of Object.entries(headers)) request.headers.setText(name, value)
    await flow.send(writeMessage(request))
    await clock.passes(40_000)
    expect(network.flow.filter((what) => what.startsWith('bob'))).toHaveLength(1)
    expect(bob.incoming).toEqual([])
  })

  it('with a proof that cannot be read is refused as what it is', async () => {
    const server = new DigestServer({ realm: 'bob', accountOf: () => undefined })
    const { asks, failures } = await strangerAndBob({
      admit: async (request) => {
        const verdict = await server.verify(request)
        return verdict.is === 'accepted' ? 'admitted' : server.challenge(request)
      },
    })
    expect((await asks('INVITE', { Authorization: 'Digest realm="open' }))[0]).toBe('400')
    expect(failures).toEqual([])
  })

  it('that cannot be read is refused also when somebody had to be asked about it first', async () => {
    const { asks, failures } = await strangerAndBob({ admit: async () => 'admitted' as const })
    expect((await asks('INVITE', { Replaces: ';;' }))[0]).toBe('400')
    expect(failures).toEqual([])
  })

  it('that comes while the agent is being emptied is refused, and those that are there go on', async () => {
    let isDraining = false
    const { asks, bob } = await strangerAndBob({ isDraining: () => isDraining })
    isDraining = true
    expect((await asks('INVITE'))[0]).toBe('503')
    expect(await asks('OPTIONS')).toEqual(['503', '5'])
    expect(bob.incoming).toEqual([])
  })

  it('that is one too many is refused', async () => {
    const { clock, phone } = place()
    const ann = await phone('ann')
    const bob = (await phone('bob', { limits: { sessions: 1 } })).acceptsAll()
    ann.calls(bob)
    const second = ann.calls(bob)
    await clock.passes(200)
    expect(second.end).toMatchObject({ status: 503 })
    expect(bob.agent.sessions).toHaveLength(1)
  })

  it('is found by the name that others give it', async () => {
    const { bob, call, answered } = await annCallsBob()
    const dialog = call.replaceable
    expect(dialog && bob.agent.sessionNamed(dialog)).toBe(answered)
  })
})

describe('closing', () => {
  it('hangs up what is up, gives up what rings, refuses what comes, and then nothing more is sent', async () => {
    const { clock, ann, bob, phone } = await annCallsBob()
    const carol = await phone('carol')
    carol.answers = (incoming) => incoming.ring()
    ann.calls(carol)
    await clock.passes(100)
    const closed = ann.agent.close()
    await clock.passes(500)
    await closed
    expect(ann.told.filter((what) => what.startsWith('ended'))).toEqual(['ended: closed by us', 'ended: closed by us'])
    expect(bob.told.at(-1)).toBe('ended: bye by peer')
    expect(carol.told.at(-1)).toBe('ended: cancelled by peer 487')
    expect(() => ann.calls(bob)).toThrow('closed')
  })
})

/** Our user agent and SIP.js, over a real WebSocket (RFC 7118) on loopback. */
import { afterEach, describe, expect, it } from '@jest/globals'
import type { IncomingInviteRequest, Session, UserAgentCoreDelegate } from 'sip.js/lib/core/index.js'
import { DigestServer } from '../digest/index.ts'
import { nameAddr, sipUri } from '../grammar/index.ts'
import { PaperMedia } from '../testing/phones.ts'
import { sipJsDescription, sipJsPhone, type SipJsPhone } from '../testing/sipjs-phone.ts'
import { openTransactionLayer, type ServerTransaction } from '../transactions/index.ts'
import type { Flow } from '../transports/index.ts'
import type { UserAgent, UserAgentOptions } from './agent.ts'
import type { IncomingInvite, IncomingRefer, InviteSession, SessionEnd } from './session.ts'
import { openUserAgent } from './user-agent.ts'

const open: { close(): unknown }[] = []
afterEach(async () => {
  for (const one of open.splice(0).toReversed()) await one.close()
})

async function ourAgent(options: Partial<UserAgentOptions> = {}): Promise<{ agent: UserAgent; port: number }> {
  const agent = await openUserAgent({
    openLayer: (user) => openTransactionLayer({ user, listen: [{ transport: 'ws', address: '127.0.0.1', port: 0 }] }),
    name: 'ours',
    ...options,
  })
  open.push(agent)
  const [door] = agent.layer.listening
  return { agent, port: door?.local.port ?? 0 }
}

async function sipJs(port: number, delegate?: UserAgentCoreDelegate, password?: string): Promise<SipJsPhone> {
  const phone = await sipJsPhone(port, delegate, password)
  open.push(phone)
  return phone
}

// Jest's limit is the limit.
const called = (agent: UserAgent) => new Promise<IncomingInvite>((resolve) => void agent.on('invite', resolve))
const asked = (agent: UserAgent) => new Promise<ServerTransaction>((resolve) => void agent.on('request', resolve))
const ended = (call: InviteSession) => new Promise<SessionEnd>((resolve) => void call.on('ended', resolve))
const rung = (call: InviteSession) => new Promise<unknown>((resolve) => void call.on('progress', resolve))
const confirmed = (call: InviteSession) => new Promise<void>((resolve) => void call.on('confirmed', resolve))
const referred = (call: InviteSession) => new Promise<IncomingRefer>((resolve) => void call.on('refer', resolve))

/** SIP.js calls; what it holds when it was answered. */
function sipJsCalls(phone: SipJsPhone, port: number): Promise<Session> {
  return new Promise((resolve, reject) => {
    phone.core.invite(phone.message('INVITE', `sip:ann@127.0.0.1:${port};transport=ws`, sipJsDescription), {
      onProgress: (response) => {
        const { message } = response
        const rseq = message.getHeader('RSeq')
        if (rseq !== undefined) response.prack({ extraHeaders: [`RAck: ${rseq} ${message.getHeader('CSeq')}`] })
      },
      onAccept: (response) => {
        response.ack()
        resolve(response.session)
      },
      onReject: ({ message }) => reject(new Error(`rejected: ${message.statusCode}`)),
    })
  })
}

describe('SIP.js calls us', () => {
  it('hears early media reliably, is answered, and hangs up', async () => {
    const { agent, port } = await ourAgent()
    const phone = await sipJs(port)
    const invited = called(agent)
    const answered = sipJsCalls(phone, port)
    const call = await invited
    const media = new PaperMedia()
    call.useMedia(media)
    call.ring()
    await call.progress()
    const [, session] = await Promise.all([call.accept(), answered])
    expect(call.state).toBe('confirmed')
    expect(media.agreed?.remote).toMatchObject({ address: '192.0.2.7', port: 7000 })
    const over = ended(call)
    session.bye()
    expect(await over).toMatchObject({ why: 'bye', by: 'peer' })
  })

  it('is hung up on, though nobody can connect to it', async () => {
    const { session, call } = await upWithSipJs()
    const heard = new Promise<void>((resolve) => {
      session.delegate = {
        onBye: (request) => {
          request.accept()
          resolve()
        },
      }
    })
    expect(await call.terminate()).toMatchObject({ why: 'bye', by: 'us' })
    await heard
  })

  it('proves who it is', async () => {
    const server = new DigestServer({
      realm: 'ours',
      accountOf: (name) => (name === 'sipjs' ? { password: 'secret' } : undefined),
      algorithms: ['MD5'],
    })
    const { agent, port } = await ourAgent({
      admit: async (request) => {
        const verdict = await server.verify(request)
        return verdict.is === 'accepted' ? 'admitted' : server.challenge(request)
      },
    })
    agent.on('invite', (call) => void call.accept({ media: new PaperMedia() }))
    const phone = await sipJs(port, {}, 'secret')
    expect((await sipJsCalls(phone, port)).sessionState).toBe('Confirmed')
    const stranger = await sipJs(port, {}, 'guess')
    await expect(sipJsCalls(stranger, port)).rejects.toThrow('rejected: 401')
  })

  it('gives up', async () => {
    const { agent, port } = await ourAgent()
    const phone = await sipJs(port)
    const invited = called(agent)
    const message = phone.message('INVITE', `sip:ann@127.0.0.1:${port};transport=ws`, sipJsDescription)
    const request = phone.core.invite(message, {})
    const call = await invited
    call.ring()
    const over = ended(call)
    request.cancel()
    expect(await over).toMatchObject({ why: 'cancelled', by: 'peer' })
  })
})

async function upWithSipJs(): Promise<{ agent: UserAgent; session: Session; call: IncomingInvite; phone: SipJsPhone }> {
  const { agent, port } = await ourAgent()
  const phone = await sipJs(port)
  const invited = called(agent)
  const answered = sipJsCalls(phone, port)
  const call = await invited
  await call.accept({ media: new PaperMedia() })
  return { agent, session: await answered, call, phone }
}

describe('we call SIP.js', () => {
  /** On the connection that it has opened: it says hello, and we keep in mind where from. */
  async function weCall(answer: (request: IncomingInviteRequest) => void): Promise<InviteSession> {
    const { agent, port } = await ourAgent()
    const greeted = asked(agent)
    const phone = await sipJs(port, { onInvite: answer })
    phone.core.register(phone.message('REGISTER', `sip:127.0.0.1:${port};transport=ws`), {})
    const hello = await greeted
    hello.reply(200)
    return invite(agent, hello.flow)
  }

  function invite(agent: UserAgent, flow: Flow): InviteSession {
    return agent.invite({
      to: sipUri({ user: 'sipjs', host: 'sipjs.invalid', parameters: { transport: 'ws' } }),
      from: nameAddr(sipUri({ user: 'ann', host: 'example.com' })),
      media: new PaperMedia(),
      destination: { by: 'flow', flow },
    })
  }

  it('it rings, answers, is put on hold, and is hung up on', async () => {
    const directions: string[] = []
    const call = await weCall((request) => {
      request.progress({ statusCode: 180 })
      const { session } = request.accept({ statusCode: 200, body: sipJsDescription })
      session.delegate = {
        onInvite: (again) => {
          directions.push(/a=(send\w+|inactive)/.exec(again.message.body)?.[1] ?? '')
          const content = `${sipJsDescription.content}a=recvonly\r\n`
          again.accept({ statusCode: 200, body: { ...sipJsDescription, content } })
        },
        onBye: (bye) => bye.accept(),
      }
    })
    await confirmed(call)
    await call.hold()
    expect(directions).toEqual(['sendonly'])
    expect(call.peerDirection).toBe('recvonly')
    expect(await call.terminate()).toMatchObject({ why: 'bye' })
  })

  it('it declines', async () => {
    const call = await weCall((request) => request.reject({ statusCode: 603 }))
    expect(await ended(call)).toMatchObject({ why: 'rejected', status: 603 })
  })

  it('it is told that we have given up', async () => {
    const call = await weCall((request) => {
      request.progress({ statusCode: 180 })
      request.delegate = { onCancel: () => request.reject({ statusCode: 487 }) }
    })
    await rung(call)
    expect(await call.terminate()).toMatchObject({ why: 'cancelled' })
  })
})

describe('transfers', () => {
  it('SIP.js asks us to call somebody, and is told how it goes', async () => {
    const { session, call } = await upWithSipJs()
    const told: string[] = []
    const finished = new Promise<void>((resolve) => {
      session.delegate = {
        onNotify: (notify) => {
          told.push(notify.message.body.trim())
          notify.accept()
          if (told.length === 2) resolve()
        },
      }
    })
    const asking = referred(call)
    session.refer({}, { extraHeaders: ['Refer-To: <sip:carol@example.com>'] })
    const refer = await asking
    expect(refer.target).toMatchObject({ user: 'carol' })
    refer.accept().finished(200)
    await finished
    expect(told).toEqual(['SIP/2.0 100 Trying', 'SIP/2.0 200 OK'])
  })

  it('SIP.js calls somebody for us, and tells us how it went', async () => {
    const { session, call } = await upWithSipJs()
    session.delegate = {
      onRefer: (refer) => {
        refer.accept({ statusCode: 202 })
        const fragment = {
          contentDisposition: 'render',
          contentType: 'message/sipfrag',
          content: 'SIP/2.0 486 Busy Here',
        }
        const extraHeaders = ['Event: refer', 'Subscription-State: terminated;reason=noresource']
        session.notify({}, { extraHeaders, body: fragment })
      },
    }
    const outcome = await call.refer(sipUri({ user: 'carol', host: 'example.com' }))
    expect(outcome).toEqual({ is: 'failed', status: 486, reason: 'Busy Here' })
    expect(call.state).toBe('confirmed')
  })
})

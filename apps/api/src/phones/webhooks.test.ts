/** Server apps that are asked who gets a call: how they know who asks, and what they may answer. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createHmac, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { CallId, EpochMs } from '@parley/protocol'
import { isWebhook } from './webhook-address.ts'
import { Webhooks } from './webhooks.ts'

const key = Buffer.from('a key of the resource, with so many bytes')
const groupId = randomUUID()
const call = () => ({ callId: CallId.parse(randomUUID()), to: '+4930222', from: '+4930333', trunk: 'sbc.example.com' })

type Question = { headers: IncomingMessage['headers']; body: string; method: string | undefined }

let app: Server
let questions: Question[]
let answers: (response: ServerResponse) => void
let webhooks: Webhooks
beforeEach(async () => {
  questions = []
  answers = (response) => response.end(JSON.stringify({ groupId }))
  app = createServer((request, response) => {
    void hear(request, response)
  }).listen(0, '127.0.0.1')
  await once(app, 'listening')
  webhooks = new Webhooks({ accessKeys: [key], now: () => EpochMs.parse(Date.now()) })
})
afterEach(async () => {
  webhooks.close()
  app.closeAllConnections()
  app.close()
  await once(app, 'close')
})

async function hear(request: IncomingMessage, response: ServerResponse): Promise<void> {
  questions.push({ headers: request.headers, body: await text(request), method: request.method })
  answers(response)
}
const url = (path = '/who'): string => `http://localhost:${(app.address() as AddressInfo).port}${path}`

describe('a server app', () => {
  it('is asked, and names who gets the call', async () => {
    const asked = call()
    expect(await webhooks.ask(url(), asked)).toEqual({ groupId })
    expect(questions).toMatchObject([{ method: 'POST', headers: { 'content-type': 'application/json' } }])
    expect(JSON.parse(questions[0]?.body ?? '')).toEqual(asked)
  })

  it.each([
    ['says so', (response: ServerResponse) => response.end('{}')],
    ['has nothing to say', (response: ServerResponse) => response.writeHead(204).end()],
  ])('names nobody when it %s', async (_how, answer) => {
    answers = answer
    expect(await webhooks.ask(url(), call())).toBeUndefined()
  })

  it.each<[string, RegExp, (response: ServerResponse) => void]>([
    ['garbage', /something else/, (response) => response.end('<html>')],
    ['somebody who is none', /something else/, (response) => response.end('{"user":"ann"}')],
    ['a list', /something else/, (response) => response.end('[]')],
    ['a fault of its own', /answered 500/, (response) => response.writeHead(500).end()],
    ['a redirect', /answered 302/, (response) => response.writeHead(302, { location: url('/elsewhere') }).end()],
    [
      'too much',
      /more than 65536 bytes/,
      (response) => response.end(JSON.stringify({ pad: 'x'.repeat(70_000), groupId })),
    ],
    ['half', /aborted|hang up/, (response) => (response.write('{"gro'), setImmediate(() => response.destroy()))],
  ])('that answers %s is at fault, and asked once', async (_what, why, answer) => {
    answers = answer
    await expect(webhooks.ask(url(), call())).rejects.toThrow(why)
    expect(questions).toHaveLength(1)
  })

  it.each<[string, (response: ServerResponse) => void]>([
    ['at all', () => undefined],
    ['to the end', (response) => response.write('{')],
  ])('that does not answer %s is given up after five seconds', async (_how, answer) => {
    const limit = new AbortController()
    const timeout = jest.spyOn(AbortSignal, 'timeout').mockReturnValue(limit.signal)
    answers = (response) => {
      answer(response)
      setTimeout(() => limit.abort(new DOMException('It took too long.', 'TimeoutError')), 50)
    }
    await expect(webhooks.ask(url(), call())).rejects.toThrow('It took too long.')
    expect(timeout).toHaveBeenCalledWith(5000)
    timeout.mockRestore()
  })

  it('is waited for no longer when the platform stops', async () => {
    answers = () => webhooks.close()
    await expect(webhooks.ask(url(), call())).rejects.toThrow('stops')
  })

  it('that is not there is at fault', async () => {
    await expect(webhooks.ask('http://127.0.0.1:1/', call())).rejects.toThrow('ECONNREFUSED')
  })
})

describe('the address of a server app', () => {
  // prettier-ignore
  it.each([
    ['https://app.example.com/who?a=b', true],
    ['https://10.0.0.7/',               true],
    ['http://localhost:3000/who',       true],
    ['http://[::1]:3000/',              true],
    ['http://app.example.com/',         false],
    ['http://10.0.0.7/',                false],
    ['https://ann:secret@example.com/', false],
    ['https://169.254.169.254/latest',  false],
    ['https://2852039166/',             false],
    ['https://[::ffff:169.254.169.254]',false],
    ['https://[fe80::1]/',              false],
    ['https://[fd00:ec2::254]/',        false],
    ['https://0.0.0.0/',                false],
    ['https://239.1.1.1/',              false],
    ['ftp://example.com/',              false],
    ['who',                             false],
  ])('%s: %s', (address, isOne) => {
    expect(isWebhook(address)).toBe(isOne)
  })

  it('is looked at again when it is asked', async () => {
    await expect(webhooks.ask('https://169.254.169.254/', call())).rejects.toThrow('no server app')
    await expect(webhooks.ask('http://10.0.0.7/', call())).rejects.toThrow('no server app')
  })
})

describe('who asks', () => {
  type Check = (headers: IncomingMessage['headers'], body: string, toleranceS?: number) => boolean

  const page = readFileSync(new URL('../../../../docs/phone-network.md', import.meta.url), 'utf8')
  const [, documented = ''] = /Is it from Parley\?[\s\S]*?```js\n([\s\S]*?)```/.exec(page) ?? []

  /** The check as it stands in docs/phone-network.md, with this access key. */
  async function checkWith(accessKey: Buffer): Promise<Check> {
    const connectionString = `endpoint=https://localhost/;accesskey=${accessKey.toString('base64')}`
    const { isFromParley } = (await runDocumented(connectionString)) as { isFromParley: Check }
    return isFromParley
  }

  async function runDocumented(connectionString: string): Promise<unknown> {
    const before = process.env['CONNECTION_STRING']
    process.env['CONNECTION_STRING'] = connectionString
    try {
      // Each import is another module: its address differs.
      return await import(`data:text/javascript,${encodeURIComponent(`${documented}\n// ${randomUUID()}`)}`)
    } finally {
      if (before === undefined) delete process.env['CONNECTION_STRING']
      else process.env['CONNECTION_STRING'] = before
    }
  }

  async function question(): Promise<Question> {
    await webhooks.ask(url(), call())
    const [asked] = questions
    if (asked === undefined) throw new Error('Nobody was asked.')
    return asked
  }

  it('is known by the documented check', async () => {
    const isFromParley = await checkWith(key)
    const { headers, body } = await question()
    expect(isFromParley(headers, body)).toBe(true)
    expect(isFromParley(headers, body.replace('+4930333', '+4930334'))).toBe(false)
    expect(isFromParley({ ...headers, 'webhook-id': randomUUID() }, body)).toBe(false)
    expect(isFromParley({ ...headers, 'webhook-timestamp': `${Number(headers['webhook-timestamp']) + 1}` }, body)).toBe(
      false,
    )
    for (const signature of ['', 'v1,', 'v1,bm8=', 'garbage'])
      expect(isFromParley({ ...headers, 'webhook-signature': signature }, body)).toBe(false)
    expect(isFromParley({}, body)).toBe(false)
    expect((await checkWith(Buffer.from('another key')))(headers, body)).toBe(false)
  })

  it('is known by any of several keys', async () => {
    const other = Buffer.from('the second key')
    webhooks = new Webhooks({ accessKeys: [other, key], now: () => EpochMs.parse(Date.now()) })
    const { headers, body } = await question()
    for (const one of [key, other]) expect((await checkWith(one))(headers, body)).toBe(true)
  })

  it('cannot be played again later', async () => {
    const isFromParley = await checkWith(key)
    webhooks = new Webhooks({ accessKeys: [key], now: () => EpochMs.parse(Date.now() - 301_000) })
    const { headers, body } = await question()
    expect(isFromParley(headers, body)).toBe(false)
    expect(isFromParley(headers, body, 400)).toBe(true)
  })

  it('signs as Standard Webhooks say, for one call once', async () => {
    const { headers, body } = await question()
    const { callId } = JSON.parse(body) as { callId: string }
    expect(headers['webhook-id']).toBe(callId)
    const signed = `${callId}.${String(headers['webhook-timestamp'])}.${body}`
    const signature = createHmac('sha256', key).update(signed).digest('base64')
    expect(headers['webhook-signature']).toBe(`v1,${signature}`)
  })
})

import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { setFarEnds } from '../support/far-ends/far-ends.ts'
import { settleNumber } from '../support/phone-network.ts'
import { setStage } from '../support/stage.ts'
import { Telephone } from '../support/telephone.ts'

const desk = '+4930600'

describe('a number whose calls a server app leads', () => {
  const farEnds = setFarEnds()
  const stage = setStage()
  let server: Server
  let asked: { headers: IncomingHttpHeaders; body: string }[]
  let answer: { status: number; body: string }
  let phone: Telephone
  beforeAll(async () => {
    server = createServer((request, response) => {
      void text(request).then((body) => {
        asked.push({ headers: request.headers, body })
        return response.writeHead(answer.status, { 'content-type': 'application/json' }).end(answer.body)
      })
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo // it listens on TCP, so this is no path
    await settleNumber(stage.platform, { number: desk, target: { webhook: `http://localhost:${port}/calls` } })
    phone = await farEnds.add(Telephone.start({ number: '1001', toneHz: 970, registrar: stage.platform.sipPort }))
  })
  afterAll(() => void server.close())
  beforeEach(() => void (asked = []))

  const calls = (): Promise<void> => phone.calls(`sip:${desk}@127.0.0.1:${stage.platform.sipPort}`)

  it('rings at whom the app names, which knows who has asked', async () => {
    const ann = await stage.people.arrive('ann')
    answer = { status: 200, body: JSON.stringify({ user: ann.id }) }
    await calls()
    await ann.isRung()
    await ann.answers()
    await phone.isTold('CALL_ESTABLISHED')
    await Promise.all([ann.hears(phone), phone.hears(ann)])
    await ann.hangsUp()
    await phone.isTold('CALL_CLOSED')

    const [{ headers, body } = { headers: {}, body: '' }] = asked
    expect(asked).toHaveLength(1)
    expect(JSON.parse(body)).toMatchObject({ to: desk, callId: headers['webhook-id'] })
    const key = Buffer.from(stage.platform.accessKey, 'base64')
    const signed = `${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${body}`
    expect(headers['webhook-signature']).toBe(`v1,${createHmac('sha256', key).update(signed).digest('base64')}`)
  })

  it.each([
    ['names nobody', 200, '{}', '404 Not Found'],
    ['is broken', 500, '', '480 Temporarily Unavailable'],
  ])('is answered by the platform when the app %s', async (_how, status, body, heard) => {
    answer = { status, body }
    await calls()
    await phone.speaksOf(`SIP/2.0 ${heard}`)
    await phone.isTold('CALL_CLOSED')
    expect(asked).toHaveLength(1)
  })
})

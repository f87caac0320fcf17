import { createServer, type RequestListener, type Server } from 'node:http'
import { afterEach, describe, expect, it } from '@jest/globals'
import { DemoDoor } from './demo-door.ts'

const ann = { user: '8:acs:ann', displayName: 'Ann', token: 'a.b.c', expiresAt: 3_600_000 }

let server: Server | undefined

/** A real HTTP server that answers like this, and a door to it. */
async function doorTo(listener: RequestListener): Promise<DemoDoor> {
  const opened = createServer(listener)
  server = opened
  await new Promise<void>((resolve) => opened.listen(0, '127.0.0.1', resolve))
  const address = opened.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return new DemoDoor(`http://127.0.0.1:${address.port}`)
}

const answer =
  (status: number, body: unknown): RequestListener =>
  (_request, response) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))

afterEach(async () => {
  server?.closeAllConnections()
  await new Promise((resolve) => (server === undefined ? resolve(undefined) : server.close(resolve)))
  server = undefined
})

describe('the demo door', () => {
  it('gives an identity for a name', async () => {
    const { expiresAt: _, ...body } = ann
    const door = await doorTo((request, response) => {
      let sent = ''
      request.on('data', (chunk) => (sent += String(chunk)))
      request.on('end', () => {
        const isAsked = request.method === 'POST' && request.url === '/demo/identities' && sent === '{"name":"Ann"}'
        answer(isAsked ? 201 : 500, { ...body, expiresOn: '1970-01-01T01:00:00.000Z' })(request, response)
      })
    })
    await expect(door.newIdentity('Ann')).resolves.toEqual(ann)
  })

  it('shows who else is here to whoever shows a token, without himself', async () => {
    const door = await doorTo((request, response) => {
      const isMine = request.url === '/demo/people' && request.headers.authorization === 'Bearer a.b.c'
      const people = [
        { user: ann.user, displayName: 'Ann' },
        { user: '8:acs:bob', displayName: 'Bob' },
      ]
      answer(isMine ? 200 : 401, people)(request, response)
    })
    await expect(door.people(ann)).resolves.toEqual([{ user: '8:acs:bob', displayName: 'Bob' }])
  })

  // prettier-ignore
  it.each([
    [429, 'tooMany'], [404, 'demoOff'], [403, 'demoOff'], [401, 'identityOver'], [400, 'nameRefused'], [500, 'unreachable'], [503, 'unreachable'], [418, 'broken'],
  ])('names the trouble behind a %i: %s', async (status, trouble) => {
    const door = await doorTo(answer(status, { error: { code: 'x', message: 'y' } }))
    await expect(door.newIdentity('Ann')).rejects.toMatchObject({ name: 'DoorError', trouble })
  })

  it.each([[{}], [{ user: 1 }], [[]], ['text']])('does not take just anything for an identity: %j', async (body) => {
    const door = await doorTo(answer(201, body))
    await expect(door.newIdentity('Ann')).rejects.toMatchObject({ trouble: 'broken' })
  })

  it('does not take an identity without an end', async () => {
    const door = await doorTo(answer(201, { ...ann, expiresOn: 'soon' }))
    await expect(door.newIdentity('Ann')).rejects.toMatchObject({ trouble: 'broken' })
  })

  it('does not take a page for an answer', async () => {
    const door = await doorTo((_request, response) => response.writeHead(200).end('<!doctype html>'))
    await expect(door.people(ann)).rejects.toMatchObject({ trouble: 'broken' })
  })

  it('says so when there is no server', async () => {
    const door = await doorTo((request) => request.socket.destroy())
    await expect(door.people(ann)).rejects.toMatchObject({ trouble: 'unreachable' })
  })

  it('stops asking when nobody wants to know any more', async () => {
    const over = new AbortController()
    const door = await doorTo(() => over.abort())
    await expect(door.people(ann, over.signal)).rejects.toMatchObject({ trouble: 'unreachable' })
  })
})

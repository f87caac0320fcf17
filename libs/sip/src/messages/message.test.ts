import { describe, expect, it } from '@jest/globals'
import { sipUri } from '../grammar/index.ts'
import {
  Contact,
  From,
  Headers,
  noBody,
  parseMessage,
  responseTo,
  tagOf,
  To,
  Via,
  writeMessage,
  type Request,
} from './index.ts'

const invite: Request = {
  kind: 'request',
  method: 'INVITE',
  uri: sipUri({ user: 'bob', host: 'example.com' }),
  headers: new Headers()
    .addText('Via', 'SIP/2.0/UDP proxy.example.com;branch=z9hG4bK2;received=192.0.2.1')
    .addText('Via', 'SIP/2.0/UDP ann.example.com;branch=z9hG4bK1')
    .addText('From', '<sip:ann@example.com>;tag=1')
    .addText('To', '<sip:bob@example.com>')
    .addText('Call-ID', 'c@example.com')
    .addText('CSeq', '1 INVITE')
    .addText('Timestamp', '54')
    .addText('Record-Route', '<sip:proxy.example.com;lr>'),
  body: noBody,
}

describe('a response', () => {
  it('goes the way back that its request came, and says who answers', () => {
    const { headers } = responseTo(invite, 180, { toTag: 'bob' })
    expect(headers.all(Via)).toHaveLength(2)
    expect(tagOf(headers.need(To))).toBe('bob')
    expect(headers.has('Record-Route')).toBe(true)
  })

  it('with 100 makes no dialog, and gives back the time that was asked with', () => {
    const { headers } = responseTo(invite, 100, { toTag: 'bob' })
    expect(tagOf(headers.need(To))).toBeUndefined()
    expect(headers.text('Timestamp')).toBe('54')
  })

  it('keeps a tag that is there, and makes no dialog when it refuses', () => {
    const inDialog = { ...invite, headers: invite.headers.clone().setText('To', '<sip:bob@example.com>;tag=old') }
    const { headers } = responseTo(inDialog, 488, { toTag: 'new' })
    expect(tagOf(headers.need(To))).toBe('old')
    expect(headers.has('Record-Route')).toBe(false)
  })
})

describe('a message that is written', () => {
  it('tells its true length, whatever was said before', () => {
    const body = Buffer.from('v=0 é')
    const headers = invite.headers.clone().setText('Content-Length', '3')
    const text = Buffer.from(writeMessage({ ...invite, headers, body })).toString()
    expect(text).toContain('Content-Length: 6\r\n\r\nv=0 é')
    expect(text).not.toContain('Content-Length: 3')
  })

  it('leaves Via as it came, also with a branch that is no token', () => {
    const headers = invite.headers.clone().setText('Via', 'SIP/2.0/UDP a;branch=z9hG4bK/1:2[3]')
    headers.setAll(Via, headers.all(Via))
    expect(headers.text('Via')).toBe('SIP/2.0/UDP a;branch=z9hG4bK/1:2[3]')
  })
})

describe('headers', () => {
  it('are found by their long and their short names', () => {
    const headers = new Headers([], { steps: 0 }).addText('m', '<sip:ann@example.com>').addText('f', '<sip:a@b>;tag=1')
    expect(headers.all(Contact)).toHaveLength(1)
    expect(headers.has('Contact') && headers.has('M')).toBe(true)
    expect(tagOf(headers.need(From))).toBe('1')
  })

  it('that are put in front or in the place of others stand there', () => {
    const headers = invite.headers.clone().setText('From', '<sip:new@example.com>;tag=2')
    headers.prepend(Via, { transport: 'TCP', host: 'edge.example.com', parameters: new Map() })
    expect(headers.lines.map(({ name }) => name).slice(0, 4)).toEqual(['Via', 'Via', 'Via', 'From'])
    expect(headers.first(Via)?.host).toBe('edge.example.com')
    expect(invite.headers.text('From')).toBe('<sip:ann@example.com>;tag=1')
  })

  it('are read without the limits of a datagram: line ends in front are no part of a message', () => {
    const parsed = parseMessage(Buffer.concat([Buffer.from('\r\n\r\n'), writeMessage(invite)]))
    expect(parsed.is).toBe('message')
  })
})

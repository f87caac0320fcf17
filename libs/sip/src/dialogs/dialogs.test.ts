import { describe, expect, it } from '@jest/globals'
import { parseNameAddr, parseUri, sipUri, writeUri } from '../grammar/index.ts'
import { bodyOf, Headers, responseTo, type Request } from '../messages/index.ts'
import { requestOf } from '../testing/people.ts'
import type { Flow } from '../transports/index.ts'
import {
  answerTimer,
  askForTimer,
  descriptionIn,
  Dialog,
  dialogKeyOf,
  isIntervalTooSmall,
  pauseAfterGlare,
  readInfoDigit,
  readStatusFragment,
  replacesIn,
  retryAfterOverlap,
  termsFromResponse,
  wayInside,
  withReplaces,
  writeInfoDigit,
  writeStatusFragment,
} from './index.ts'

/** Ann's INVITE and bob's 200, with what stands in their headers. */
function exchange(inInvite: Record<string, string> = {}, inSuccess: Record<string, string> = {}) {
  const invite = requestOf('INVITE')
  invite.headers.setText('Via', 'SIP/2.0/UDP ann').setText('Contact', '<sip:ann@192.0.2.1>')
  for (const [name, value] of Object.entries(inInvite)) invite.headers.setText(name, value)
  const success = responseTo(invite, 200, { toTag: 'bobs' })
  success.headers.setText('Contact', '<sip:bob@192.0.2.2:5070>')
  for (const [name, value] of Object.entries(inSuccess)) success.headers.setText(name, value)
  return { invite, success, ann: Dialog.asCaller(invite, success), bob: Dialog.asCallee(invite, 'bobs') }
}

describe('a dialog', () => {
  it('is the same one for both sides, and is found by Call-ID and tags alone', () => {
    const { ann, bob } = exchange()
    const bye = ann.request('BYE')
    expect(dialogKeyOf(bye)).toBe(bob.key)
    expect(dialogKeyOf({ ...bye, uri: parseUri('sip:somewhere@else') })).toBe(bob.key)
    expect(dialogKeyOf(bob.request('BYE'))).toBe(ann.key)
    expect(dialogKeyOf(requestOf('INVITE'))).toBeUndefined()
  })

  it('goes to the Contact of the other side, through the proxies in their order (12.1.1, 12.1.2)', () => {
    const route = { 'Record-Route': '<sip:p2;lr>, <sip:p1;lr>' }
    const { ann, bob } = exchange(route, route)
    const [fromAnn, fromBob] = [ann.request('BYE'), bob.request('BYE')]
    expect([writeUri(fromAnn.uri), fromAnn.headers.texts('Route')]).toEqual([
      'sip:bob@192.0.2.2:5070',
      ['<sip:p1;lr>', '<sip:p2;lr>'],
    ])
    expect([writeUri(fromBob.uri), fromBob.headers.texts('Route')]).toEqual([
      'sip:ann@192.0.2.1',
      ['<sip:p2;lr>', '<sip:p1;lr>'],
    ])
  })

  it('puts a strict router into the Request-URI, and the target to the end (12.2.1.1)', () => {
    const { ann } = exchange({}, { 'Record-Route': '<sip:loose;lr>, <sip:strict>' })
    const { uri, headers } = ann.request('BYE')
    expect([writeUri(uri), headers.texts('Route')]).toEqual([
      'sip:strict',
      ['<sip:loose;lr>', '<sip:bob@192.0.2.2:5070>'],
    ])
  })

  it('counts its own requests up and takes those of the other side only in their order', () => {
    const { ann, bob } = exchange()
    const [first, second] = [ann.request('INFO'), ann.request('INFO')]
    expect([first, second].map(({ headers }) => headers.text('CSeq'))).toEqual(['2 INFO', '3 INFO'])
    expect(bob.takesInOrder(second)).toBe(true)
    expect(bob.takesInOrder(first)).toBe(false)
  })

  it('acknowledges with the number and the proofs of the INVITE', () => {
    const { ann, invite } = exchange()
    invite.headers.setText('Proxy-Authorization', 'Digest username="ann"')
    ann.nextCSeq()
    const { headers } = ann.ack(invite)
    expect([headers.text('CSeq'), headers.has('Proxy-Authorization')]).toEqual(['1 ACK', true])
  })

  it('learns its way from the 2xx, whatever a 1xx had said (13.2.2.4)', () => {
    const { ann, success } = exchange({}, { 'Record-Route': '<sip:p1;lr>' })
    success.headers.remove('Record-Route').setText('Contact', '<sip:bob@desk>')
    ann.confirmBy(success)
    expect([ann.routeSet, writeUri(ann.request('BYE').uri)]).toEqual([[], 'sip:bob@desk'])
  })
})

describe('the way inside of a dialog', () => {
  const flow = (more: Partial<Flow>): Flow => ({
    id: 1,
    transport: 'udp',
    local: { address: '192.0.2.1', port: 5060 },
    remote: { address: '198.51.100.7', port: 5060 },
    server: undefined,
    isOpen: true,
    isSecure: false,
    provenDomains: [],
    ...more,
  })
  const to = (contact: string) => exchange({}, { Contact: `<${contact}>` }).ann
  const server = { transport: 'tls' as const, address: '198.51.100.7', port: 5061, domain: 'trunk.example.com' }

  // prettier-ignore
  it.each([
    ['a public address',                    'sip:b@203.0.113.5',           flow({}),                                  'usual'],
    ['a private address behind a public one', 'sip:b@192.168.1.5',         flow({}),                                  'flow'],
    ['a private address among private ones', 'sip:b@192.168.1.5', flow({ remote: { address: '10.0.0.1', port: 1 } }), 'usual'],
    ['somebody who has connected to us',    'sip:b@host;transport=tcp',    flow({ transport: 'tcp' }),                'flow'],
    ['one whom nobody can reach',           'sip:b@x.invalid',             flow({}),                                  'flow'],
    ['the end of a secure connection of ours', 'sip:b@198.51.100.7;transport=tls',
      flow({ transport: 'tls', isSecure: true, server, remote: { address: '198.51.100.7', port: 5061 } }),            'flow'],
    ['a connection that is closed',         'sip:b@x.invalid',             flow({ isOpen: false }),                   'usual'],
  ])('to %s', (_, contact, heardOn, expected) => {
    expect(wayInside(to(contact), heardOn)?.by ?? 'usual').toBe(expected)
  })

  it('follows proxies where there are any', () => {
    const { ann } = exchange({}, { Contact: '<sip:b@x.invalid>', 'Record-Route': '<sip:p1;lr>' })
    expect(wayInside(ann, flow({}))).toBeUndefined()
  })

  describe('over TLS to a proxy that names itself by its address', () => {
    const throughProxy = exchange({}, { 'Record-Route': '<sip:198.51.100.7:5061;transport=tls;lr>' }).ann
    const secure = { transport: 'tls', isSecure: true, remote: { address: '198.51.100.7', port: 5061 } } as const

    // prettier-ignore
    it.each([
      ['our connection to it',               flow({ ...secure, server }),                                             'flow'],
      ['our connection to it, opened again', flow({ ...secure, server, isOpen: false }),                              'flow'],
      ['the connection that it has opened',  flow({ ...secure, remote: { address: '198.51.100.7', port: 40_000 } }),  'flow'],
      ['no connection of its that is closed', flow({ ...secure, isOpen: false }),                                     'usual'],
      ['no connection to another port',      flow({ ...secure, server, remote: { address: '198.51.100.7', port: 5071 } }), 'usual'],
      ['no connection that is not secure',   flow({ ...secure, transport: 'tcp', isSecure: false, server }),          'usual'],
    ])('takes %s', (_, heardOn, expected) => {
      expect(wayInside(throughProxy, heardOn)?.by ?? 'usual').toBe(expected)
    })
  })
})

describe('session timers (RFC 4028)', () => {
  const limits = { sessionExpiresS: 1800, minSessionExpiresS: 90 }
  const answer = (headers: Record<string, string>, ours = limits) => {
    const { invite, success } = exchange({ Supported: 'timer', ...headers })
    const terms = answerTimer(invite, success, ours)
    return [success.headers.text('Session-Expires'), success.headers.text('Require'), terms?.isOurTask]
  }

  // prettier-ignore
  it.each([
    ['asks for one',                        { 'Session-Expires': '600' },                          ['600;refresher=uac', 'timer', false]],
    ['wants us to refresh',                 { 'Session-Expires': '600;refresher=uas' },            ['600;refresher=uas', undefined, true]],
    ['knows timers and asks for none',      {},                                                    ['1800;refresher=uac', 'timer', false]],
    ['knows none, so that we refresh',      { Supported: '100rel' },                               ['1800;refresher=uas', undefined, true]],
    ['knows none, but a proxy asks',        { Supported: '100rel', 'Session-Expires': '600' },     ['600;refresher=uas', undefined, true]],
    ['asks for less than it says it takes', { 'Session-Expires': '100', 'Min-SE': '200' },         ['200;refresher=uac', 'timer', false]],
  ])('are answered to one who %s', (_, headers, expected) => {
    expect(answer(headers as Record<string, string>)).toEqual(expected)
  })

  it('are not mentioned where neither wants them', () => {
    expect(answer({}, { sessionExpiresS: 0, minSessionExpiresS: 90 })).toEqual([undefined, undefined, undefined])
  })

  it('refuse too short a time only to one who can do something about it', () => {
    const small = { 'Session-Expires': '30' }
    expect(isIntervalTooSmall(exchange({ ...small, Supported: 'timer' }).invite, limits)).toBe(true)
    expect(isIntervalTooSmall(exchange(small).invite, limits)).toBe(false)
  })

  it('go on with the same refresher when they are asked for again', () => {
    const { invite } = exchange()
    askForTimer(invite, limits, 0, { expiresS: 600, isOurTask: false })
    expect(invite.headers.text('Session-Expires')).toBe('600;refresher=uas')
  })

  it('are ours to refresh unless a 2xx says otherwise', () => {
    const stated = (value: string) => termsFromResponse(exchange({}, { 'Session-Expires': value }).success)
    expect(stated('600;refresher=uas')).toEqual({ expiresS: 600, isOurTask: false })
    expect(stated('600')).toEqual({ expiresS: 600, isOurTask: true })
    expect(termsFromResponse(exchange().success)).toBeUndefined()
  })
})

it('the one who has made the Call-ID waits longer after a 491 (14.1)', () => {
  expect([pauseAfterGlare(true, () => 0), pauseAfterGlare(true, () => 0.9999)]).toEqual([2100, 4000])
  expect([pauseAfterGlare(false, () => 0), pauseAfterGlare(false, () => 0.9999)]).toEqual([0, 2000])
  expect([retryAfterOverlap(() => 0), retryAfterOverlap(() => 0.9999)]).toEqual([0, 10])
})

describe('Replaces', () => {
  const dialog = { callId: 'a b@c'.replace(' ', '_'), toTag: 't;1'.replace(';', '-'), fromTag: 'f', isEarlyOnly: false }

  it('goes into the URI of a Refer-To and comes out of it', () => {
    const written = writeUri(withReplaces(sipUri({ user: 'carol', host: 'example.com' }), dialog))
    expect(written).toContain('?replaces=a_b%40c%3Bto-tag%3Dt-1%3Bfrom-tag%3Df')
    expect(replacesIn(parseNameAddr(`<${written}>`).uri)).toEqual(dialog)
  })

  it('is not found where there is none, and is refused where it is broken', () => {
    expect(replacesIn(parseUri('tel:+4930'))).toBeUndefined()
    expect(replacesIn(parseUri('sip:carol@example.com?subject=x'))).toBeUndefined()
    expect(() => replacesIn(parseUri('sip:carol@example.com?Replaces=%zz'))).toThrow('an escape is broken')
  })
})

describe('bodies', () => {
  const withBody = (contentType: string | undefined, body: string): Request => {
    const headers = new Headers()
    return {
      ...requestOf('INVITE'),
      headers,
      ...bodyOf(headers, contentType === undefined ? { body } : { contentType, body }),
    }
  }

  it('have a description alone, without a name, or among other parts', () => {
    const parts =
      '--x\r\nContent-Type: text/plain\r\n\r\nhello\r\n--x\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n--x--'
    expect(descriptionIn(withBody('application/sdp', 'v=0'))).toEqual({ is: 'sdp', text: 'v=0' })
    expect(descriptionIn(withBody(undefined, 'v=0'))).toEqual({ is: 'sdp', text: 'v=0' })
    expect(descriptionIn(withBody('multipart/mixed;boundary=x', parts))).toEqual({ is: 'sdp', text: 'v=0' })
    expect(descriptionIn(withBody('text/plain', 'v=0'))).toEqual({ is: 'other', contentType: 'text/plain' })
    expect(descriptionIn(withBody('multipart/mixed;boundary=y', parts))).toMatchObject({ is: 'other' })
    expect(descriptionIn(withBody('application/sdp', ''))).toEqual({ is: 'none' })
  })

  it('tell the status of a call that was asked for', () => {
    expect(readStatusFragment(writeStatusFragment(180))).toEqual({ status: 180, reason: 'Ringing' })
    expect(readStatusFragment('SIP/2.0 200 OK\r\nContact: <sip:x>')).toEqual({ status: 200, reason: 'OK' })
    expect(readStatusFragment('INVITE sip:x SIP/2.0')).toBeUndefined()
    expect(writeStatusFragment(480, 'a\r\nb')).toBe('SIP/2.0 480 a  b\r\n')
  })

  // prettier-ignore
  it.each([
    ['application/dtmf-relay', writeInfoDigit({ digit: '5', durationMs: 250 }), { digit: '5', durationMs: 250 }],
    ['application/dtmf-relay', 'Signal= 11\nDuration= 100',                     { digit: '#', durationMs: 100 }],
    ['application/dtmf-relay', 'Signal=a',                                      { digit: 'A', durationMs: 160 }],
    ['application/dtmf-relay', 'Duration=100',                                  undefined],
    ['application/dtmf',       '*',                                             { digit: '*', durationMs: 160 }],
    ['application/dtmf',       '55',                                            undefined],
    ['text/plain',             '5',                                             undefined],
  ])('of %s that say %j are digits or are not', (contentType, body, expected) => {
    expect(readInfoDigit(contentType, body)).toEqual(expected)
  })
})

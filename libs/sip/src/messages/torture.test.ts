/**
 * RFC 4475: messages that are valid though they do not look it, and messages that are not. Each class of the RFC has one
 * here, in our words, with the verdict that the RFC asks for. `accepts` may look at what was read.
 */
import { describe, expect, it } from '@jest/globals'
import { userOf, type NameAddr, type SipUri } from '../grammar/index.ts'
import {
  bodyText,
  CallId,
  Contact,
  CSeq,
  From,
  isContactStar,
  MaxForwards,
  parseMessage,
  tagOf,
  To,
  Via,
  WwwAuthenticate,
  Authorization,
  Expires,
  type Message,
  type Parsed,
} from './index.ts'

type Verdict = { accepts: (message: Message) => void } | { refuses: number } | { drops: string }
type Torture = { section: string; name: string; lines: string[]; body?: string; verdict: Verdict }

const usual = [
  'Via: SIP/2.0/UDP host.example.com;branch=z9hG4bKtorture',
  'From: <sip:ann@example.com>;tag=1',
  'To: <sip:bob@example.com>',
  'Call-ID: torture@example.com',
  'Max-Forwards: 70',
]
const asks = (startLine: string, ...more: string[]): string[] => [startLine, ...usual, ...more]
const fine = { accepts: () => undefined }
const request = (message: Message): Extract<Message, { kind: 'request' }> => {
  if (message.kind !== 'request') throw new Error('expected a request')
  return message
}

const sipOf = (address: NameAddr | undefined): SipUri => {
  if (address?.uri.kind !== 'sip') throw new Error('expected a SIP URI')
  return address.uri
}

const messages: Torture[] = [
  {
    section: '3.1.1.1',
    name: 'a short tortuous INVITE: folds, odd spaces, compact names, escapes, unknown headers',
    lines: [
      'INVITE sip:vivekg@chair-dnrc.example.com;unknownparam SIP/2.0',
      'TO :',
      ' sip:vivekg@chair-dnrc.example.com ;   tag    = 1918181833n',
      'from   : "J Rosenberg \\\\\\""       <sip:jdrosen@example.com>',
      '  ;',
      '  tag = 98asjd8',
      'MaX-fOrWaRdS: 0068',
      'Call-ID: wsinv.ndaksdj@192.0.2.1',
      'Content-Length   : 3',
      'cseq: 0009',
      '  INVITE',
      'Via  : SIP  /   2.0',
      ' /UDP',
      '    192.0.2.2;branch=390skdjuw',
      's :',
      'NewFangledHeader:   newfangled value',
      ' continued newfangled value',
      'UnknownHeaderWithUnusualValue: ;;,,;;,;',
      'Content-Type: application/sdp',
      'Route:',
      ' <sip:services.example.com;lr;unknownwith=value;unknown-no-value>',
      'v:  SIP  / 2.0  / TCP     spindle.example.com   ;',
      '  branch  =   z9hG4bK9ikj8  ,',
      ' SIP  /    2.0   / UDP  192.168.255.111   ; branch=',
      ' z9hG4bK30239',
      'm:"Quoted string \\"\\"" <sip:jdrosen@example.com> ; newparam =',
      '      newvalue ;',
      '  secondparam ; q = 0.33',
    ],
    body: 'v=0',
    verdict: {
      accepts: ({ headers, body }) => {
        expect(headers.need(To).parameters.get('tag')).toBe('1918181833n')
        expect(headers.need(From).displayName).toBe('J Rosenberg \\"')
        expect(headers.get(MaxForwards)).toBe(68)
        expect(headers.need(CSeq)).toEqual({ number: 9, method: 'INVITE' })
        expect(headers.all(Via).map(({ transport, host }) => `${transport} ${host}`)).toEqual([
          'UDP 192.0.2.2',
          'TCP spindle.example.com',
          'UDP 192.168.255.111',
        ])
        expect(headers.first(Contact)?.displayName).toBe('Quoted string ""')
        expect(headers.first(Contact)?.parameters.get('q')).toBe('0.33')
        expect(body).toHaveLength(3)
      },
    },
  },
  {
    section: '3.1.1.2',
    name: 'a wide range of valid characters',
    lines: [
      "!interesting-Method0123456789_*+`.%indeed'~ sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*:&it+has=1,weird!*pas$wo~d_too.(doesn't-it)@example.com SIP/2.0",
      "Via: SIP/2.0/UDP host1.example.com;branch=z9hG4bK-.!%66*_+`'~",
      'To: "BEL:\\\u0007 NUL:\\\u0001 DEL:\\\u007f" <sip:1_unusual.URI~(to-be!sure)&isn\'t+it$/crazy?,/;;*@example.com>',
      "From: token1~` token2'+_ token3*%!.- <sip:mundane@example.com>;fromParam''~+*_!.-%=\"\u0440\u0430\u0431\";tag=_token~1'+`*%!-.",
      'Call-ID: intmeth.word%ZK-!.*_+\'@word`~)(><:\\/"][?}{',
      "CSeq: 139122385 !interesting-Method0123456789_*+`.%indeed'~",
      'Max-Forwards: 255',
      "extensionHeader-!.%*+_`'~: \ufeff\u5927\u505c\u96fb",
    ],
    verdict: {
      accepts: (message) => {
        expect(request(message).method).toBe("!interesting-Method0123456789_*+`.%indeed'~")
        expect((request(message).uri as SipUri).host).toBe('example.com')
        expect(message.headers.need(CallId)).toContain('word`~)(><:\\/"][?}{')
        expect(message.headers.text("extensionHeader-!.%*+_`'~")).toContain('\u5927')
      },
    },
  },
  {
    section: '3.1.1.3',
    name: 'percent escapes in the user part',
    lines: asks(
      'INVITE sip:sips%3Auser%40example.com@example.net SIP/2.0',
      'CSeq: 1 INVITE',
      'Contact: <sip:cal%6Cer@host5.example.net;%6C%72;n%61me=v%61lue%25%34%31>',
    ),
    verdict: { accepts: (message) => expect(userOf(request(message).uri)).toBe('sips:user@example.com') },
  },
  {
    section: '3.1.1.4',
    name: 'an escaped zero in a user part is another user',
    lines: asks(
      'REGISTER sip:example.com SIP/2.0',
      'CSeq: 1 REGISTER',
      'Contact: <sip:%00@host5.example.com>, <sip:%00%00@host5.example.com>',
    ),
    verdict: {
      accepts: ({ headers }) => expect(headers.all(Contact).map(({ uri }) => userOf(uri))).toEqual(['\0', '\0\0']),
    },
  },
  {
    section: '3.1.1.5',
    name: 'a percent sign that escapes nothing stands in a method',
    lines: asks('RE%47IST%45R sip:registrar.example.com SIP/2.0', 'CSeq: 1 RE%47IST%45R'),
    verdict: { accepts: (message) => expect(request(message).method).toBe('RE%47IST%45R') },
  },
  {
    section: '3.1.1.6',
    name: 'no space between display name and address',
    lines: [
      'OPTIONS sip:user@example.com SIP/2.0',
      ...usual.with(1, 'From: caller<sip:caller@example.com>;tag=323'),
      'CSeq: 60 OPTIONS',
    ],
    verdict: { accepts: ({ headers }) => expect(headers.need(From).displayName).toBe('caller') },
  },
  {
    section: '3.1.1.7',
    name: 'long values in many headers',
    lines: asks(
      'INVITE sip:user@example.com SIP/2.0',
      `CSeq: 3882340 INVITE`,
      `Unknown-${'Long'.repeat(40)}-Name: unknown-${'long'.repeat(40)}-value`,
      `Contact: <sip:${'amazinglylongcallername'.repeat(20)}@host5.example.net>`,
      ...Array.from({ length: 33 }, (_, n) => `v: SIP/2.0/TCP sip${33 - n}.example.com`),
    ),
    verdict: { accepts: ({ headers }) => expect(headers.all(Via)).toHaveLength(34) },
  },
  {
    section: '3.1.1.8',
    name: 'more bytes in the datagram than the message has',
    lines: asks('REGISTER sip:example.com SIP/2.0', 'CSeq: 8 REGISTER', 'Content-Length: 0'),
    body: 'INVITE sip:joe@example.com SIP/2.0\r\n\r\n',
    verdict: { accepts: ({ body }) => expect(body).toHaveLength(0) },
  },
  {
    section: '3.1.1.9',
    name: 'a semicolon in the user part',
    lines: asks('OPTIONS sip:user;par=u%40example.net@example.com SIP/2.0', 'CSeq: 8 OPTIONS'),
    verdict: { accepts: (message) => expect(userOf(request(message).uri)).toBe('user;par=u@example.net') },
  },
  {
    section: '3.1.1.10',
    name: 'transports that nobody knows',
    lines: [
      'OPTIONS sip:user@example.com SIP/2.0',
      'Via: SIP/2.0/UDP t1.example.com;branch=z9hG4bKkdjuw',
      'Via: SIP/2.0/UNKNOWN t4.example.com;branch=z9hG4bK3',
      ...usual.slice(1),
      'CSeq: 1 OPTIONS',
    ],
    verdict: { accepts: ({ headers }) => expect(headers.all(Via)[1]?.transport).toBe('UNKNOWN') },
  },
  {
    section: '3.1.1.11',
    name: 'a body of several parts with bytes that are no text',
    lines: asks(
      'MESSAGE sip:kumiko@example.org SIP/2.0',
      'CSeq: 1 MESSAGE',
      'Content-Type: multipart/mixed;boundary=7a9cbec02ceef655',
    ),
    body: '--7a9cbec02ceef655\r\n\r\nHello\0\r\n--7a9cbec02ceef655--\r\n',
    verdict: { accepts: (message) => expect(bodyText(message)).toContain('Hello\0') },
  },
  {
    section: '3.1.1.12',
    name: 'a reason phrase with letters of all the world',
    lines: ['SIP/2.0 200 = 2**3 * 5**2 \u043d\u043e \u0441\u0442\u043e', ...usual, 'CSeq: 35 INVITE'],
    verdict: { accepts: (message) => expect(message.kind === 'response' && message.reason).toContain('\u043d\u043e') },
  },
  {
    section: '3.1.1.13',
    name: 'no reason phrase at all',
    lines: ['SIP/2.0 100 ', ...usual, 'CSeq: 35 INVITE'],
    verdict: { accepts: (message) => expect(message).toMatchObject({ status: 100, reason: '' }) },
  },
  {
    section: '3.1.2.1',
    name: 'separators where no parameter is',
    lines: asks('INVITE sip:user@example.com SIP/2.0', 'CSeq: 1 INVITE', 'Contact: "Joe" <sip:joe@example.org>;;;;'),
    verdict: { refuses: 400 },
  },
  {
    section: '3.1.2.1',
    name: 'a Via that cannot be read does not tell where an answer would go',
    lines: [
      'INVITE sip:user@example.com SIP/2.0',
      'Via: SIP/2.0/UDP 192.0.2.15;;,;,,',
      ...usual.slice(1),
      'CSeq: 1 INVITE',
    ],
    verdict: { drops: 'Via parameter: missing or malformed' },
  },
  {
    section: '3.1.2.2',
    name: 'a Content-Length beyond the end of the datagram',
    lines: asks('INVITE sip:user@example.com SIP/2.0', 'CSeq: 8 INVITE', 'Content-Length: 9999'),
    body: 'v=0\r\n',
    verdict: { refuses: 400 },
  },
  {
    section: '3.1.2.3',
    name: 'a Content-Length below zero',
    lines: asks('INVITE sip:user@example.com SIP/2.0', 'CSeq: 8 INVITE', 'Content-Length: -999'),
    body: 'v=0\r\n',
    verdict: { refuses: 400 },
  },
  {
    section: '3.1.2.4',
    name: 'a CSeq that is too large',
    lines: asks('REGISTER sip:example.com SIP/2.0', 'CSeq: 36893488147419103232 REGISTER'),
    verdict: { refuses: 400 },
  },
  {
    section: '3.1.2.4',
    name: 'a Max-Forwards that is too large',
    lines: ['REGISTER sip:example.com SIP/2.0', ...usual.with(4, 'Max-Forwards: 300'), 'CSeq: 1 REGISTER'],
    verdict: { refuses: 400 },
  },
  {
    section: '3.1.2.4',
    name: 'an Expires that is too large means for ever',
    lines: asks('REGISTER sip:example.com SIP/2.0', 'CSeq: 1 REGISTER', 'Expires: 1000000000000000000000000000000'),
    verdict: { accepts: ({ headers }) => expect(headers.get(Expires)).toBe(4_294_967_295) },
  },
  {
    section: '3.1.2.5',
    name: 'numbers too large in a response',
    lines: ['SIP/2.0 503 Service Unavailable', ...usual, 'CSeq: 9292394834772304023312 OPTIONS'],
    verdict: { drops: 'CSeq: out of range' },
  },
  {
    section: '3.1.2.6',
    name: 'a quotation mark that is not closed',
    lines: [
      'INVITE sip:user@example.com SIP/2.0',
      ...usual.with(2, 'To: "Mr J. User <sip:j.user@example.com>'),
      'CSeq: 1 INVITE',
    ],
    verdict: { refuses: 400 },
  },
  {
    section: '3.1.2.7',
    name: 'a Request-URI in angle brackets',
    lines: asks('INVITE <sip:user@example.com> SIP/2.0', 'CSeq: 1 INVITE'),
    verdict: { refuses: 400 },
  },
  {
    section: '3.1.2.8',
    name: 'a space within the Request-URI',
    lines: asks('INVITE sip:user@example.com; lr SIP/2.0', 'CSeq: 1 INVITE'),
    verdict: { refuses: 400 },
  },
  {
    section: '3.1.2.9',
    name: 'several spaces in the request line',
    lines: asks('INVITE  sip:user@example.com  SIP/2.0', 'CSeq: 1 INVITE'),
    verdict: { refuses: 400 },
  },
  {
    section: '3.1.2.10',
    name: 'spaces after the request line are passed over',
    lines: asks('OPTIONS sip:remote-target@example.com SIP/2.0  ', 'CSeq: 18 OPTIONS'),
    verdict: fine,
  },
  {
    section: '3.1.2.11',
    name: 'headers in the Request-URI',
    lines: asks('INVITE sip:user@example.com?Route=%3Csip:example.com%3E SIP/2.0', 'CSeq: 1 INVITE'),
    verdict: { refuses: 400 },
  },
  {
    section: '3.1.2.12',
    name: 'a Date that is none is nobody\u2019s business',
    lines: asks('INVITE sip:user@example.com SIP/2.0', 'CSeq: 1 INVITE', 'Date: Fri, 01 Jan 2010 16:00:00 EST'),
    verdict: fine,
  },
  {
    section: '3.1.2.13',
    name: 'a Contact with headers and without brackets',
    lines: asks(
      'REGISTER sip:example.com SIP/2.0',
      'CSeq: 1 REGISTER',
      'Contact: sip:user@example.com?Route=%3Csip:sip.example.com%3E',
    ),
    verdict: { refuses: 400 },
  },
  {
    section: '3.1.2.14',
    name: 'spaces within an address',
    lines: [
      'OPTIONS sip:user@example.org SIP/2.0',
      ...usual.with(2, 'To: "Watson, Thomas" < sip:t watson@example.org >'),
      'CSeq: 1 OPTIONS',
    ],
    verdict: { refuses: 400 },
  },
  {
    section: '3.1.2.15',
    name: 'a display name that is no token and not quoted',
    lines: [
      'OPTIONS sip:user@example.org SIP/2.0',
      ...usual.with(1, 'From: Bell, Alexander <sip:a.g.bell@example.com>;tag=43'),
      'CSeq: 1 OPTIONS',
    ],
    verdict: { refuses: 400 },
  },
  {
    section: '3.1.2.16',
    name: 'a version that nobody speaks',
    lines: asks('OPTIONS sip:user@example.com SIP/7.0', 'CSeq: 1 OPTIONS'),
    verdict: { refuses: 505 },
  },
  {
    section: '3.1.2.17',
    name: 'CSeq names another method',
    lines: asks('OPTIONS sip:user@example.com SIP/2.0', 'CSeq: 8 INVITE'),
    verdict: { refuses: 400 },
  },
  {
    section: '3.1.2.18',
    name: 'an unknown method, and CSeq names a known one',
    lines: asks('NEWMETHOD sip:user@example.com SIP/2.0', 'CSeq: 8 INVITE'),
    verdict: { refuses: 400 },
  },
  {
    section: '3.1.2.19',
    name: 'a status beyond all classes',
    lines: ['SIP/2.0 4294967301 better not break the receiver', ...usual, 'CSeq: 1 INVITE'],
    verdict: { drops: 'a status that is none' },
  },
  {
    section: '3.2.1',
    name: 'a branch that is the cookie and nothing else',
    lines: [
      'OPTIONS sip:user@example.com SIP/2.0',
      ...usual.with(0, 'Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK'),
      'CSeq: 1 OPTIONS',
    ],
    verdict: fine,
  },
  {
    section: '3.3.1',
    name: 'From, To, Call-ID and CSeq are missing',
    lines: ['INVITE sip:user@example.com SIP/2.0', 'Via: SIP/2.0/UDP host.example.com;branch=z9hG4bKa'],
    verdict: { drops: 'From: missing or malformed' },
  },
  {
    section: '3.3.2',
    name: 'a Request-URI of a scheme that nobody knows',
    lines: asks('OPTIONS nobodyKnowsThisScheme:totallyopaquecontent SIP/2.0', 'CSeq: 1 OPTIONS'),
    verdict: {
      accepts: (message) =>
        expect(request(message).uri).toMatchObject({ kind: 'other', scheme: 'nobodyknowsthisscheme' }),
    },
  },
  {
    section: '3.3.3',
    name: 'a Request-URI of a known scheme that is not for calls',
    lines: asks('OPTIONS soap.beep://192.0.2.103:3002 SIP/2.0', 'CSeq: 1 OPTIONS'),
    verdict: fine,
  },
  {
    section: '3.3.4',
    name: 'schemes that nobody knows in From, To and Contact',
    lines: [
      'REGISTER sip:example.com SIP/2.0',
      ...usual.with(2, 'To: <isbn:2983792873>').with(1, 'From: <http://www.example.com>;tag=3234233'),
      'CSeq: 1 REGISTER',
      'Contact: <name:John_Smith>',
    ],
    verdict: fine,
  },
  {
    section: '3.3.7',
    name: 'an Authorization of a scheme that nobody knows',
    lines: asks(
      'REGISTER sip:example.com SIP/2.0',
      'CSeq: 1 REGISTER',
      'Authorization: NoOneKnowsThisScheme opaque-data=here',
    ),
    verdict: { accepts: ({ headers }) => expect(headers.first(Authorization)?.scheme).toBe('NoOneKnowsThisScheme') },
  },
  {
    section: '3.3.8',
    name: 'headers twice that may be there once',
    lines: asks(
      'INVITE sip:user@example.com SIP/2.0',
      'CSeq: 5 INVITE',
      'CSeq: 59 INVITE',
      'Call-ID: another@example.com',
    ),
    verdict: { refuses: 400 },
  },
  {
    section: '3.3.9',
    name: 'Content-Length twice',
    lines: asks('OPTIONS sip:user@example.com SIP/2.0', 'CSeq: 5 OPTIONS', 'Content-Length: 13', 'Content-Length: 5'),
    body: 'There is no way to know',
    verdict: { refuses: 400 },
  },
  {
    section: '3.3.10',
    name: 'a 200 whose Via names many hops but a broadcast address',
    lines: [
      'SIP/2.0 200 OK',
      'Via: SIP/2.0/UDP 192.0.2.198;branch=z9hG4bK1324923',
      'Via: SIP/2.0/UDP 255.255.255.255;branch=z9hG4bK1saber23',
      ...usual.slice(1),
      'CSeq: 35 INVITE',
    ],
    verdict: fine,
  },
  {
    section: '3.3.11',
    name: 'Max-Forwards is zero',
    lines: ['OPTIONS sip:user@example.com SIP/2.0', ...usual.with(4, 'Max-Forwards: 0'), 'CSeq: 1 OPTIONS'],
    verdict: { accepts: ({ headers }) => expect(headers.get(MaxForwards)).toBe(0) },
  },
  {
    section: '3.3.12',
    name: 'a Contact with parameters of the header and of the URI',
    lines: asks(
      'REGISTER sip:example.com SIP/2.0',
      'CSeq: 1 REGISTER',
      'Contact: <sip:user@example.com;unknownparam>;unknown2=3',
      'Contact: sip:user@example.com;unknownparam',
    ),
    verdict: {
      accepts: ({ headers }) => {
        const [inside, outside] = headers.all(Contact)
        expect(sipOf(inside).parameters.has('unknownparam')).toBe(true)
        expect(sipOf(outside).parameters.has('unknownparam')).toBe(false)
        expect(outside?.parameters.has('unknownparam')).toBe(true)
      },
    },
  },
  {
    section: '3.4.1',
    name: 'a request of RFC 2543: no branch, no tag, no Max-Forwards',
    lines: [
      'INVITE sip:UserB@example.com SIP/2.0',
      'Via: SIP/2.0/UDP iftgw.example.com',
      'From: <sip:+13035551111@ift.client.example.net;user=phone>',
      'Record-Route: <sip:UserB@example.com;maddr=ss1.example.com>',
      'To: sip:+16505552222@ss1.example.net;user=phone',
      'Call-ID: inv2543.1717@ift.client.example.com',
      'CSeq: 56 INVITE',
    ],
    verdict: { accepts: ({ headers }) => expect(tagOf(headers.need(From))).toBeUndefined() },
  },
]

const bytesOf = ({ lines, body }: Torture): Uint8Array => Buffer.from(`${lines.join('\r\n')}\r\n\r\n${body ?? ''}`)

const messageOf = (parsed: Parsed): Message => {
  if (parsed.is !== 'message') throw new Error(`not accepted: ${outcome(parsed)}`)
  return parsed.message
}

function outcome(parsed: Parsed): string {
  if (parsed.is === 'message') return 'accepted'
  return parsed.is === 'refused' ? `refused with ${parsed.response.status}` : `dropped: ${parsed.why}`
}

function wanted(verdict: Verdict): string {
  if ('accepts' in verdict) return 'accepted'
  return 'refuses' in verdict ? `refused with ${verdict.refuses}` : `dropped: ${verdict.drops}`
}

describe('the torture messages of RFC 4475', () => {
  for (const torture of messages) {
    it(`${torture.section}: ${torture.name}`, () => {
      const parsed = parseMessage(bytesOf(torture))
      const { verdict } = torture
      if ('accepts' in verdict) verdict.accepts(messageOf(parsed))
      expect(outcome(parsed)).toBe(wanted(verdict))
    })
  }

  it('an ACK that cannot be read has no answer', () => {
    const lines = asks('ACK sip:user@example.com SIP/2.0', 'CSeq: 1 INVITE')
    expect(parseMessage(Buffer.from(`${lines.join('\r\n')}\r\n\r\n`)).is).toBe('dropped')
  })

  it('all bindings are meant by a star', () => {
    const lines = asks('REGISTER sip:example.com SIP/2.0', 'CSeq: 1 REGISTER', 'Contact: *', 'Expires: 0')
    const parsed = parseMessage(Buffer.from(`${lines.join('\r\n')}\r\n\r\n`))
    expect(parsed.is === 'message' && isContactStar(parsed.message.headers)).toBe(true)
  })

  it('a challenge of a scheme that nobody knows stands beside one that we know', () => {
    const lines = [
      'SIP/2.0 401 Unauthorized',
      ...usual,
      'CSeq: 1 REGISTER',
      'WWW-Authenticate: Strange abc==',
      'WWW-Authenticate: Digest realm="a, \\"b\\"", nonce="n"',
    ]
    const parsed = parseMessage(Buffer.from(`${lines.join('\r\n')}\r\n\r\n`))
    if (parsed.is !== 'message') throw new Error('not read')
    const [strange, digest] = parsed.message.headers.all(WwwAuthenticate)
    expect(strange?.scheme).toBe('Strange')
    expect(digest?.values.get('realm')).toBe('a, "b"')
  })
})

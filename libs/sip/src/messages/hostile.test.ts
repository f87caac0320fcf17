/** Bytes from people who mean harm: whatever comes, it is read, refused or dropped, and costs no more than its length. */
import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { GrammarError } from '../grammar/index.ts'
import * as kinds from './index.ts'
import {
  Framer,
  Headers,
  messageLimits,
  parseMessage,
  UserAgentName,
  writeMessage,
  type ListKind,
  type SingleKind,
} from './index.ts'

type AnyKind = SingleKind<unknown> | ListKind<unknown>
const allKinds = Object.values(kinds).filter(
  (kind): kind is AnyKind & typeof kind => typeof kind === 'object' && 'is' in kind && 'read' in kind,
)

const invite = [
  'INVITE sip:bob@example.com;transport=tcp SIP/2.0',
  'Via: SIP/2.0/UDP host.example.com:5060;rport;branch=z9hG4bKabc, SIP/2.0/TCP [2001:db8::1];branch=z9hG4bKdef',
  'Max-Forwards: 70',
  'From: "Ann \\"A\\"" <sip:ann@example.com>;tag=1',
  'To: <sip:bob@example.com;user=phone>',
  'Call-ID: a84b4c76e66710@host.example.com',
  'CSeq: 314159 INVITE',
  'Contact: <sip:ann@192.0.2.4:5060>;expires=60;+sip.instance="<urn:uuid:1>"',
  'Record-Route: <sip:p1.example.com;lr>,<sip:p2.example.com;lr>',
  'Session-Expires: 1800;refresher=uac',
  'Supported: timer, 100rel',
  'User-Agent: phone/1 (a (nested) comment)',
  'Authorization: Digest username="ann", realm="example.com", nonce="n", uri="sip:bob@example.com", response="r", qop=auth, nc=00000001',
  'Retry-After: 18000;duration=3600',
  'Replaces: x@y;to-tag=1;from-tag=2;early-only',
  'Warning: 307 isi.edu "Session parameter \'foo\' not understood"',
  'Content-Type: application/sdp',
  'Content-Length: 3',
].join('\r\n')
const inviteBytes = Buffer.from(`${invite}\r\n\r\nv=0`)

/** Reads a message and then everything that is typed in it. Throws what is not a GrammarError. */
function readAll(bytes: Uint8Array, meter = { steps: 0 }): kinds.Parsed {
  const parsed = parseMessage(bytes, { meter })
  const headers = parsed.is === 'message' ? parsed.message.headers : new Headers([], meter)
  for (const kind of allKinds) readOne(headers, kind)
  if (parsed.is === 'message') writeMessage(parsed.message)
  if (parsed.is === 'refused') writeMessage(parsed.response)
  return parsed
}

function readOne(headers: Headers, kind: AnyKind): void {
  try {
    if (kind.is === 'list') headers.all(kind)
    else headers.get(kind)
  } catch (error) {
    if (!(error instanceof GrammarError)) throw error
  }
}

describe('hostile bytes', () => {
  it('are read, refused or dropped', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 2000 }), (bytes) => expect(readAll(bytes)).toBeDefined()))
  })

  it('do no more when they were a message once', () => {
    const change = fc.record({
      at: fc.nat(inviteBytes.length - 1),
      removes: fc.nat(20),
      puts: fc.oneof(
        fc.uint8Array({ maxLength: 8 }),
        fc
          .constantFrom('\r\n', ' \r\n ', '"', '\\', '<', '>', '(', ';', ',', '\0', '\n', '%', '=', ':', '@', '\u00ff')
          .map((text) => Buffer.from(text)),
      ),
    })
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 6 }), (changes) => {
        let bytes = inviteBytes
        for (const { at, removes, puts } of changes) {
          bytes = Buffer.concat([bytes.subarray(0, at), puts, bytes.subarray(at + removes)])
        }
        expect(readAll(bytes)).toBeDefined()
      }),
      { numRuns: 600 },
    )
  })

  it('that were read say the same after they were written', () => {
    const first = parseMessage(inviteBytes)
    if (first.is !== 'message') throw new Error('not read')
    const second = parseMessage(writeMessage(first.message))
    if (second.is !== 'message') throw new Error('not read again')
    for (const kind of allKinds) {
      const read = ({ headers }: kinds.Message): unknown => (kind.is === 'list' ? headers.all(kind) : headers.get(kind))
      expect(read(second.message)).toEqual(read(first.message))
      // What was read and is written anew reads the same as well.
      const value = read(first.message)
      if (value === undefined) continue
      const again = new Headers()
      const copy =
        kind.is === 'list' ? again.setAll(kind, value as unknown[]).all(kind) : again.set(kind, value).get(kind)
      expect(copy).toEqual(value)
    }
  })

  it('come chopped up in any way and are the same messages', () => {
    const stream = Buffer.concat([inviteBytes, Buffer.from('\r\n\r\n'), inviteBytes, Buffer.from('\r\n'), inviteBytes])
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1 }), (sizes) => {
        const framer = new Framer()
        const framed = []
        for (let at = 0, n = 0; at < stream.length; n += 1) {
          const size = sizes[n % sizes.length] ?? 1
          framed.push(...framer.push(stream.subarray(at, at + size)))
          at += size
        }
        const told = framed.map(({ is }) => is).filter((is) => is !== 'pong')
        expect(told).toEqual(['message', 'ping', 'message', 'message'])
        const whole = framed.flatMap((one) => (one.is === 'message' ? [Buffer.from(one.bytes)] : []))
        expect(whole.every((bytes) => bytes.equals(inviteBytes))).toBe(true)
      }),
    )
  })

  it('break a stream at once and for good when the next message cannot be found', () => {
    const breaks = [
      'x'.repeat(messageLimits.messageBytes + 1),
      'OPTIONS sip:a SIP/2.0\r\nContent-Length: 99999\r\n\r\n',
      'OPTIONS sip:a SIP/2.0\r\nContent-Length: 1\r\nl: 2\r\n\r\n',
      'OPTIONS sip:a SIP/2.0\r\n\r\n',
      '\rx',
    ]
    for (const text of breaks) {
      const framer = new Framer()
      expect(framer.push(Buffer.from(text)).map(({ is }) => is)).toEqual(['broken'])
      expect(framer.push(inviteBytes)).toEqual([])
    }
  })

  it('put no lines of their own into what we answer', () => {
    for (const end of ['\n', '\r', '\0']) {
      const bytes = Buffer.from(`${invite.replace('tag=1', `tag=1${end}Contact: <sip:evil@example.com>`)}\r\n\r\nv=0`)
      const parsed = parseMessage(bytes)
      expect(parsed.is).toBe('dropped')
    }
    expect(() => new Headers().setText('Subject', 'a\r\nContact: <sip:evil@example.com>')).toThrow(GrammarError)
  })
})

describe('the cost of reading', () => {
  // Each shape of message, at a given size. The steps of twice the size are at most about twice as many.
  const filled = (header: string): Uint8Array => Buffer.from(`${invite}\r\n${header}\r\n\r\nv=0`)
  const shapes: Record<string, (size: number) => Uint8Array> = {
    'a long header': (size) => filled(`X: ${'a'.repeat(size)}`),
    'a long display name': (size) =>
      Buffer.from(invite.replace('"Ann \\"A\\""', 'Ann '.repeat(size / 4)) + '\r\n\r\nv=0'),
    'many escaped quotation marks': (size) =>
      Buffer.from(invite.replace('\\"A\\"', '\\"'.repeat(size / 2)) + '\r\n\r\nv=0'),
    'many headers': (size) => filled('a: b\r\n'.repeat(size / 6).trimEnd()),
    'many headers without a name': (size) => filled(':b\r\n'.repeat(size / 4).trimEnd()),
    'folded lines': (size) => filled(`X: a${'\r\n b'.repeat(size / 4)}`),
    'nested comments': (size) => filled(`User-Agent: ${'('.repeat(size / 2)}${')'.repeat(size / 2)}`),
    'many comments': (size) => filled(`User-Agent: ${'()'.repeat(size / 2)}`),
    'many parameters': (size) => filled(`Event: a${';a=b'.repeat(size / 4)}`),
    'many commas': (size) => filled(`Supported: ${','.repeat(size)}`),
    'many hops': (size) => filled(`Via: ${'SIP/2.0/UDP a,'.repeat(size / 14)}b`),
    'a long Request-URI': (size) => Buffer.from(invite.replace('sip:bob@', `sip:${'b'.repeat(size)}@`) + '\r\n\r\nv=0'),
    'many signs @': (size) => Buffer.from(invite.replace('sip:bob@', `sip:${'@'.repeat(size)}`) + '\r\n\r\nv=0'),
    'many brackets': (size) => filled(`Contact: ${'<sip:a>,'.repeat(size / 8)}`),
    'open brackets': (size) => filled(`Contact: ${'<'.repeat(size)}`),
    'line ends in front': (size) => Buffer.concat([Buffer.from('\r\n'.repeat(size / 2)), inviteBytes]),
    spaces: (size) => filled(`X: ${' '.repeat(size)}b`),
  }
  for (const [name, shape] of Object.entries(shapes)) {
    it(`grows with the length: ${name}`, () => {
      const steps = [12_000, 24_000, 48_000].map((size) => {
        const meter = { steps: 0 }
        readAll(shape(size), meter)
        return meter.steps
      })
      const [once = 0, twice = 0, fourTimes = 0] = steps
      expect(once).toBeGreaterThan(6000)
      expect(twice).toBeLessThan(2.2 * once)
      expect(fourTimes).toBeLessThan(2.2 * twice)
      expect(fourTimes).toBeLessThan(20 * 48_000)
    })
  }

  it('has an upper limit: what is longer than a message may be is not looked at', () => {
    const meter = { steps: 0 }
    expect(readAll(filled(`X: ${'a'.repeat(messageLimits.messageBytes)}`), meter)).toMatchObject({ is: 'dropped' })
    expect(meter.steps).toBeLessThan(100)
  })

  it('refuses ten thousand headers, a header of 60 kB and too many hops', () => {
    const tenThousand = Buffer.from(`${invite}${'\r\na:b'.repeat(10_000)}\r\n\r\nv=0`)
    expect(readAll(tenThousand)).toMatchObject({ is: 'refused', response: { status: 400 } })
    expect(readAll(filled(`X: ${'a'.repeat(60_000)}`))).toMatchObject({ is: 'refused', response: { status: 400 } })
    expect(readAll(filled(`v: ${'SIP/2.0/UDP a,'.repeat(70)}`))).toMatchObject({
      is: 'refused',
      response: { status: 400 },
    })
  })

  it('does not depend on how a stream is chopped', () => {
    const big = Buffer.from(`${invite}${'\r\na: b'.repeat(500)}\r\n\r\nv=0`)
    const meter = { steps: 0 }
    const framer = new Framer(messageLimits, meter)
    for (const byte of big) framer.push(Buffer.of(byte))
    expect(meter.steps).toBeLessThan(8 * big.length)
  })

  it('lets comments nest as deep as people mean it', () => {
    const nested = (depth: number): Headers =>
      new Headers().setText('User-Agent', `a/1 ${'('.repeat(depth)}x${')'.repeat(depth)}`)
    expect(nested(30).get(UserAgentName)).toEqual(['a/1'])
    expect(() => nested(40).get(UserAgentName)).toThrow(GrammarError)
    expect(nested(40).readable(UserAgentName)).toBeUndefined()
  })
})

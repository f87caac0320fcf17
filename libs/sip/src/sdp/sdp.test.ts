import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import {
  agreeOnAnswer,
  answerAudio,
  audioDirectionOf,
  audioOf,
  mirrored,
  offerAudio,
  parseSdp,
  SdpError,
  writeSdp,
  type Codec,
  type Direction,
  type LocalAudio,
  type SessionDescription,
} from './index.ts'

const pcmu: Codec = { payloadType: 0, name: 'PCMU', clockRate: 8000, channels: 1 }
const pcma: Codec = { payloadType: 8, name: 'PCMA', clockRate: 8000, channels: 1 }
const opus: Codec = { payloadType: 111, name: 'opus', clockRate: 48_000, channels: 2, fmtp: 'useinbandfec=1' }
const events: Codec = { payloadType: 101, name: 'telephone-event', clockRate: 8000, channels: 1, fmtp: '0-16' }

const us: LocalAudio = {
  address: '192.0.2.1',
  port: 30_000,
  codecs: [pcmu, pcma, events],
  direction: 'sendrecv',
  ptimeMs: 20,
}
const key = 'WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz'
const otherKey = 'PS1uQCVeeCFCanVmcjkpPywjNWhcYD0mXXtxaVBR'

function lines(...rows: string[]): string {
  return `v=0\r\no=- 1 1 IN IP4 192.0.2.9\r\ns=-\r\nt=0 0\r\n${rows.map((row) => `${row}\r\n`).join('')}`
}

const offerOf = (...rows: string[]) => parseSdp(lines('c=IN IP4 192.0.2.9', ...rows))

function answered(offer: SessionDescription, local: Partial<LocalAudio> = {}) {
  const done = answerAudio(offer, { ...us, ...local })
  if (done === undefined) throw new Error('nothing fits')
  return { ...done, text: writeSdp(done.description) }
}

describe('a description', () => {
  it('is read and written without loss of what calls need', () => {
    const text = lines('c=IN IP4 192.0.2.9', 'a=tool:x', 'm=audio 4000 RTP/AVP 0 8', 'a=ptime:20', 'a=sendonly')
    expect(writeSdp(parseSdp(text))).toContain('m=audio 4000 RTP/AVP 0 8\r\na=ptime:20\r\na=sendonly\r\n')
  })

  it('is tolerated with bare line feeds, without s= and t=, with spaces too many and lines of other kinds', () => {
    const text = 'v=0\no=me  1 1 IN IP4 host.example\nc=IN IP4 host.example\nb=AS:80\nz=1 2\nm=audio 4000  RTP/AVP 0\n'
    expect(parseSdp(text).media[0]).toMatchObject({ type: 'audio', port: 4000, formats: ['0'] })
  })

  it.each([
    ['no origin', 'v=0\r\n'],
    ['a line end within a line', lines('m=audio 4000 RTP/AVP 0\ra=sendonly')],
    ['a line that is none', lines('hello')],
    ['a port that is none', lines('m=audio x RTP/AVP 0')],
    ['a port out of range', lines('m=audio 65536 RTP/AVP 0')],
    ['an address that is none', lines('c=IN IP4 a<script>')],
    ['another network', lines('c=ATM NSAP 1')],
    ['too many media', lines(...Array.from({ length: 33 }, () => 'm=audio 1 RTP/AVP 0'))],
    ['too many lines', lines(...Array.from({ length: 2001 }, () => 'a=x'))],
    ['too much text', lines(`a=${'x'.repeat(50_000)}`)],
  ])('with %s is refused', (_, text) => {
    expect(() => parseSdp(text)).toThrow(SdpError)
  })

  it('cannot be given a line of somebody else', () => {
    const description = parseSdp(lines())
    expect(() => writeSdp({ ...description, name: 'x\r\nm=audio 1 RTP/AVP 0' })).toThrow('line end')
  })
})

describe('where and how', () => {
  it('takes the address of the medium before that of the session, IPv6 too', () => {
    const session = offerOf('m=audio 4000 RTP/AVP 0', 'c=IN IP6 2001:db8::1')
    const [medium] = session.media
    expect(medium && audioOf(session, medium)).toMatchObject({ address: '2001:db8::1', rtcpPort: 4001 })
    expect(writeSdp(offerAudio({ ...us, address: '2001:db8::2' }))).toContain('c=IN IP6 2001:db8::2')
  })

  it('takes the place of RTCP from a=rtcp', () => {
    const { agreed } = answered(offerOf('m=audio 4000 RTP/AVP 0', 'a=rtcp:5000 IN IP4 192.0.2.10'))
    expect(agreed.remote).toEqual({
      address: '192.0.2.9',
      port: 4000,
      rtcpAddress: '192.0.2.10',
      rtcpPort: 5000,
    })
  })

  it('shares one port with RTCP only when both want that', () => {
    const offer = offerOf('m=audio 4000 RTP/AVP 0', 'a=rtcp-mux')
    expect(answered(offer)).toMatchObject({ agreed: { hasRtcpMux: true, remote: { rtcpPort: 4000 } } })
    expect(answered(offer, { canMuxRtcp: false }).text).not.toContain('rtcp-mux')
    expect(answered(offerOf('m=audio 4000 RTP/AVP 0')).text).not.toContain('rtcp-mux')
  })

  it('knows what the fixed payload types are and believes rtpmap for the others', () => {
    const { agreed } = answered(offerOf('m=audio 4000 RTP/AVP 97 8 98', 'a=rtpmap:97 OPUS/48000/2'), {
      codecs: [opus, pcma],
    })
    expect(agreed.codecs).toEqual([{ codec: expect.objectContaining({ name: 'OPUS' }), sendAs: 97, receiveAs: 97 }])
  })

  it('sends as many milliseconds as the other one likes', () => {
    expect(answered(offerOf('m=audio 4000 RTP/AVP 0', 'a=ptime:30')).agreed.ptimeMs).toBe(30)
    expect(answered(offerOf('m=audio 4000 RTP/AVP 0', 'a=ptime:1')).agreed.ptimeMs).toBe(20)
  })
})

describe('an answer', () => {
  it('takes the first codec of the offer that we know, with events on its clock', () => {
    const { text, agreed } = answered(
      offerOf('m=audio 4000 RTP/AVP 18 8 0 96', 'a=rtpmap:96 telephone-event/8000', 'a=fmtp:96 0-15'),
    )
    expect(text).toContain('m=audio 30000 RTP/AVP 8 96\r\n')
    expect(agreed.codecs.map(({ codec }) => codec.name)).toEqual(['PCMA'])
    // It says 96 for both of us.
    expect(agreed.telephoneEvent).toMatchObject({ sendAs: 96, receiveAs: 96 })
  })

  it('refuses all media but the first audio that fits, in their places', () => {
    const offer = offerOf(
      'm=video 5000 RTP/AVP 31',
      'm=audio 4000 RTP/AVP 3',
      'm=audio 4002 RTP/AVP 0',
      'm=image 9 udptl t38',
    )
    const { description } = answered(offer)
    expect(description.media.map(({ type, port }) => `${type} ${port}`)).toEqual([
      'video 0',
      'audio 0',
      'audio 30000',
      'image 0',
    ])
  })

  it.each([
    ['no codec of ours', ['m=audio 4000 RTP/AVP 18']],
    ['events only', ['m=audio 4000 RTP/AVP 101', 'a=rtpmap:101 telephone-event/8000']],
    ['no audio', ['m=video 4000 RTP/AVP 31']],
    ['audio that is refused', ['m=audio 0 RTP/AVP 0']],
    ['a profile that is not spoken', ['m=audio 4000 UDP/TLS/RTP/SAVPF 0']],
    [
      'encryption, which we do not want',
      ['m=audio 4000 RTP/SAVP 0', `a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:${key}`],
    ],
  ])('is not to be had for %s', (_, rows) => {
    expect(answerAudio(offerOf(...rows), us)).toBeUndefined()
  })

  // prettier-ignore
  it.each<[Direction, Direction, Direction]>([
    // offered, our wish, answered
    ['sendrecv', 'sendrecv', 'sendrecv'],
    ['sendonly', 'sendrecv', 'recvonly'],
    ['recvonly', 'sendrecv', 'sendonly'],
    ['inactive', 'sendrecv', 'inactive'],
    ['sendrecv', 'sendonly', 'sendonly'],
    ['sendonly', 'sendonly', 'inactive'],
    ['recvonly', 'sendonly', 'sendonly'],
  ])('to %s while we want %s says %s (RFC 3264 section 6.1)', (offered, direction, expected) => {
    const { text, agreed } = answered(offerOf('m=audio 4000 RTP/AVP 0', `a=${offered}`), { direction })
    expect(text).toContain(`a=${expected}\r\n`)
    expect(agreed.direction).toBe(expected)
  })

  it('takes an address of zeros for hold', () => {
    const offer = parseSdp(lines('c=IN IP4 0.0.0.0', 'm=audio 4000 RTP/AVP 0'))
    expect(audioDirectionOf(offer)).toBe('sendonly')
    expect(answered(offer).text).toContain('a=recvonly')
  })

  it('keeps its session and raises its version only when it says something else', () => {
    const first = answered(offerOf('m=audio 4000 RTP/AVP 0')).description
    const same = answerAudio(offerOf('m=audio 4000 RTP/AVP 0'), us, first)?.description
    const held = answerAudio(offerOf('m=audio 4000 RTP/AVP 0', 'a=sendonly'), us, same)?.description
    expect(same?.origin).toEqual(first.origin)
    expect(held?.origin).toEqual({ ...first.origin, version: '2' })
  })
})

describe('an offer', () => {
  const theirs: LocalAudio = { ...us, address: '192.0.2.2', port: 20_000 }

  function agree(ours: Partial<LocalAudio>, other: Partial<LocalAudio>) {
    const local = { ...us, ...ours }
    const offer = parseSdp(writeSdp(offerAudio(local)))
    const answer = answerAudio(offer, { ...theirs, ...other })
    return answer && { offer, answer, agreed: agreeOnAnswer(offer, parseSdp(writeSdp(answer.description)), local) }
  }

  it('and its answer leave both sides with the same view', () => {
    const done = agree({}, { codecs: [pcma, { ...events, payloadType: 96 }] })
    expect(done?.agreed).toMatchObject({
      remote: { address: '192.0.2.2', port: 20_000 },
      direction: 'sendrecv',
      codecs: [{ codec: { name: 'PCMA' }, sendAs: 8, receiveAs: 8 }],
      telephoneEvent: { sendAs: 101 },
    })
    expect(done?.answer.agreed.remote.port).toBe(30_000)
  })

  it('to hold is answered so that both know who is silent', () => {
    const done = agree({ direction: 'sendonly' }, {})
    expect(done?.agreed?.direction).toBe('sendonly')
    expect(done?.answer.agreed.direction).toBe(mirrored('sendonly'))
  })

  it('that follows another keeps the places of media and raises the version', () => {
    const first = answered(offerOf('m=video 5000 RTP/AVP 31', 'm=audio 4000 RTP/AVP 0')).description
    const next = offerAudio({ ...us, direction: 'sendonly' }, first)
    expect(next.media.map(({ type, port }) => `${type} ${port}`)).toEqual(['video 0', 'audio 30000'])
    expect(next.origin.sessionId).toBe(first.origin.sessionId)
    expect(next.origin.version).toBe('2')
  })

  it('with keys is encrypted where the other side wants it: optional, required, off', () => {
    const ours = { srtp: 'optional', keys: [{ suite: 'AES_CM_128_HMAC_SHA1_80', key }] } as const
    const other = { srtp: 'optional', keys: [{ suite: 'AES_CM_128_HMAC_SHA1_80', key: otherKey }] } as const
    expect(agree(ours, other)?.agreed?.keys).toEqual({
      ours: { tag: 1, suite: 'AES_CM_128_HMAC_SHA1_80', key },
      theirs: { tag: 1, suite: 'AES_CM_128_HMAC_SHA1_80', key: otherKey },
    })
    expect(agree(ours, {})?.agreed).toMatchObject({ keys: undefined })
    expect(agree({ ...ours, srtp: 'required' }, {})).toBeUndefined()
    expect(agree({ ...ours, srtp: 'required' }, other)?.agreed?.keys?.theirs.key).toBe(otherKey)
    expect(agree({}, { ...other, srtp: 'required' })).toBeUndefined()
  })

  it('is not agreed upon when the answer refuses it or takes what was not offered', () => {
    const offer = offerAudio(us)
    const refused = offerOf('m=audio 0 RTP/AVP 0')
    const strange = offerOf('m=audio 4000 RTP/AVP 18')
    expect(agreeOnAnswer(offer, refused, us)).toBeUndefined()
    expect(agreeOnAnswer(offer, strange, us)).toBeUndefined()
  })
})

it('keys that we could not keep the promise of are passed over', () => {
  const offer = offerOf(
    'm=audio 4000 RTP/AVP 0',
    `a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:${key}|2^20|1:4`,
    `a=crypto:2 AES_CM_128_HMAC_SHA1_80 inline:${key} UNENCRYPTED_SRTP`,
    `a=crypto:3 AES_CM_128_HMAC_SHA1_80 inline:${otherKey}|2^20`,
  )
  const { agreed } = answered(offer, { srtp: 'optional', keys: [{ suite: 'AES_CM_128_HMAC_SHA1_80', key }] })
  expect(agreed.keys?.theirs).toMatchObject({ tag: 3, key: otherKey })
})

describe('whatever comes', () => {
  const good = lines(
    'c=IN IP4 192.0.2.9',
    'm=audio 4000 RTP/AVP 0 8 101',
    'a=rtpmap:101 telephone-event/8000',
    `a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:${key}|2^20`,
    'a=rtcp:4001 IN IP4 192.0.2.9',
    'm=video 5000 RTP/AVP 31',
  )
  const mutated = fc
    .array(
      fc.record({ at: fc.nat({ max: good.length }), away: fc.nat({ max: 9 }), put: fc.string({ maxLength: 9 }) }),
      {
        minLength: 1,
        maxLength: 6,
      },
    )
    .map((changes) =>
      changes.reduce((text, { at, away, put }) => text.slice(0, at) + put + text.slice(at + away), good),
    )

  it('is read and answered, or refused by name', () => {
    fc.assert(
      fc.property(fc.oneof(mutated, fc.string({ maxLength: 300 })), (text) => {
        try {
          const offer = parseSdp(text)
          const done = answerAudio(offer, {
            ...us,
            srtp: 'optional',
            keys: [{ suite: 'AES_CM_128_HMAC_SHA1_80', key }],
          })
          if (done !== undefined) parseSdp(writeSdp(done.description))
        } catch (error) {
          if (!(error instanceof SdpError)) throw error
        }
      }),
      { numRuns: 3000 },
    )
  })
})

import { describe, expect, it } from '@jest/globals'
import type { RtpParameters } from '@parley/protocol'
import type { Agreed } from '../media/index.ts'
import { PhoneSdp } from './phone-sdp.ts'

const track: RtpParameters = { codecs: [], encodings: [{ ssrc: 1 }] }

/** Our SDP, and what the sound was set to by it. */
function sdp(): { media: PhoneSdp; agreements: Agreed[] } {
  const agreements: Agreed[] = []
  const media = new PhoneSdp({
    sound: {
      ports: { rtp: 30_000, rtcp: 30_001 },
      reaches: (address) => !address.includes(':'),
      connect: async (agreed) => {
        agreements.push(agreed)
        return track
      },
    },
    terms: { codecs: ['opus', 'PCMU'], srtp: 'off', symmetricRtp: 'off' },
    address: '192.0.2.1',
    isTheirs: () => true,
    silenceLimitMs: 60_000,
    agreed: () => {},
  })
  return { media, agreements }
}

/** A phone's SDP: Opus and keys under numbers of its own. */
const theirs = (address = '192.0.2.2'): string =>
  [
    'v=0',
    `o=- 1 1 IN ${address.includes(':') ? 'IP6' : 'IP4'} ${address}`,
    's=-',
    `c=IN ${address.includes(':') ? 'IP6' : 'IP4'} ${address}`,
    't=0 0',
    'm=audio 4000 RTP/AVP 107 110',
    'a=rtpmap:107 opus/48000/2',
    'a=rtpmap:110 telephone-event/8000',
    '',
  ].join('\r\n')

describe('numbers of codecs and keys', () => {
  it('are theirs for what we send, and ours for what comes, where we have offered', async () => {
    const { media, agreements } = sdp()
    media.offer({ direction: 'sendrecv' })
    await media.answered(theirs())
    expect(agreements).toMatchObject([
      { codec: { name: 'opus', sendAs: 107, receiveAs: 96 }, events: { sendAs: 110, receiveAs: 101 } },
    ])
  })

  it('are theirs for both, where they have offered: our answer keeps them', async () => {
    const { media, agreements } = sdp()
    expect(await media.answer(theirs(), { direction: 'sendrecv' })).toContain('m=audio 30000 RTP/AVP 107 110')
    expect(agreements).toMatchObject([
      { codec: { name: 'opus', sendAs: 107, receiveAs: 107 }, events: { sendAs: 110, receiveAs: 110 } },
    ])
  })
})

it('is refused where no sound of ours can go', async () => {
  const { media, agreements } = sdp()
  expect(media.codecFor(theirs('2001:db8::2'))).toBeUndefined()
  await expect(media.answer(theirs('2001:db8::2'), { direction: 'sendrecv' })).rejects.toMatchObject({ status: 488 })
  expect(agreements).toEqual([])
})

import { beforeEach, describe, expect, it } from '@jest/globals'
import type { types } from 'mediasoup-client'
import { become, browser, joined, MediaDesk, sound, track } from '../../test/media-desk.ts'
import { TestClock } from '../../test/test-clock.ts'
import { failed } from '../calling-error.ts'
import { silent } from '../log.ts'
import { MediaBuild } from './media-build.ts'

let device: types.Device
let transports: types.Transport[]
let wire: MediaDesk
let clock: TestClock
let broken: number

beforeEach(async () => {
  ;({ device, transports } = await browser())
  wire = new MediaDesk()
  clock = new TestClock()
  broken = 0
})

const build = (generation = 1) =>
  new MediaBuild(joined(generation), { device, wire, clock, log: silent }, { up: () => {}, broken: () => broken++ })
const dtls = expect.objectContaining({ fingerprints: expect.any(Array) })

describe('coming up', () => {
  it('costs one message each way, when there is nothing to say or hear yet', async () => {
    const media = build()
    const warming = media.warmUp()
    const asked = [await wire.grants('media.send', { id: 'data' }), await wire.grants('media.receive')]
    await warming
    expect(asked[0]?.body).toMatchObject({ generation: 1, dtlsParameters: dtls, data: { ordered: true } })
    expect(asked[1]?.body).toMatchObject({ generation: 1, dtlsParameters: dtls, resume: [] })
    expect(wire.unheard).toEqual([])
  })

  it('costs one message each way with the first track and the first sounds', async () => {
    const media = build()
    const sounds = [sound(), sound()]
    const sending = media.send('microphone', track('audio'))
    const hearing = sounds.map((options) => media.consume(options))
    const send = await wire.grants('media.send', { id: 'microphone' })
    const receive = await wire.grants('media.receive')
    await Promise.all([sending, ...hearing])
    expect(send.body).toMatchObject({ dtlsParameters: dtls, track: { source: 'microphone', kind: 'audio' } })
    expect(receive.body).toMatchObject({ dtlsParameters: dtls, resume: sounds.map(({ id }) => id) })
    expect(wire.unheard).toEqual([])
  })

  it('says its DTLS parameters once, and again only when they were refused', async () => {
    const media = build()
    await wire.grants('media.receive')
    const refused = media.send('microphone', track('audio'))
    const outcome = expect(refused).rejects.toMatchObject({ reason: 'callOver' })
    ;(await wire.hears('media.send')).refuses(failed('callOver'))
    await outcome
    const accepted = media.send('microphone', track('audio'))
    expect((await wire.grants('media.send', { id: 'microphone' })).body).toHaveProperty('dtlsParameters')
    await accepted
    const camera = media.send('camera', track('video'))
    expect((await wire.grants('media.send', { id: 'camera' })).body).not.toHaveProperty('dtlsParameters')
    await camera
    const hearing = media.consume(sound())
    expect((await wire.grants('media.receive')).body).not.toHaveProperty('dtlsParameters')
    await hearing
  })
})

describe('a camera', () => {
  it('goes out as VP8 in three sizes', async () => {
    const media = build()
    await wire.grants('media.receive')
    const sending = media.send('camera', track('video'))
    const { body } = await wire.grants('media.send', { id: 'camera' })
    await sending
    expect(body).toMatchObject({
      track: {
        rtpParameters: {
          codecs: expect.arrayContaining([expect.objectContaining({ mimeType: 'video/VP8' })]),
          encodings: [{ scaleResolutionDownBy: 4 }, { scaleResolutionDownBy: 2 }, { scaleResolutionDownBy: 1 }],
        },
      },
    })
  })
})

describe('breaking', () => {
  it('is told when a transport has failed for a second', async () => {
    build()
    become(transports, 'failed')
    clock.pass(999)
    expect(broken).toBe(0)
    clock.pass(1)
    expect(broken).toBe(1)
  })

  it('is not told of a failure that heals, nor of a pause', () => {
    build()
    become(transports, 'connected')
    become(transports, 'failed')
    clock.pass(500)
    become(transports, 'connected')
    become(transports, 'disconnected')
    clock.pass(60_000)
    expect(broken).toBe(0)
  })

  it('is told when it never came up', () => {
    build()
    clock.pass(10_000)
    expect(broken).toBe(1)
  })

  it('is nobody’s business after the end', () => {
    const media = build()
    media.close()
    become(transports, 'failed')
    clock.pass(60_000)
    expect(broken).toBe(0)
    expect(clock.waits).toBe(0)
    expect(transports.every((transport) => transport.closed)).toBe(true)
  })
})

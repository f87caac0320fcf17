import { beforeEach, describe, expect, it } from '@jest/globals'
import type { types } from 'mediasoup-client'
import { become, browser, joined, MediaDesk, sound, track } from '../../test/media-desk.ts'
import { TestClock } from '../../test/test-clock.ts'
import { failed, refused } from '../calling-error.ts'
import { silent } from '../log.ts'
import { MediaBuild } from './media-build.ts'

let device: types.Device
let transports: types.Transport[]
let wire: MediaDesk
let clock: TestClock
let broken: number
let ups: number

beforeEach(async () => {
  ;({ device, transports } = await browser())
  wire = new MediaDesk()
  clock = new TestClock()
  broken = 0
  ups = 0
})

const build = (generation = 1) =>
  new MediaBuild(joined(generation), { device, wire, clock, log: silent }, { up: () => ups++, broken: () => broken++ })
const refusal = (name: 'unavailable' | 'mediaRefused' | 'unknownMedia') =>
  refused({ name, code: 0, subCode: 0, message: '' })
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

describe('what fails for a moment', () => {
  it('is asked for again, so that a sound is not left paused for ever', async () => {
    const media = build()
    await wire.grants('media.receive')
    const options = sound()
    await media.consume(options)
    ;(await wire.hears('media.receive')).refuses(refusal('unavailable'))
    await settled()
    clock.pass(100)
    ;(await wire.hears('media.receive')).refuses(failed('requestTimedOut'))
    await settled()
    clock.pass(499)
    await settled()
    expect(wire.unheard).toEqual([])
    clock.pass(1)
    expect((await wire.grants('media.receive')).body).toMatchObject({ resume: [options.id] })
  })

  it('is asked for again with what was set up meanwhile behind it', async () => {
    const media = build()
    const [first, second] = [sound(), sound()]
    await wire.grants('media.receive')
    await media.consume(first)
    const refused = await wire.hears('media.receive')
    await media.consume(second)
    refused.refuses(refusal('unavailable'))
    await settled()
    clock.pass(100)
    expect((await wire.grants('media.receive')).body).toMatchObject({ resume: [first.id] })
    expect((await wire.grants('media.receive')).body).toMatchObject({ resume: [second.id] })
  })

  it('is the same track when it is sent again: it may have arrived', async () => {
    const media = build()
    await wire.grants('media.receive')
    const sending = media.send('microphone', track('audio'))
    const first = await wire.hears('media.send')
    first.refuses(failed('requestTimedOut'))
    await settled()
    clock.pass(100)
    expect((await wire.grants('media.send', { id: 'microphone' })).body).toEqual(first.body)
    expect(await sending).toMatchObject({ id: 'microphone' })
  })

  it('is not asked for any more after the end', async () => {
    const media = build()
    await media.consume(sound())
    ;(await wire.hears('media.receive')).refuses(refusal('unavailable'))
    await settled()
    media.close()
    clock.pass(60_000)
    await settled()
    expect(wire.unheard).toEqual([])
  })
})

describe('a screen', () => {
  it('goes out in two sizes, for readers', async () => {
    const media = build()
    await wire.grants('media.receive')
    const screen = Object.assign(track('video'), { contentHint: '' })
    const sending = media.send('screen', screen)
    const { body } = await wire.grants('media.send', { id: 'screen' })
    await sending
    expect(screen.contentHint).toBe('detail')
    expect(body).toMatchObject({
      track: {
        source: 'screen',
        rtpParameters: { encodings: [{ scaleResolutionDownBy: 2 }, { scaleResolutionDownBy: 1 }] },
      },
    })
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
    expect(ups).toBe(1)
    become(transports, 'failed')
    clock.pass(500)
    become(transports, 'connected')
    become(transports, 'disconnected')
    clock.pass(60_000)
    expect(broken).toBe(0)
  })

  it('is told when the server knows nothing of it any more', async () => {
    build()
    ;(await wire.hears('media.receive')).refuses(refusal('unknownMedia'))
    await settled()
    expect(broken).toBe(1)
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

/** Lets everything that is on its way arrive. */
const settled = () => new Promise((resolve) => setImmediate(resolve))

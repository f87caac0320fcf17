import { beforeEach, describe, expect, it } from '@jest/globals'
import type { ConsumerOptions, JoinedMedia, ProducerId } from '@parley/protocol'
import type { types } from 'mediasoup-client'
import { become, browser, joined, MediaDesk, picture, sound, stream, track } from '../../test/media-desk.ts'
import { TestClock } from '../../test/test-clock.ts'
import { bobsLeg, callId, view } from '../../test/views.ts'
import { refused } from '../calling-error.ts'
import { silent } from '../log.ts'
import { CallMedia } from './call-media.ts'
import type { Sound } from './playback.ts'

let transports: types.Transport[]
let wire: MediaDesk
let clock: TestClock
let media: CallMedia
let playing: Set<MediaStreamTrack>
let muted: Set<MediaStreamTrack>
let senders: types.Producer[]

beforeEach(async () => {
  const { device, transports: made } = await browser()
  transports = made
  wire = new MediaDesk()
  clock = new TestClock()
  playing = new Set()
  muted = new Set()
  senders = []
  device.observer.on('newtransport', (transport) =>
    transport.observer.on('newproducer', (producer) => senders.push(producer)),
  )
  const play = (track: MediaStreamTrack): Sound => {
    playing.add(track)
    const setMuted = (isMuted: boolean) => void (isMuted ? muted.add(track) : muted.delete(track))
    return { setMuted, stop: () => void playing.delete(track) }
  }
  media = new CallMedia({ device: Promise.resolve(device), playback: { play }, clock, log: silent }, wire)
})

const refusal = (name: 'unavailable' | 'mediaRefused' | 'unknownCall') =>
  refused({ name, code: 0, subCode: 0, message: '' })
const consumerEvent = (generation: number, consumer: ConsumerOptions) =>
  ({ event: 'media.consumer', body: { callId: callId(1), generation, consumer } }) as const
const lost = () => media.see(view({ mediaLost: true }))

/** Media that talks, of the first generation. */
async function talking(more: Partial<JoinedMedia> = {}): Promise<MediaStreamTrack> {
  const microphone = track('audio')
  media.answered(undefined)
  media.sounds.makeAudible()
  await media.outgoing.set('microphone', microphone)
  await media.use(joined(1, more))
  await granted('media.send', 'media.receive')
  become(transports, 'connected')
  return microphone
}

/** Hears these, in whatever order, and grants them. */
async function granted(...verbs: string[]) {
  const asked = await Promise.all(verbs.map(async () => wire.next()))
  for (const one of asked) one.answers({ id: `id-${one.verb}` })
  expect(asked.map(({ verb }) => verb).toSorted()).toEqual(verbs.toSorted())
  return new Map(asked.map(({ verb, body }) => [verb, body]))
}

describe('what is lost', () => {
  it('is built anew with the next generation: the same track, as silent as it was', async () => {
    const microphone = await talking()
    media.outgoing.pause('microphone', true)
    lost()
    ;(await wire.hears('media.join')).answers(joined(2))
    const asked = await granted('media.send', 'media.receive')
    expect(asked.get('media.send')).toMatchObject({ generation: 2, track: { source: 'microphone' } })
    expect(microphone).toMatchObject({ enabled: false, readyState: 'live' })
  })

  it('is built once for one loss, however often it is said', async () => {
    await talking()
    lost()
    lost()
    ;(await wire.hears('media.join')).answers(joined(2))
    await granted('media.send', 'media.receive')
    lost()
    expect(wire.unheard).toEqual([])
  })

  it('is asked for again while the server has no place for it', async () => {
    await talking()
    lost()
    ;(await wire.hears('media.join')).refuses(refusal('unavailable'))
    await passUntil(() => wire.unheard.length > 0)
    const again = await wire.hears('media.join')
    expect(again.body).toMatchObject({ generation: 3 })
    again.answers(joined(3))
    await granted('media.send', 'media.receive')
  })

  it('is given up when the call is over', async () => {
    await talking()
    lost()
    ;(await wire.hears('media.join')).refuses(refusal('unknownCall'))
    await settled()
    clock.pass(60_000)
    expect(wire.unheard).toEqual([])
  })

  it('is asked for more slowly when what is built never comes up', async () => {
    await talking()
    lost()
    ;(await wire.hears('media.join')).answers(joined(2))
    await granted('media.send', 'media.receive')
    clock.pass(10_000)
    await settled()
    expect(wire.unheard).toEqual([])
    clock.pass(100)
    expect((await wire.hears('media.join')).body).toMatchObject({ generation: 3 })
  })

  it('is noticed on this side too, when the transports fail', async () => {
    await talking()
    become(transports, 'failed')
    clock.pass(1000)
    expect((await wire.hears('media.join')).body).toMatchObject({ generation: 2 })
  })
})

describe('what was missed', () => {
  it('is asked for anew: the server may have been another one since', async () => {
    await talking()
    media.missed()
    expect((await wire.hears('media.join')).body).toMatchObject({ generation: 2 })
  })

  it('is asked for while a call rings too, without a view that says so', async () => {
    void media.join()
    ;(await wire.hears('media.join')).answers(joined(1))
    await granted('media.send', 'media.receive')
    become(transports, 'connected')
    media.missed()
    expect((await wire.hears('media.join')).body).toMatchObject({ generation: 2 })
  })

  it('is nothing where nothing was built', async () => {
    media.missed()
    await settled()
    expect(wire.unheard).toEqual([])
  })

  it('is asked for once when the same view says that everything is lost', async () => {
    await talking()
    lost()
    media.missed()
    ;(await wire.hears('media.join')).answers(joined(2))
    await granted('media.send', 'media.receive')
    expect(wire.unheard).toEqual([])
  })

  it('makes an answer that was on its way an old one', async () => {
    await talking()
    lost()
    const asked = await wire.hears('media.join')
    media.missed()
    asked.answers(joined(2))
    await passUntil(() => wire.unheard.length > 0)
    const again = await wire.hears('media.join')
    expect(again.body).toMatchObject({ generation: 3 })
    again.answers(joined(3, { consumers: [sound()] }))
    await granted('media.send', 'media.receive')
    expect(playing.size).toBe(1)
  })
})

describe('sounds', () => {
  it('of an older build stop, and those of the new one play', async () => {
    await talking({ consumers: [sound()] })
    await settled()
    const before = new Set(playing)
    lost()
    ;(await wire.hears('media.join')).answers(joined(2, { consumers: [sound()] }))
    await granted('media.send', 'media.receive')
    await settled()
    expect(playing.size).toBe(1)
    expect([...playing].some((track) => before.has(track))).toBe(false)
  })

  it('that are told before the transports wait for them, and those of older ones are passed over', async () => {
    media.take(consumerEvent(1, sound()))
    const late = sound()
    await talking()
    await settled()
    expect(playing.size).toBe(1)
    media.take(consumerEvent(0, late))
    expect(wire.unheard).toEqual([])
  })

  it('are silent until the call is answered', async () => {
    await media.use(joined(1, { consumers: [sound()] }))
    await granted('media.send', 'media.receive')
    await settled()
    expect(playing.size).toBe(0)
    media.sounds.makeAudible()
    expect(playing.size).toBe(1)
  })
})

describe('one’s own sound', () => {
  it('waits for the answer; until then the way is kept warm', async () => {
    await media.outgoing.set('microphone', track('audio'))
    await media.use(joined(1))
    const asked = await granted('media.send', 'media.receive')
    expect(asked.get('media.send')).toHaveProperty('data')
    media.see(view({ state: 'Ringing' }))
    expect(wire.unheard).toEqual([])
    media.see(view({ state: 'Connected' }))
    expect((await wire.hears('media.send')).body).toHaveProperty('track')
  })

  it('that may not go out is not tried with the answer: the way is kept warm instead', async () => {
    await media.outgoing.set('microphone', track('audio'))
    media.answered(view({ state: 'Ringing', direction: 'Incoming', may: ['hold', 'react'] }))
    await media.use(joined(1))
    const asked = await granted('media.send', 'media.receive')
    expect(asked.get('media.send')).toHaveProperty('data')
    expect(wire.unheard).toEqual([])
  })

  it('is tried again with the next view when the server has not heard of the answer yet', async () => {
    await media.outgoing.set('microphone', track('audio'))
    media.answered(undefined)
    await media.use(joined(1))
    const asked = await Promise.all([wire.next(), wire.next()])
    for (const one of asked) {
      if (one.verb === 'media.send') one.refuses(refusal('mediaRefused'))
      else one.answers()
    }
    await settled()
    media.see(view())
    expect((await wire.hears('media.send')).body).toHaveProperty('track')
  })
})

describe('one’s own sound to a phone', () => {
  const codecOf = (body: object) =>
    (body as { track: { rtpParameters: types.RtpParameters } }).track.rtpParameters.codecs[0]

  it('is coded as the phone codes its own, and sent anew when the phone is known late', async () => {
    await talking()
    media.see(view({ soundCodec: 'PCMU' }))
    ;(await wire.hears('media.unsend')).answers()
    const { body } = await wire.hears('media.send')
    expect(codecOf(body)?.mimeType).toBe('audio/PCMU')
  })

  it('stays as it is when the call becomes one of many', async () => {
    media.see(view({ soundCodec: 'PCMA', state: 'Ringing' }))
    await media.outgoing.set('microphone', track('audio'))
    await media.use(joined(1))
    await granted('media.send', 'media.receive')
    media.see(view({ soundCodec: 'PCMA' }))
    const asked = await wire.hears('media.send')
    expect(codecOf(asked.body)?.mimeType).toBe('audio/PCMA')
    asked.answers({ id: 'voice' })
    await settled()
    media.see(view({ kind: 'group' }))
    await settled()
    expect(wire.unheard).toEqual([])
  })
})

describe('one’s own sound that is refused', () => {
  /** The answer is known here, and not yet at the sfu. */
  async function refusedSound() {
    await media.outgoing.set('microphone', track('audio'))
    media.answered(undefined)
    await media.use(joined(1))
    const asked = await Promise.all([wire.next(), wire.next()])
    asked.find(({ verb }) => verb === 'media.receive')?.answers()
    const send = asked.find(({ verb }) => verb === 'media.send')
    if (send === undefined) throw new Error('Nothing was sent.')
    return send
  }

  it('is tried again by itself: the view may have come before the refusal', async () => {
    const send = await refusedSound()
    media.see(view())
    send.refuses(refusal('mediaRefused'))
    ;(await wire.hears('media.send')).refuses(refusal('mediaRefused'))
    await settled()
    await passUntil(() => wire.unheard.length > 0)
    expect((await wire.grants('media.send', { id: 'microphone' })).body).toHaveProperty('track')
    await settled()
    clock.pass(60_000)
    await settled()
    expect(wire.unheard).not.toContain('media.send')
  })

  it('is tried with longer and longer waits, until it is not wanted any more', async () => {
    const send = await refusedSound()
    send.refuses(refusal('mediaRefused'))
    await settled()
    clock.pass(100)
    ;(await wire.hears('media.send')).refuses(refusal('mediaRefused'))
    await settled()
    clock.pass(499)
    await settled()
    expect(wire.unheard).toEqual([])
    await media.outgoing.set('microphone', undefined)
    clock.pass(5000)
    await settled()
    expect(wire.unheard).toEqual([])
  })

  it('is not sent at all while it is forbidden, and again as soon as it is not', async () => {
    await talking()
    media.see(view({ may: ['sendPicture'], forbidden: ['microphone'] }))
    await wire.grants('media.unsend')
    await settled()
    media.see(view())
    expect((await wire.hears('media.send')).body).toMatchObject({ track: { source: 'microphone' } })
  })
})

describe('a screen', () => {
  it('goes out while the screen of the call is ours', async () => {
    await talking()
    await media.outgoing.set('screen', track('video'))
    expect(wire.unheard).toEqual([])
    media.see(view({ isSharing: true }))
    expect((await wire.grants('media.send', { id: 'screen' })).body).toMatchObject({ track: { source: 'screen' } })
    await settled()
    media.see(view({ isSharing: false }))
    expect((await wire.grants('media.unsend')).body).toMatchObject({ producerId: 'screen' })
  })
})

describe('on hold', () => {
  it('nothing leaves and nothing is heard, and afterwards everything is as it was', async () => {
    const microphone = await talking({ consumers: [sound()] })
    await settled()
    const [sending] = senders
    media.hold(true)
    await settled()
    expect(sending?.track).toBeNull()
    expect(muted.size).toBe(1)
    // The track itself goes on: another call may use it.
    expect(microphone.enabled).toBe(true)
    media.hold(false)
    await settled()
    expect(sending?.track).toBe(microphone)
    expect(muted.size).toBe(0)
    expect(wire.unheard).toEqual([])
  })

  it('one who is muted stays so', async () => {
    const microphone = await talking()
    media.hold(true)
    media.outgoing.pause('microphone', true)
    media.sounds.setMuted(true)
    media.hold(false)
    await settled()
    expect(senders[0]?.paused).toBe(true)
    expect(microphone.enabled).toBe(false)
  })

  it('what is rebuilt is kept warm, and sends when the call goes on', async () => {
    await talking()
    media.hold(true)
    lost()
    ;(await wire.hears('media.join')).answers(joined(2))
    const asked = await granted('media.send', 'media.receive')
    expect(asked.get('media.send')).toHaveProperty('data')
    media.see(view({ state: 'LocalHold' }))
    await settled()
    expect(wire.unheard).toEqual([])
    media.hold(false)
    expect((await wire.hears('media.send')).body).toHaveProperty('track')
  })
})

describe('who speaks', () => {
  it('is handed on, and kept for an owner who comes later', async () => {
    const told: unknown[] = []
    media.belongTo(wire, { pictures: () => {}, speakers: (speakers) => told.push(speakers) })
    await talking()
    const body = { callId: callId(1), generation: 1, speaking: [bobsLeg], lately: [] }
    media.take({ event: 'media.speakers', body })
    expect(told).toEqual([{ speaking: [bobsLeg], lately: [] }])
    expect(media.speakers).toEqual({ speaking: [bobsLeg], lately: [] })
  })
})

describe('a picture', () => {
  const first = stream('first')

  async function seen() {
    await talking({ streams: [first] })
    const [bobs] = media.pictures.of([bobsLeg])
    if (bobs === undefined) throw new Error('There is no picture of Bob.')
    return bobs
  }
  const watcher = () => {
    const tracks: (MediaStreamTrack | undefined)[] = []
    return { tracks, track: (track: MediaStreamTrack | undefined) => tracks.push(track) }
  }

  it('is asked for once, however many look, and given back when nobody looks any more', async () => {
    const bobs = await seen()
    const stops = [bobs.watch(watcher()), bobs.watch(watcher())]
    const watch = await wire.hears('media.watch')
    const options = picture(first.streamId)
    watch.answers({ consumer: options })
    expect((await wire.grants('media.receive')).body).toMatchObject({ resume: [options.id] })
    stops[0]?.()
    await settled()
    expect(wire.unheard).toEqual([])
    stops[1]?.()
    expect((await wire.grants('media.unwatch')).body).toMatchObject({ consumerId: options.id })
  })

  it('is as large as the largest of those who look', async () => {
    const bobs = await seen()
    const small = { ...watcher(), size: { width: 160, height: 90 } }
    const large = { ...watcher(), size: { width: 320, height: 180 } }
    bobs.watch(small)
    const stop = bobs.watch(large)
    ;(await wire.hears('media.watch')).answers({ consumer: picture(first.streamId) })
    const asked = await granted('media.receive', 'media.size')
    expect(asked.get('media.size')).toMatchObject({ width: 320, height: 180 })
    stop()
    expect((await wire.grants('media.size')).body).toMatchObject({ width: 160, height: 90 })
  })

  it('is the same through a rebuild on this side, with another track', async () => {
    const bobs = await seen()
    const looks = watcher()
    bobs.watch(looks)
    ;(await wire.hears('media.watch')).answers({ consumer: picture(first.streamId) })
    await wire.grants('media.receive')
    lost()
    ;(await wire.hears('media.join')).answers(joined(2))
    await granted('media.send', 'media.receive')
    expect(media.pictures.of([bobsLeg])).toEqual([bobs])
    const second = { ...first, streamId: 'second' as ProducerId }
    media.take({ event: 'media.streams', body: { callId: callId(1), generation: 2, added: [second], removed: [] } })
    const watch = await wire.hears('media.watch')
    expect(watch.body).toMatchObject({ generation: 2, streamId: 'second' })
    watch.answers({ consumer: picture(second.streamId) })
    await wire.grants('media.receive')
    await settled()
    expect(looks.tracks.map((track) => track !== undefined)).toEqual([true, false, true])
    expect(looks.tracks[0]).not.toBe(looks.tracks[2])
  })

  it('that does not return in 5 s after a rebuild is gone', async () => {
    await seen()
    lost()
    ;(await wire.hears('media.join')).answers(joined(2))
    await granted('media.send', 'media.receive')
    clock.pass(4999)
    expect(media.pictures.of([bobsLeg])).toHaveLength(1)
    clock.pass(1)
    expect(media.pictures.of([bobsLeg])).toEqual([])
  })
})

/** Lets everything that is on its way arrive. */
const settled = () => new Promise((resolve) => setImmediate(resolve))

async function passUntil(isTrue: () => boolean): Promise<void> {
  for (let waitedMs = 0; !isTrue() && waitedMs < 10_000; waitedMs += 100) {
    clock.pass(100)
    await settled()
  }
}

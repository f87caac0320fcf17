import { afterAll, afterEach, describe, expect, it, jest } from '@jest/globals'
import { randomBytes } from 'node:crypto'
import { writeReport } from '@parley/rtp'
import { bound, closed } from './udp.ts'
import { eventually } from './testing/eventually.ts'
import type { Heard } from './testing/far-phone.ts'
import { LineUp } from './testing/line-up.ts'

// Real time passes here, on a machine that may be busy.
jest.setTimeout(30_000)

const line = new LineUp(36_000)
const few = new LineUp(38_000, { ports: 6 })
const both = new LineUp(40_000, { listenIp: '::' })
afterEach(() => Promise.all([line.clears(), both.clears()]))
afterAll(() => Promise.all([line.close(), few.close(), both.close()]))

/** Sequence numbers one by one, and time that never goes back. */
function expectOneStream(packets: readonly Heard[]): void {
  expect(new Set(packets.map(({ ssrc }) => ssrc)).size).toBe(1)
  for (const [n, packet] of packets.entries()) {
    const before = packets[n - 1]
    if (before === undefined) continue
    expect((packet.sequence - before.sequence) & 0xffff).toBe(1)
    expect((packet.timestamp - before.timestamp) | 0).toBeGreaterThanOrEqual(0)
  }
}

const payloadsOf = (packets: readonly Heard[]): string[] => packets.map(({ payload }) => payload.toString('hex'))
const silent = (packet: Heard): boolean => packet.payload.every((byte) => byte === 0xff || byte === 0xd5)

describe.each(['PCMU', 'PCMA'] as const)('a call of two in %s', (codec) => {
  it('hands payloads on byte by byte, both ways, and makes no codec', async () => {
    const { phone, leg, sfu, track } = await line.seats(codec)
    const browser = sfu.speaker(codec)
    await leg.hear([browser.consumer])
    phone.says(440, leg.ports.rtp)
    browser.says(880)
    await eventually(
      'both are heard',
      () => phone.hears([440, 880]).length > 0 && sfu.hears([440, 880], codec).length > 0,
    )
    expect([phone.hears([440, 880]), sfu.hears([440, 880], codec)]).toEqual([[880], [440]])
    browser.hushes()
    phone.hushes()
    const spoken = () => phone.sound.filter((packet) => !silent(packet))
    await eventually('all has come', () => sfu.heard.length === phone.said.length)
    await eventually('all is heard', () => spoken().length === browser.said.length)
    expect(payloadsOf(sfu.heard)).toEqual(phone.said.map((payload) => payload.toString('hex')))
    expect(payloadsOf(spoken())).toEqual(browser.said.map((payload) => payload.toString('hex')))
    expectOneStream(phone.heard)
    expectOneStream(sfu.heard)
    expect(sfu.heard[0]).toMatchObject({ ssrc: track.ssrc, payloadType: codec === 'PCMU' ? 0 : 8 })
    expect(await leg.stats()).toMatchObject({ mode: 'relay', codecs: 0, received: { lost: 0 } })
  })
})

describe('what a phone hears', () => {
  it('is silence as long as nobody speaks, and from the first moment on', async () => {
    const { phone } = await line.seats('PCMA')
    await eventually('silence', () => phone.heard.length >= 10)
    expect(phone.heard.every(silent)).toBe(true)
    expectOneStream(phone.heard)
  })

  it('is a prompt, then music, then who speaks again, as one stream', async () => {
    const { phone, leg, sfu } = await line.seats('PCMA')
    const browser = sfu.speaker('PCMA')
    await leg.hear([browser.consumer])
    browser.says(880)
    await eventually('the browser', () => phone.hears([880]).length > 0)
    const said = leg.playPrompt('goodbye')
    await eventually('no browser', () => phone.hears([880]).length === 0)
    expect(await said).toBe(true)
    await leg.playMusic(true)
    await eventually('music', () => phone.hears([261.63, 329.63, 392], 500).length > 0)
    expect(phone.hears([880])).toEqual([])
    await leg.playMusic(false)
    await eventually('the browser again', () => phone.hears([880]).length > 0)
    expectOneStream(phone.heard)
    expect(await leg.stats()).toMatchObject({ codecs: 0 })
  })

  it('is the later prompt of two, and the first one is said to be cut', async () => {
    const { leg } = await line.seats('PCMU')
    const first = leg.playPrompt('muted')
    const second = leg.playPrompt('unmuted', 'goodbye')
    expect([await first, await second]).toEqual([false, true])
  })

  it('is nothing while it may not hear anything, and reports go on', async () => {
    const { phone, leg, sfu } = await line.seats('PCMU', { direction: 'inactive' })
    await leg.hear([sfu.speaker('PCMU').consumer])
    await eventually('a report', () => phone.reports.length > 0)
    expect(phone.heard).toEqual([])
    expect(phone.reports[0]).toMatchObject({ kind: 'report' })
  })
})

describe('keys', () => {
  it('come from the phone, also when marks, ends or all but the last packet are lost', async () => {
    const { phone, leg, sfu, events } = await line.seats('PCMU')
    phone.saysOnce(440, leg.ports.rtp)
    phone.presses('1', leg.ports.rtp)
    phone.presses('#', leg.ports.rtp, [0, 1])
    phone.presses('5', leg.ports.rtp, [4, 5, 6])
    phone.saysOnce(440, leg.ports.rtp)
    const digits = () => events.flatMap((event) => (event.event === 'digit' ? [event.digit] : []))
    await eventually('three keys', () => digits().length === 3)
    expect(digits()).toEqual(['1', '#', '5'])
    // They are no sound, and are not missed by who hears it.
    await eventually('two packets', () => sfu.heard.length === 2)
    expectOneStream(sfu.heard)
  })

  it('come from whoever is on the phone after a transfer, whose numbers are others', async () => {
    const { phone, leg, events } = await line.seats('PCMU')
    phone.presses('1', leg.ports.rtp)
    await eventually('a key', () => events.some(({ event }) => event === 'digit'))
    phone.isTransferred()
    phone.presses('*', leg.ports.rtp)
    phone.presses('6', leg.ports.rtp)
    const digits = () => events.flatMap((event) => (event.event === 'digit' ? [event.digit] : []))
    await eventually('three keys', () => digits().length === 3)
    expect(digits()).toEqual(['1', '*', '6'])
  })

  it('come under our number, and go under theirs', async () => {
    const { phone, leg, events } = await line.seats('PCMU', { events: { sendAs: 96, receiveAs: 101 } })
    phone.presses('7', leg.ports.rtp)
    await eventually('a key', () => events.find((event) => event.event === 'digit'))
    await leg.sendDigits('8', 40)
    expect(phone.heard.filter(({ payloadType }) => payloadType === 96).length).toBeGreaterThan(0)
    expect(phone.heard.filter(isEvent)).toEqual([])
  })

  it('come once, also beside a voice that has another SSRC than they have', async () => {
    const { phone, leg, sfu, events } = await line.seats('PCMU')
    phone.hasKeysApart()
    const digits = () => events.flatMap((event) => (event.event === 'digit' ? [event.digit] : []))
    for (const key of '159') {
      phone.presses(key, leg.ports.rtp)
      await eventually(`key ${key}`, () => digits().at(-1) === key)
    }
    await eventually('the voice', () => sfu.heard.length >= 20)
    expect(digits()).toEqual(['1', '5', '9'])
    expectOneStream(sfu.heard)
  })

  it('go to the phone in the place of sound', async () => {
    const { phone, leg, sfu } = await line.seats('PCMU')
    const browser = sfu.speaker('PCMU')
    await leg.hear([browser.consumer])
    browser.says(880)
    await eventually('the browser', () => phone.hears([880]).length > 0)
    await leg.sendDigits('4#', 100)
    await eventually('the browser again', () => !isEvent(phone.heard.at(-1)) && phone.hears([880]).length > 0)
    const events = phone.heard.filter(isEvent)
    const begins = new Set(events.map(({ timestamp }) => timestamp))
    expect(events.map(({ payload }) => payload.readUInt8(0))).toEqual([...Array(7).fill(4), ...Array(7).fill(11)])
    expect(begins.size).toBe(2)
    expect(events.filter(({ isMarked }) => isMarked).length).toBe(2)
    expectOneStream(phone.heard)
    const from = phone.heard.findIndex(isEvent)
    expect(phone.heard.slice(from, from + 7).every(isEvent)).toBe(true)
  })

  it('are refused where they cannot be sent', async () => {
    const { leg, phone } = await line.seats('PCMU')
    await expect(leg.sendDigits('12x')).rejects.toThrow('no key')
    const { events: _, ...without } = phone.agreed()
    await leg.connect(without)
    await expect(leg.sendDigits('1')).rejects.toThrow('no keys as events')
  })

  const isEvent = (packet: Heard | undefined): boolean => packet?.payloadType === 101
})

describe('a phone that sends no packets while nobody speaks', () => {
  it.each(['PCMU', 'PCMA'] as const)('is one stream at the sfu, without a loss, in %s', async (codec) => {
    const { phone, leg, sfu } = await line.seats(codec)
    for (const pauseMs of [200, 3_000, 60_000]) {
      for (let n = 0; n < 5; n += 1) phone.saysOnce(440, leg.ports.rtp)
      phone.saysNothing(pauseMs, leg.ports.rtp)
    }
    for (let n = 0; n < 5; n += 1) phone.saysOnce(440, leg.ports.rtp)
    await eventually('what it has said', () => sfu.heard.length === 20)
    expect(payloadsOf(sfu.heard)).toEqual(phone.said.map((payload) => payload.toString('hex')))
    expectOneStream(sfu.heard)
    // Where it speaks again the other side may catch up with its clock (RFC 3551 section 4.1).
    expect(sfu.heard.flatMap(({ isMarked }, n) => (isMarked ? [n] : []))).toEqual([0, 5, 10, 15])
    const steps = [5, 10].map((n) => ((sfu.heard[n]?.timestamp ?? 0) - (sfu.heard[n - 1]?.timestamp ?? 0)) >>> 0)
    expect(steps).toEqual([160 + 8 * 200, 160 + 8 * 3_000])
    expect(await leg.stats()).toMatchObject({ mode: 'relay', received: { packets: 23, lost: 0 } })
  })
})

describe('what comes from elsewhere', () => {
  it('is not heard, whoever it is', async () => {
    const { phone, leg, sfu } = await line.seats('PCMU')
    phone.says(440, leg.ports.rtp)
    await eventually('the phone', () => sfu.hears([440]).length > 0)
    const third = await line.stranger()
    third.says(1_200, leg.ports.rtp)
    await eventually('packets of the third', () => third.said.length > 25)
    expect(sfu.hears([440, 1_200])).toEqual([440])
    expect((await leg.stats()).ignored).toBeGreaterThan(10)
  })

  it('is where the phone is, when its SDP is wrong and it may be so', async () => {
    const { phone, leg, sfu, events } = await line.seats('PCMU', { ip: '127.0.0.9', isSymmetric: true })
    expect(phone.heard).toEqual([])
    phone.says(440, leg.ports.rtp)
    await eventually('the phone', () => sfu.hears([440]).length > 0)
    await eventually('the phone is answered', () => phone.heard.length > 5)
    expect(events).toEqual([{ event: 'flowing' }])
  })

  it('may be anything: nothing happens', async () => {
    const { phone, leg, sfu } = await line.seats('PCMU')
    phone.saysOnce(440, leg.ports.rtp)
    await eventually('the phone', () => sfu.heard.length === 1)
    for (let n = 0; n < 500; n += 1) {
      const bytes = randomBytes(n % 90)
      if (n % 2 === 0 && bytes.length > 1) bytes.writeUInt8(0x80 | (n % 64), 0)
      phone.sends(bytes, leg.ports.rtp)
      phone.sendsReport(bytes, leg.ports.rtcp)
    }
    phone.says(440, leg.ports.rtp)
    await eventually('the phone again', () => sfu.hears([440]).length > 0)
    expect((await leg.stats()).mode).toBe('relay')
  })
})

describe('a line that hears both families', () => {
  it.each(['127.0.0.1', '::1'])('has a phone at %s hear and be heard', async (at) => {
    const { phone, leg, sfu } = await both.seats('PCMU', { at })
    const browser = sfu.speaker('PCMU')
    await leg.hear([browser.consumer])
    phone.says(440, leg.ports.rtp)
    browser.says(880)
    await eventually('both', () => phone.hears([880]).length > 0 && sfu.hears([440]).length > 0)
    await eventually('a report', () => phone.reports.length > 0)
    phone.sendsReport(writeReport(7, 'phone', []), leg.ports.rtcp)
    expect(await leg.stats()).toMatchObject({ ignored: 0 })
  })

  it('reaches both, and one that hears this machine over IPv4 does not', async () => {
    const [{ leg }, { leg: older }] = [await both.seats('PCMU'), await line.seats('PCMU')]
    expect(['192.0.2.1', '2001:db8::1'].map((address) => leg.reaches(address))).toEqual([true, true])
    expect(['192.0.2.1', '2001:db8::1'].map((address) => older.reaches(address))).toEqual([true, false])
  })
})

describe('SRTP', () => {
  const keys = () => ({
    oursBase64: randomBytes(30).toString('base64'),
    theirsBase64: randomBytes(30).toString('base64'),
  })

  it.each(['AES_CM_128_HMAC_SHA1_80', 'AES_CM_128_HMAC_SHA1_32'] as const)('with %s, both ways', async (suite) => {
    const { phone, leg, sfu } = await line.seats('PCMU', { keys: { suite, ...keys() } })
    const browser = sfu.speaker('PCMU')
    await leg.hear([browser.consumer])
    phone.says(440, leg.ports.rtp)
    browser.says(880)
    await eventually('both', () => phone.hears([880]).length > 0 && sfu.hears([440]).length > 0)
    // It begins at 60,000 and begins anew on the way.
    await eventually('a report', () => phone.reports.length > 0)
  })

  it('goes on as one stream when the phone brings another key with a re-INVITE, also after the numbers began anew', async () => {
    const { phone, leg, sfu } = await line.seats('PCMU', { keys: { suite: 'AES_CM_128_HMAC_SHA1_80', ...keys() } })
    const browser = sfu.speaker('PCMU')
    await leg.hear([browser.consumer])
    browser.says(880)
    for (let n = 0; n < 3; n += 1) {
      const before = phone.sound.length
      await eventually('the browser', () => phone.sound.length > before + 15 && phone.hears([880]).length > 0)
      browser.skips(30_000)
    }
    const before = phone.heard.at(-1)
    phone.rekeys(randomBytes(30).toString('base64'))
    await leg.connect(phone.agreed())
    const since = phone.heard.length
    phone.says(440, leg.ports.rtp)
    await eventually('the phone', () => sfu.hears([440]).length > 0)
    await eventually('the browser again', () => phone.heard.length > since + 20 && phone.hears([880]).length > 0)
    expect(new Set(phone.heard.map(({ ssrc }) => ssrc))).toEqual(new Set([before?.ssrc]))
    expectOneStream(phone.heard.slice(since))
  })

  it('opens what comes after the numbers began anew, wherever the phone has moved to', async () => {
    const { phone, leg, sfu } = await line.seats('PCMU', { keys: { suite: 'AES_CM_128_HMAC_SHA1_80', ...keys() } })
    phone.skipsTo(65_530)
    for (let n = 0; n < 12; n += 1) phone.saysOnce(440, leg.ports.rtp)
    await eventually('the phone', () => sfu.heard.length === 12)
    await phone.moves()
    await leg.connect(phone.agreed())
    for (let n = 0; n < 12; n += 1) phone.saysOnce(440, leg.ports.rtp)
    await eventually('the phone again', () => sfu.heard.length === 24)
    await eventually('silence at its new place', () => phone.heard.length > 0)
    expect(await leg.stats()).toMatchObject({ received: { packets: 24, lost: 0 }, ignored: 0 })
  })

  it('begins anew as another stream when a key of ours is another one', async () => {
    const { phone, leg } = await line.seats('PCMU', { keys: { suite: 'AES_CM_128_HMAC_SHA1_80', ...keys() } })
    await eventually('silence', () => phone.heard.length > 5)
    const ssrcs = new Set(phone.heard.map(({ ssrc }) => ssrc))
    await leg.connect(phone.agreed({ srtp: { suite: 'AES_CM_128_HMAC_SHA1_32', ...keys() } }))
    const agreed = phone.agreed()
    // The first key once more: nothing that was sent under it may be sent again.
    await leg.connect(agreed)
    const since = phone.heard.length
    await eventually('silence again', () => phone.heard.length > since + 5)
    for (const { ssrc } of phone.heard.slice(-5)) expect(ssrcs.has(ssrc)).toBe(false)
  })

  it('is not taken from who has no keys', async () => {
    const { phone, leg, sfu } = await line.seats('PCMU', { keys: { suite: 'AES_CM_128_HMAC_SHA1_80', ...keys() } })
    const forger = await line.stranger()
    forger.says(1_200, leg.ports.rtp)
    await eventually('packets', () => forger.said.length > 10)
    phone.says(440, leg.ports.rtp)
    await eventually('the phone', () => sfu.hears([440]).length > 0)
    expect(sfu.hears([1_200])).toEqual([])
  })
})

describe('a phone that falls silent', () => {
  it('is told of once, and so is its return', async () => {
    const { phone, leg, events } = await line.seats('PCMU', { silenceLimitMs: 200 })
    await eventually('silence', () => events.length > 0)
    phone.says(440, leg.ports.rtp)
    await eventually('flowing', () => events.length > 1)
    phone.hushes()
    await eventually('silence again', () => events.length > 2)
    expect(events.map(({ event }) => event)).toEqual(['silent', 'flowing', 'silent'])
  })

  it('is not told of while it holds us: it may send nothing', async () => {
    const { leg, phone, events } = await line.seats('PCMU', { silenceLimitMs: 100, direction: 'recvonly' })
    phone.saysOnce(440, leg.ports.rtp)
    // It takes more than a second, though nobody may hear it.
    await leg.playPrompt('goodbye')
    expect(events).toEqual([{ event: 'flowing' }])
    await leg.connect(phone.agreed({ silenceLimitMs: 100 }))
    await eventually('silence', () => events.length > 1)
    expect(events[1]).toEqual({ event: 'silent' })
  })

  it('is not told of while it says nothing and says so: its reports are enough', async () => {
    const { leg, phone, events } = await line.seats('PCMU', { silenceLimitMs: 600 })
    phone.saysOnce(440, leg.ports.rtp)
    phone.saysNothing(2_000, leg.ports.rtp)
    const reporting = setInterval(() => phone.sendsReport(writeReport(7, 'phone', []), leg.ports.rtcp), 100)
    await leg.playPrompt('goodbye')
    expect(events).toEqual([{ event: 'flowing' }])
    phone.saysOnce(440, leg.ports.rtp)
    await eventually('silence', () => events.length > 1)
    clearInterval(reporting)
    expect(events[1]).toEqual({ event: 'silent' })
  })

  it('is not told of while it is on hold', async () => {
    const { phone, leg, events, sfu } = await line.seats('PCMU', { silenceLimitMs: 100, direction: 'sendonly' })
    await eventually('sound', () => phone.heard.length > 15)
    phone.says(440, leg.ports.rtp)
    await eventually('flowing', () => events.length > 0)
    await eventually('said', () => phone.said.length > 10)
    expect(events).toEqual([{ event: 'flowing' }])
    expect(sfu.heard).toEqual([])
  })
})

describe('reports', () => {
  it('say how the other side is heard', async () => {
    const { phone, leg } = await line.seats('PCMU')
    phone.says(440, leg.ports.rtp)
    await eventually('a report', () => phone.reports.length > 0)
    await eventually('sound', () => phone.heard.length > 0)
    const [ours] = phone.heard
    if (ours === undefined) throw new Error('Nothing was heard.')
    const lost = {
      ssrc: ours.ssrc,
      lostShare: 0.25,
      lost: 5,
      highest: 9,
      jitter: 80,
      lastReport: 0,
      sinceLastReport: 0,
    }
    const stats = await eventually('what it has reported', async () => {
      phone.sendsReport(writeReport(7, 'phone', [lost]), leg.ports.rtcp)
      const now = await leg.stats()
      return now.sent.lost > 0 && now
    })
    expect(stats).toMatchObject({ sent: { lost: 5, lostShare: 0.25, jitterMs: 10 } })
    expect(stats.mos).toBeGreaterThan(4)
  })

  it('end with a goodbye', async () => {
    const { phone, leg } = await line.seats('PCMU')
    await leg.close()
    await eventually('goodbye', () => phone.reports.find(({ kind }) => kind === 'bye'))
  })
})

describe('a leg', () => {
  it('is closed once, and says so to whoever asks it then', async () => {
    const { leg } = await line.seats('PCMU')
    const before = line.media.portsLeft
    await Promise.all([leg.close(), leg.close()])
    await leg.close()
    expect(line.media.portsLeft).toBe(before + 1)
    await expect(leg.stats()).rejects.toMatchObject({ name: 'LegClosed' })
  })

  it('speaks as another stream when it has another codec', async () => {
    const { phone, leg, sfu, track } = await line.seats('PCMU')
    const again = await leg.connect(phone.agreed())
    expect(again.encodings?.[0]?.ssrc).toBe(track.ssrc)
    const other = await leg.connect(phone.agreed({ codec: { name: 'PCMA', sendAs: 8, receiveAs: 8 } }))
    expect(other.encodings?.[0]?.ssrc).not.toBe(track.ssrc)
    expect(other.codecs[0]).toMatchObject({ mimeType: 'audio/PCMA', payloadType: 8 })
    await eventually('a report at the sfu', () => sfu.reports > 0)
  })

  it('takes the next ports when somebody else has some', async () => {
    const first = await few.seats('PCMU')
    const socket = await bound('127.0.0.1', first.leg.ports.rtp + 3)
    const second = await few.seats('PCMU')
    expect(second.leg.ports.rtp).toBe(first.leg.ports.rtp + 4)
    await expect(few.media.open({ call: 'another' })).rejects.toMatchObject({ name: 'NoPortLeft' })
    await closed(socket)
  })
})

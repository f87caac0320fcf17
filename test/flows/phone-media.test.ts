import { beforeAll, describe, expect, it } from '@jest/globals'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { encodeG711 } from '@parley/rtp'
import { setFarEnds } from '../support/far-ends/far-ends.ts'
import { Sipp } from '../support/far-ends/sipp.ts'
import { phoneCalls, settleNumber, settleTrunks } from '../support/phone-network.ts'
import { setStage } from '../support/stage.ts'
import { Telephone } from '../support/telephone.ts'
import { until } from '../support/until.ts'

const own = '+4930900'

describe('the sound of a phone', () => {
  const farEnds = setFarEnds()
  let phone: Telephone
  let mortal: Telephone
  let echo: Sipp
  let wide: Telephone
  let modern: Telephone
  let secret: Telephone
  const stage = setStage(async () => {
    phone = await farEnds.add(Telephone.start({ number: '+4930111', toneHz: 2290 }))
    mortal = await farEnds.add(Telephone.start({ number: '+4930222', toneHz: 2530 }))
    wide = await farEnds.add(Telephone.start({ number: '+4930444', toneHz: 660, codecs: ['G722/16000/1'] }))
    modern = await farEnds.add(Telephone.start({ number: '+4930555', toneHz: 970, codecs: ['opus/48000/2'] }))
    secret = await farEnds.add(Telephone.start({ number: '+4930666', toneHz: 1190, account: ';mediaenc=srtp-mand' }))
    echo = await farEnds.add(Sipp.start('the echo', { answer: { status: 200, phrase: 'OK' } }))
    return { SIP_SILENCE_LIMIT_S: '3' }
  })
  beforeAll(async () => {
    await settleNumber(stage.platform, { number: own })
    await settleTrunks(
      stage.platform,
      [
        { fqdn: 'one.pbx.test', port: phone.sipPort },
        { fqdn: 'two.pbx.test', port: mortal.sipPort },
        { fqdn: 'echo.pbx.test', port: echo.port },
        { fqdn: 'wide.pbx.test', port: wide.sipPort, more: { codecs: ['G722', 'PCMA'] } },
        { fqdn: 'modern.pbx.test', port: modern.sipPort, more: { codecs: ['opus', 'PCMA'] } },
        { fqdn: 'secret.pbx.test', port: secret.sipPort, more: { srtp: 'required' } },
      ],
      [
        { pattern: '111$', over: ['one.pbx.test'] },
        { pattern: '222$', over: ['two.pbx.test'] },
        { pattern: '333$', over: ['echo.pbx.test'] },
        { pattern: '444$', over: ['wide.pbx.test'] },
        { pattern: '555$', over: ['modern.pbx.test'] },
        { pattern: '666$', over: ['secret.pbx.test'] },
      ],
    )
  })

  it('that stops coming ends the call, and says so', async () => {
    const ann = await stage.people.arrive('ann')
    await ann.calls({ phoneNumber: mortal.number }, { showing: own })
    await ann.reaches('Connected')
    await ann.hears(mortal)
    await mortal.dies()
    expect(await ann.ends()).toMatchObject({ code: 410, subCode: 531_004 })
    const [record] = await phoneCalls(stage.platform, mortal.number)
    expect(record).toMatchObject({ end: { code: 410, subCode: 531_004 } })
  })

  it('is relayed as it is: what the page sends comes back byte for byte from a phone that repeats it', async () => {
    const ann = await stage.people.arrive('ann')
    await ann.tapsSound()
    await ann.calls({ phoneNumber: '+4930333' }, { showing: own })
    await ann.reaches('Connected')
    await ann.hears(ann)
    const { sent, heard } = await until('two hundred frames of sound', async () => {
      const tapped = await ann.tappedSound()
      return tapped.heard.length >= 200 ? { found: tapped } : { sawOnly: `${tapped.heard.length}` }
    })
    // 20 ms of G.711; what was under way when it began was not kept, and silence is the platform's own.
    expect(new Set(heard.map(({ length }) => length))).toEqual(new Set([320]))
    const known = new Set(sent)
    const spoken = heard.slice(50).filter((frame) => !/^(ff|7f)+$/.test(frame))
    expect(spoken.length).toBeGreaterThan(100)
    expect(spoken.filter((frame) => !known.has(frame))).toEqual([])
    await ann.hangsUp()
  })

  it.each([
    ['G.722', (): Telephone => wide, /^a=rtpmap:9 G722\/8000/m],
    ['Opus', (): Telephone => modern, /^a=rtpmap:\d+ opus\/48000\/2/m],
  ] as const)('is %s where the phone and its trunk speak that, both ways', async (_, of, said) => {
    const [ann, phone] = [await stage.people.arrive('ann'), of()]
    await ann.calls({ phoneNumber: phone.number }, { showing: own })
    await ann.reaches('Connected')
    await Promise.all([ann.hears(phone), phone.hears(ann)])
    // The phone has named nothing else, so nothing else was spoken.
    expect(phone.log).toMatch(said)
    await ann.hangsUp()
    await phone.isTold('CALL_CLOSED')
  })

  it('is encrypted where the trunk wants it, through hold and back, with a phone that takes nothing else', async () => {
    const ann = await stage.people.arrive('ann')
    await ann.calls({ phoneNumber: secret.number }, { showing: own })
    await ann.reaches('Connected')
    await Promise.all([ann.hears(secret), secret.hears(ann)])
    expect(secret.log).toMatch(/^m=audio \d+ RTP\/SAVP /m)
    expect(secret.log).toMatch(/^a=crypto:\d+ AES_CM_128_HMAC_SHA1_80 inline:/m)
    // Each of these is a re-INVITE: what was agreed on is agreed on anew, and nobody may begin to count again.
    await secret.commands('hold')
    await secret.speaksOf('a=recvonly')
    await ann.hearsNot(secret)
    await secret.commands('resume')
    await Promise.all([ann.hears(secret), secret.receivesSound()])
    expect(secret.log).not.toContain('failed to decrypt')
    await ann.hangsUp()
    await secret.isTold('CALL_CLOSED')
  })

  it('is not taken from a third address', async () => {
    const ann = await stage.people.arrive('ann')
    await ann.calls({ phoneNumber: phone.number }, { showing: own })
    await ann.reaches('Connected')
    await ann.hears(phone)
    const port = Number(/^m=audio (\d+) /m.exec(phone.log)?.[1])
    const mallory = createSocket('udp4').bind(0, '127.0.0.2')
    await once(mallory, 'listening')
    const stop = hum(1930, (packet) => mallory.send(packet, port, '127.0.0.1'))
    try {
      await ann.hears(phone)
      await ann.hearsNot({ name: 'mallory', toneHz: 1930 })
    } finally {
      stop()
      mallory.close()
    }
    await ann.hangsUp()
    await ann.ends()
  })
})

/** Sends a packet of a tone in PCMU every 20 ms, until it is stopped. */
function hum(hz: number, send: (packet: Buffer) => void): () => void {
  let n = 0
  const timer = setInterval(() => {
    const samples = Int16Array.from(
      { length: 160 },
      (_, i) => 8000 * Math.sin((2 * Math.PI * hz * (n * 160 + i)) / 8000),
    )
    const header = Buffer.alloc(12)
    header.writeUInt8(0x80, 0)
    header.writeUInt16BE((n += 1) % 65_536, 2)
    header.writeUInt32BE(n * 160, 4)
    header.writeUInt32BE(0x12345678, 8)
    send(Buffer.concat([header, encodeG711('PCMU', samples)]))
  }, 20)
  return () => clearInterval(timer)
}

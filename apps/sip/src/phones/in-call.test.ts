/** What happens in a call: hold from either side, keys, muting, a lobby, sound that stops, media that are built anew. */
import { describe, expect, it } from '@jest/globals'
import { Refused } from '@parley/protocol'
import { eventually } from '../media/testing/eventually.ts'
import { FarEnd } from '../testing/far-end.ts'
import { setPlace } from '../testing/set-place.ts'

const { open, inACall } = setPlace()

describe('a call that is held', () => {
  it('by the other side plays music to the phone, and says so in SDP', async () => {
    const { api, berlin, leg } = await inACall()
    api.shows(leg, { state: 'RemoteHold' })
    await berlin.isTold('sendonly')
    await eventually('music', () => berlin.sound.sound.some(({ payload }) => payload.some((byte) => byte !== 0xff)))
    api.shows(leg, { state: 'Connected' })
    await berlin.isTold('sendrecv')
    expect(api.story).not.toContain('call.hold')
  })

  it('by the phone is held in the call', async () => {
    const { api, leg, call } = await inACall()
    await call.hold()
    expect((await api.isAsked('call.hold')).body).toEqual({ callId: leg.callId })
    await call.resume()
    await api.isAsked('call.resume')
  })
})

describe('keys', () => {
  it('of the phone are told to the call, as events and as INFO', async () => {
    const { api, berlin, call } = await inACall()
    berlin.presses('5')
    expect((await api.isAsked('call.say')).body).toMatchObject({ saying: { kind: 'tones', tones: '5' } })
    await call.infoDigit('7')
    await api.isAsked('call.say', ({ saying }) => saying.kind === 'tones' && saying.tones === '7')
  })

  it('of the call are pressed towards the phone', async () => {
    const { api, node, berlin, leg } = await inACall()
    await api.presses(node.id, leg, '42')
    await eventually('two events', () => {
      const keys = berlin.sound.heard.filter(({ payloadType }) => payloadType === 101).map(({ payload }) => payload[0])
      return keys.includes(4) && keys.includes(2)
    })
  })

  it('of the call go by INFO to who takes no events', async () => {
    const pcmu = { payloadType: 0, name: 'PCMU', clockRate: 8000, channels: 1 }
    const berlin = (await FarEnd.open({ codecs: [pcmu] })).accepts()
    const place = await open({ 'berlin.example.com': berlin })
    const { api, node } = place
    const leg = await api.dials(node.id, { trunks: ['berlin.example.com'] })
    await api.isAsked('media.send')
    await api.presses(node.id, leg, '4')
    await berlin.isTold('info 4')
  })

  it('*6 mutes, unmutes, and is told to nobody', async () => {
    const { api, leg, call } = await inACall()
    await call.infoDigit('*')
    await call.infoDigit('6')
    expect((await api.isAsked('call.mute')).body).toEqual({ callId: leg.callId, isMuted: true })
    api.shows(leg, { state: 'Connected', isMuted: true })
    await call.infoDigit('*')
    await call.infoDigit('6')
    await api.isAsked('call.mute', ({ isMuted }) => !isMuted)
    expect(api.story).not.toContain('call.say')
  })

  it('*6 of one who may not speak is answered by words', async () => {
    const { api, berlin, leg, call } = await inACall()
    api.answers = {
      'call.mute': () => {
        throw new Refused('cannotUnmute')
      },
    }
    api.shows(leg, { state: 'Connected', isMuted: true, mutedByOthers: 0 })
    const before = berlin.sound.sound.length
    await call.infoDigit('*')
    await call.infoDigit('6')
    await api.isAsked('call.mute')
    await eventually('words', () =>
      berlin.sound.sound.slice(before).some(({ payload }) => payload.some((byte) => byte !== 0xff)),
    )
  })

  it('another key after the star leaves both as they are', async () => {
    const { api, call } = await inACall()
    await call.infoDigit('*')
    await call.infoDigit('1')
    await api.isAsked('call.say', ({ saying }) => saying.kind === 'tones' && saying.tones === '*')
    await api.isAsked('call.say', ({ saying }) => saying.kind === 'tones' && saying.tones === '1')
  })
})

describe('the sound of a phone', () => {
  it('reaches the call, and the call reaches the phone', async () => {
    const { api, berlin, leg } = await inACall()
    berlin.hums(440)
    const [sound] = api.sounds
    await eventually('its voice at the sfu', () => sound !== undefined && sound.heard.length > 20)
    const ann = sound?.speaker('PCMU')
    if (ann === undefined) throw new Error('There is no sfu.')
    api.tells(leg.session, {
      event: 'media.consumer',
      body: { callId: leg.callId, generation: 1, consumer: ann.consumer },
    })
    expect((await api.isAsked('media.receive')).body).toMatchObject({ resume: [ann.consumer.id] })
    ann.says(660)
    await eventually('Ann at the phone', () => berlin.sound.hears([440, 660, 970]).includes(660))
  })

  it('that stops ends the call', async () => {
    const { api, berlin } = await inACall({ settings: { silenceLimitMs: 1000 } })
    berlin.hums(440)
    await eventually('its voice at the sfu', () => (api.sounds[0]?.heard.length ?? 0) > 10)
    berlin.sound.hushes()
    expect((await api.isAsked('phone.ended')).body).toMatchObject({ reason: 'phoneSilent' })
    await berlin.isTold('bye by peer SIP 410')
  })

  it('is built anew when the call has lost it', async () => {
    const { api, leg } = await inACall()
    api.shows(leg, { state: 'Connected', mediaLost: true })
    await api.isAsked('media.joinPlain', ({ generation }) => generation === 2)
    await api.isAsked('media.send', ({ generation }) => generation === 2)
  })

  it('is lost for the call when the node closes, which hangs up', async () => {
    const { api, berlin, place } = await inACall()
    await place.node.close()
    await berlin.isTold('bye by peer SIP 503')
    expect(api.story.filter((ask) => ask === 'phone.ended')).toHaveLength(1)
  })
})

import { afterAll, describe, expect, it } from '@jest/globals'
import type { Person } from '../support/person.ts'
import { setStage, type Stage } from '../support/stage.ts'
import { holeAddress, UdpHole } from '../support/udp-hole.ts'
import { until } from '../support/until.ts'

const echo = '8:echo123'
/** It greets for some seconds, listens for five, and says what it heard. */
const echoLimitMs = 25_000

describe('the echo bot', () => {
  const stage = setStage()

  it('answers a call to 8:echo123, greets, and says what it heard; on hold it is silent; nothing is left of it', async () => {
    const before = await stage.platform.mediaCounts()
    const [ann, bob] = await Promise.all([stage.people.arrive('ann'), stage.people.arrive('bob')])
    await Promise.all([isEchoed(ann, echo), isEchoed(bob, { id: echo })])
    await until('end of all media', async () => {
      const counts = await stage.platform.mediaCounts()
      // A router may be kept for the next call.
      const left = Object.entries(counts).filter(([kind, count]) => kind !== 'routers' && count > (before[kind] ?? 0))
      return left.length === 0 ? { found: true } : { sawOnly: JSON.stringify(counts) }
    })
  })
})

async function isEchoed(person: Person, bot: string | { id: string }): Promise<void> {
  await person.calls(bot)
  await person.reaches('Connected')
  // A bot answers before anybody could see it ring; what shows as Ringing is media on its way.
  expect(person.states.filter((state) => state !== 'Ringing')).toEqual(['None', 'Connecting', 'Connected'])
  await person.hearsSound()
  await person.hearsNot(person)
  expect(await person.does(({ call }) => call.remoteParticipants.map(({ state }) => state))).toEqual(['Connected'])
  await person.hears(person, echoLimitMs)

  await person.holds()
  await person.reaches('LocalHold')
  await person.hearsSilence()
  await person.resumes()
  await person.hears(person, echoLimitMs)

  await person.hangsUp()
  expect(await person.ends()).toMatchObject({ code: 0, subCode: 0 })
  await person.hearsSilence()
}

describe('the pre-call test', () => {
  const stage = setStage()

  it('says within 10 s that everything is ready: devices, permissions, service, media and how good they are', async () => {
    const tester = await stage.people.arrive('ann')
    const { result, tookMs } = await isTested(stage, tester)
    expect(tookMs).toBeLessThan(10_000)
    expect(result).toMatchObject({
      isBrowserSupported: true,
      devices: { microphones: expect.any(Number), cameras: 2, speakers: expect.any(Number) },
      permissions: {
        microphone: expect.stringMatching(/granted|prompt/),
        camera: expect.stringMatching(/granted|prompt/),
      },
      service: { isReached: true, afterMs: expect.any(Number) },
      media: {
        isReached: true,
        protocol: 'udp',
        afterMs: expect.any(Number),
        roundTripTimeMs: expect.any(Number),
        lossRatio: expect.any(Number),
      },
    })
    expect(result.devices.microphones).toBeGreaterThan(0)
    expect(result.media.roundTripTimeMs).toBeLessThan(1_000)
    expect(result.media.lossRatio).toBeLessThanOrEqual(1)
    expect(result.sentences.length).toBeGreaterThan(0)
    // Nobody was asked for a device, and no call is left.
    expect(await tester.devicesAsked()).toEqual({ audio: 0, video: 0 })
    expect(await tester.callCount()).toBe(0)
  })

  it('says in words that a token is not accepted', async () => {
    const tester = await stage.people.arrive('ann')
    const { result, tookMs } = await isTested(stage, tester, 'no.token.atall')
    expect(tookMs).toBeLessThan(10_000)
    expect(result.service).toMatchObject({ isReached: false, problem: 'The access token was not accepted.' })
    expect(result.sentences[0]).toBe('The access token was not accepted.')
  })
})

describe('the pre-call test where no UDP gets through to the media', () => {
  let hole: UdpHole | undefined
  const stage = setStage(async (mediaPorts) => {
    hole = await UdpHole.open(mediaPorts)
    return { MEDIA_LISTEN: '127.0.0.1', MEDIA_ADDRESS: holeAddress }
  })
  afterAll(() => hole?.close())

  it('says that sound goes over TCP', async () => {
    const { result, tookMs } = await isTested(stage, await stage.people.arrive('ann'))
    expect(tookMs).toBeLessThan(10_500)
    expect(result.media).toMatchObject({ isReached: true, protocol: 'tcp' })
    expect(result.sentences).toContain('The network blocks UDP. Sound takes a slower way, which mostly works.')
    expect(hole?.swallowedDatagrams).toBeGreaterThan(0)
  })
})

/** Somebody else, who has no agent in this page, is tested on it. */
async function isTested(stage: Stage, person: Person, badToken?: string) {
  const token = badToken ?? (await stage.platform.identities.createUserAndToken(['voip'])).token
  return person.does(async ({ sdk }, token) => {
    const getToken = async () => ({ token, expiresOnTimestamp: Date.now() + 3_600_000 })
    const startedAt = performance.now()
    const test = new sdk.CallClient().feature(sdk.PreCallTest)
    const result = await test.run({ tokenCredential: { getToken, dispose: () => {} } })
    return { result, tookMs: performance.now() - startedAt }
  }, token)
}

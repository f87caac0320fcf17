/** What the SDK measures of a call and of its page, and what it tells people of it. */
import { describe, expect, it } from '@jest/globals'
import { randomUUID } from 'node:crypto'
import type { Hands } from '../support/page/desk.ts'
import type { Person } from '../support/person.ts'
import { twoAreHere, twoTalk } from '../support/situations.ts'
import { setStage } from '../support/stage.ts'

const stage = setStage()

/** Every change of one's own diagnostics is told from now on, and every one of the others' that is sent here. */
function watchesDiagnostics(person: Person): Promise<void> {
  return person.does(({ call, sdk, tell }) => {
    const { network, media, server, remote } = call.feature(sdk.Features.UserFacingDiagnostics)
    for (const group of [network, media, server]) {
      group.on('diagnosticChanged', ({ diagnostic, value, valueType }) => {
        tell('diagnostic', `${diagnostic} ${String(value)} ${valueType.replace('Diagnostic', '')}`)
      })
    }
    remote.on('diagnosticChanged', ({ diagnostics }) => {
      for (const { rawId, diagnostic, value } of diagnostics) tell('remote', `${rawId} ${diagnostic} ${String(value)}`)
    })
  })
}

const isTold = (person: Person, what: string): Promise<unknown> =>
  person.isToldOf('diagnostic', (told) => told === what, 20_000)

/** What the page's devices do from now on: they work, or fail with a DOMException of this name. */
function devices(person: Person, fail?: 'NotAllowedError' | 'NotFoundError' | 'NotReadableError'): Promise<void> {
  return person.does(({ kept }, fail) => {
    const { mediaDevices } = navigator
    if (!kept.has('open')) {
      const open = mediaDevices.getUserMedia.bind(mediaDevices)
      kept.set('open', open)
      mediaDevices.getUserMedia = async (constraints) => {
        const why = kept.get('fail') as string | undefined
        if (why !== undefined) throw new DOMException('Not now.', why)
        const stream = await open(constraints)
        for (const track of stream.getTracks()) kept.set(track.kind, track)
        return stream
      }
    }
    kept.set('fail', fail)
  }, fail)
}

/** The device goes away: its track ends without a word of the page. */
function loses(person: Person, kind: 'audio' | 'video'): Promise<void> {
  return person.does(({ kept }, kind) => {
    const track = kept.get(kind) as MediaStreamTrack
    track.stop()
    track.dispatchEvent(new Event('ended'))
  }, kind)
}

/** Two meet in a group; what the first one's devices do can be decided. */
async function twoMeet(): Promise<[Person, Person]> {
  const [ann, bob] = await Promise.all([stage.people.arrive('ann'), stage.people.arrive('bob')])
  await devices(ann)
  const groupId = randomUUID()
  await Promise.all([ann.joins({ groupId }), bob.joins({ groupId })])
  await Promise.all([ann.seesPeople(bob), bob.seesPeople(ann), bob.hears(ann)])
  await Promise.all([watchesDiagnostics(ann), watchesDiagnostics(bob)])
  return [ann, bob]
}

describe('UserFacingDiagnostics', () => {
  it('says who speaks while he is muted, until he is heard; others are told when he wants them to be', async () => {
    const [ann, bob] = await twoMeet()
    await ann.does(({ call, sdk }) => call.feature(sdk.Features.UserFacingDiagnostics).remote.startSendingDiagnostics())
    await ann.mutes()
    await isTold(ann, 'speakingWhileMicrophoneIsMuted true Flag')
    await bob.isToldOf('remote', (told) => told === `${ann.id} speakingWhileMicrophoneIsMuted true`)
    expect(await ann.does(latest)).toEqual({
      media: { speakingWhileMicrophoneIsMuted: { value: true, valueType: 'DiagnosticFlag' } },
      network: {},
    })
    await ann.unmutes()
    await isTold(ann, 'speakingWhileMicrophoneIsMuted false Flag')
    await bob.isToldOf('remote', (told) => told === `${ann.id} speakingWhileMicrophoneIsMuted false`)
    expect(bob.toldOf('diagnostic')).toEqual([])
    expect(ann.toldOf('remote')).toEqual([])
  })

  it('says that the microphone does not function when it goes away and there is no other; with another all goes on', async () => {
    const [ann, bob] = await twoMeet()
    await loses(ann, 'audio')
    await Promise.all([bob.hears(ann), ann.hears(bob)])
    expect([ann.toldOf('diagnostic'), await ann.isMuted()]).toEqual([[], false])

    await devices(ann, 'NotFoundError')
    await loses(ann, 'audio')
    await isTold(ann, 'microphoneNotFunctioning true Flag')
    await Promise.all([bob.sees(ann, { isMuted: true }), bob.hearsNot(ann), ann.hears(bob)])
    expect(await ann.isMuted()).toBe(true)
    await expect(ann.unmutes()).rejects.toMatchObject({ code: 400, subCode: 41016 })
    await devices(ann)
    await ann.unmutes()
    await isTold(ann, 'microphoneNotFunctioning false Flag')
    await Promise.all([bob.hears(ann), bob.sees(ann, { isMuted: false })])
  })

  it('says that a camera stands still, stops, is not allowed, or does not start', async () => {
    const [ann, bob] = await twoMeet()
    await ann.turnsCameraOn()
    await bob.seesMoving(ann, 'Video')
    await ann.freezesCamera(true)
    await isTold(ann, 'cameraFreeze true Flag')
    await ann.freezesCamera(false)
    await isTold(ann, 'cameraFreeze false Flag')

    await loses(ann, 'video')
    await isTold(ann, 'cameraStoppedUnexpectedly true Flag')
    await bob.seesPictures(ann)
    expect(await ann.does(({ call }) => call.isLocalVideoStarted)).toBe(false)
    await devices(ann, 'NotAllowedError')
    await expect(ann.turnsCameraOn()).rejects.toMatchObject({ code: 403, subCode: 43001 })
    await isTold(ann, 'cameraPermissionDenied true Flag')
    await devices(ann, 'NotReadableError')
    await expect(ann.turnsCameraOn()).rejects.toMatchObject({ code: 412, subCode: 43000 })
    await isTold(ann, 'cameraStartFailed true Flag')
    await devices(ann)
    await ann.turnsCameraOn()
    for (const diagnostic of ['cameraStoppedUnexpectedly', 'cameraPermissionDenied', 'cameraStartFailed']) {
      await isTold(ann, `${diagnostic} false Flag`)
    }
    await bob.seesMoving(ann, 'Video')
  })

  it('says from the start that the microphone is not allowed: the call is there, muted, until it is', async () => {
    const [ann, bob] = await Promise.all([stage.people.arrive('ann'), stage.people.arrive('bob')])
    await devices(ann, 'NotAllowedError')
    await ann.calls(bob)
    await bob.isRung()
    await bob.answers()
    await Promise.all([ann.hears(bob), bob.hearsNot(ann), bob.sees(ann, { isMuted: true })])
    expect(await ann.does(latest)).toMatchObject({ media: { microphonePermissionDenied: { value: true } } })
    await expect(ann.unmutes()).rejects.toMatchObject({ code: 400, subCode: 41016 })
    await watchesDiagnostics(ann)
    await devices(ann)
    await ann.unmutes()
    await isTold(ann, 'microphonePermissionDenied false Flag')
    await bob.hears(ann)
  })

  it('says that there is no microphone and no speaker any more, and that there is again', async () => {
    const [ann] = await twoMeet()
    await ann.does(({ kept }) => {
      const { mediaDevices } = navigator
      kept.set('list', mediaDevices.enumerateDevices.bind(mediaDevices))
      mediaDevices.enumerateDevices = async () => []
      mediaDevices.dispatchEvent(new Event('devicechange'))
    })
    await isTold(ann, 'noMicrophoneDevicesEnumerated true Flag')
    await isTold(ann, 'noSpeakerDevicesEnumerated true Flag')
    await ann.does(({ kept }) => {
      navigator.mediaDevices.enumerateDevices = kept.get('list') as MediaDevices['enumerateDevices']
      navigator.mediaDevices.dispatchEvent(new Event('devicechange'))
    })
    await isTold(ann, 'noMicrophoneDevicesEnumerated false Flag')
    await isTold(ann, 'noSpeakerDevicesEnumerated false Flag')
  })

  it('says that there is no network, and that it is back; the call goes on', async () => {
    const { ann, bob } = await twoTalk(stage)
    await watchesDiagnostics(ann)
    await ann.page.context().setOffline(true)
    await isTold(ann, 'noNetwork true Flag')
    await ann.page.context().setOffline(false)
    await isTold(ann, 'noNetwork false Flag')
    await Promise.all([ann.hears(bob), bob.hears(ann)])
    await ann.mutes()
    await bob.seesMuted(true)
    expect(ann.states.at(-1)).toBe('Connected')
  })
})

describe('MediaStats', () => {
  it('reports each second what is sent and received, and sums it up', async () => {
    const { ann, bob } = await twoTalk(stage, { withPicture: true })
    await bob.seesCamera(true)
    await bob.viewsPicture()
    await bob.seesMovement()
    for (const one of [ann, bob]) {
      await one.does(({ call, sdk, kept, tell }) => {
        const options = { aggregationInterval: 1, dataPointsPerAggregation: 3 }
        const collector = call.feature(sdk.Features.MediaStats).createCollector(options)
        kept.set('collector', collector)
        collector.on('sampleReported', (sample) => tell('sample', sample))
        collector.on('summaryReported', (summary) => tell('summary', summary))
      })
    }
    type Track = { codecName: string; bitrate: number; packetsPerSecond: number; audioInputLevel: number }
    type Ways = { send: (Track & Record<string, number>)[]; receive: (Track & Record<string, number>)[] }
    type Sample = { audio: Ways; video: Ways; transports: { rttInMs?: number }[] }
    const isFull = ({ audio, video }: Sample, way: 'send' | 'receive') =>
      (audio[way][0]?.bitrate ?? 0) > 0 && (video[way][0]?.bitrate ?? 0) > 0
    const sent = await ann.isToldOf<Sample>('sample', (sample) => isFull(sample, 'send'))
    const got = await bob.isToldOf<Sample>('sample', (sample) => isFull(sample, 'receive'))
    expect(sent.audio.send[0]).toMatchObject({ codecName: 'opus' })
    expect(sent.audio.send[0]?.audioInputLevel).toBeGreaterThan(0)
    expect(got.audio.receive[0]).toMatchObject({ codecName: 'opus' })
    // Opus sends a packet each 20 ms.
    expect(got.audio.receive[0]?.packetsPerSecond).toBeGreaterThan(20)
    expect(got.video.receive[0]?.codecName).toBe(sent.video.send[0]?.codecName)
    expect(got.video.receive[0]?.frameWidthReceived).toBeGreaterThan(0)
    expect(sent.transports.length).toBeGreaterThan(0)

    type Summary = { audio: { receive: { bitrate: { aggregation: { count: number[] }; raw: number[] } }[] } }
    const { audio } = await bob.isToldOf<Summary>('summary', ({ audio }) => audio.receive.length > 0)
    expect(audio.receive[0]?.bitrate.raw.length).toBeGreaterThan(0)
    expect(audio.receive[0]?.bitrate.aggregation.count).toContain(1)
    await bob.does(({ kept }) => (kept.get('collector') as { dispose: () => void }).dispose())
    await comesAnother(ann)
    const samples = bob.toldOf('sample').length
    for (const _time of ['once', 'twice']) await comesAnother(ann)
    expect(bob.toldOf('sample')).toHaveLength(samples)
  })
})

function comesAnother(person: Person): Promise<unknown> {
  const before = person.toldOf('sample').length
  return person.isToldOf('sample', () => person.toldOf('sample').length > before)
}

describe('OptimalVideoCount', () => {
  it('is nine on a good network, and fewer once packets of pictures get lost, with the reason', async () => {
    const { ann, bob } = await twoAreHere(stage)
    const loses = await networkOf(bob)
    await ann.calls(bob, { withPicture: true })
    await bob.isRung()
    await bob.answers()
    await bob.seesCamera(true)
    await bob.viewsPicture()
    await bob.seesMovement()
    await watchesDiagnostics(bob)
    const count = await bob.does(({ call, sdk, tell }) => {
      const feature = call.feature(sdk.Features.OptimalVideoCount)
      feature.on('optimalVideoCountChanged', () => {
        tell('count', [feature.optimalVideoCount, feature.lastOvcChangeReason])
      })
      return [feature.optimalVideoCount, feature.lastOvcChangeReason]
    })
    expect(count).toEqual([9, 'unknown'])
    await loses(30)
    await bob.isToldOf('count', isSame([1, 'bandwidth']), 20_000)
    await isTold(bob, 'networkReceiveQuality 3 Quality')
    await loses(0)
    await isTold(bob, 'networkReceiveQuality 1 Quality')
    expect(ann.toldOf('diagnostic')).toEqual([])
  })
})

/** A network for a page's calls that begin from now on. What is returned lets so many percent of the packets get lost. */
async function networkOf({ page }: Person): Promise<(percent: number) => Promise<void>> {
  const network = await page.context().newCDPSession(page)
  await network.send('Network.enable')
  // Chromium looks at packets only where something is slowed down, if by nearly nothing.
  const wide = { offline: false, latency: 1, downloadThroughput: 1e8, uploadThroughput: 1e8 }
  const lose = async (packetLoss: number): Promise<void> => {
    await network.send('Network.emulateNetworkConditions', { ...wide, packetLoss })
  }
  await lose(0)
  return lose
}

describe('DebugInfo', () => {
  it('knows the browser, and whether another tab of the same site calls as well', async () => {
    const ann = await stage.people.arrive('ann')
    const info = await ann.does(({ client, sdk, tell }) => {
      const debug = client.feature(sdk.Features.DebugInfo)
      debug.on('isCallClientActiveInAnotherTabChanged', () => tell('other tab', debug.isCallClientActiveInAnotherTab))
      return debug.getEnvironmentInfo()
    })
    expect(info).toMatchObject({ environment: { platform: 'Linux', browser: 'Chrome' }, isSupportedEnvironment: true })
    expect(info.environment.browserVersion).toMatch(/^\d+\./)
    const other = await ann.page.context().newPage()
    await other.goto(ann.page.url())
    await other.evaluate(async (sdkUrl) => {
      const { CallClient, Features } = (await import(sdkUrl)) as typeof import('@parley/calling-sdk')
      new CallClient().feature(Features.DebugInfo)
    }, stage.platform.sdkUrl)
    await ann.isToldAll('other tab', [true])
    await other.close()
    await ann.isToldAll('other tab', [true, false])
  })
})

function latest({ call, sdk }: Hands): { media: object; network: object } {
  const { media, network } = call.feature(sdk.Features.UserFacingDiagnostics)
  return { media: media.getLatest(), network: network.getLatest() }
}

function isSame(expected: unknown): (data: unknown) => boolean {
  return (data) => JSON.stringify(data) === JSON.stringify(expected)
}

import { describe, expect, it } from '@jest/globals'
import { setTimeout as lasts } from 'node:timers/promises'
import type { Hands } from '../support/page/desk.ts'
import type { Person } from '../support/person.ts'
import { groupMeets, twoTalk } from '../support/situations.ts'
import { setStage } from '../support/stage.ts'
import { until } from '../support/until.ts'

const stage = setStage()

describe('switchSource()', () => {
  it('in mid-call the others go on seeing a picture that moves, and now it is the other camera’s', async () => {
    const { ann, bob } = await twoTalk(stage, { withPicture: true })
    await bob.seesCamera(true)
    await bob.viewsPicture()
    await bob.seesMovement()
    await isBright(bob, true)
    const sources = await ann.does(async ({ call, client, tell }) => {
      const [first, second] = await (await client.getDeviceManager()).getCameras()
      const [stream] = call.localVideoStreams
      if (first === undefined || second === undefined || stream === undefined) throw new Error('Something is missing.')
      stream.on('videoSourceChanged', ({ source }) => tell('videoSource', source.id))
      await stream.switchSource(second)
      return { now: stream.source.id, first: first.id, second: second.id }
    })
    expect(sources.now).toBe(sources.second)
    expect(sources.first).not.toBe(sources.second)
    await isBright(bob, false)
    await bob.seesMovement()
    expect(ann.toldOf('videoSource')).toEqual([sources.second])
    // It is the same stream all the while.
    expect(bob.pictureChangesOf(ann)).toEqual(['+Video'])
    expect(await ann.does(({ call }) => call.isLocalVideoStarted)).toBe(true)

    await ann.does(async ({ call, client }) => {
      const [first] = await (await client.getDeviceManager()).getCameras()
      if (first !== undefined) await call.localVideoStreams[0]?.switchSource(first)
    })
    await isBright(bob, true)
    await bob.seesMovement()
  })
})

/** The first camera shows its square on white paper, the second one in the dark. */
async function isBright(person: Person, wanted: boolean): Promise<void> {
  await until(`${wanted ? 'bright' : 'dark'} picture at ${person.name}`, async () => {
    const brightness = await person.does(() => {
      const video = document.querySelector('video')
      return video === null ? Number.NaN : eyes.brightness(video)
    })
    return brightness > 150 === wanted ? { found: true } : { sawOnly: `brightness ${brightness}` }
  })
}

describe('selectMicrophone()', () => {
  it('in mid-call the others hear the other microphone, and one who is muted stays muted', async () => {
    const { all } = await groupMeets(stage, ['ann', 'bob', 'cat'], { muted: ['cat'] })
    const [ann, bob, cat] = all as [Person, Person, Person]
    await Promise.all([bob.hears(ann), ann.hears(bob)])
    await Promise.all([speaksThroughTheOther(ann), speaksThroughTheOther(cat)])
    await Promise.all([bob.hears(theOtherOf(ann)), cat.hears(theOtherOf(ann))])
    await Promise.all([bob.hearsNot(ann), bob.hearsNot(cat), bob.hearsNot(theOtherOf(cat)), ann.hears(bob)])
    expect(await ann.isMuted()).toBe(false)
    expect(await cat.isMuted()).toBe(true)
    await cat.unmutes()
    await Promise.all([ann.hears(theOtherOf(cat)), bob.hears(theOtherOf(cat))])
    await bob.hearsNot(cat)
  })
})

const theOtherOf = ({ name, toneHz }: Person) => ({ name: `${name}'s other microphone`, toneHz: toneHz + 110 })

async function speaksThroughTheOther(person: Person): Promise<void> {
  await person.does(async ({ client, tell }) => {
    const devices = await client.getDeviceManager()
    const microphones = await devices.getMicrophones()
    devices.on('selectedMicrophoneChanged', () => tell('microphone', devices.selectedMicrophone?.name))
    const other = microphones.filter(({ isSystemDefault }) => !isSystemDefault)[1]
    if (other === undefined) throw new Error('There is no second microphone.')
    await devices.selectMicrophone(other)
  })
  await person.isToldOf('microphone')
}

describe('devices that come and go', () => {
  it('in mid-call are told of; a microphone that went is followed by the default one, and does not take over again', async () => {
    const { ann, bob } = await twoTalk(stage)
    await watchesDevices(ann)
    await speaksThroughTheOther(ann)
    await bob.hears(theOtherOf(ann))

    const [microphone, camera] = await secondOnesAreThere(ann, false)
    await ann.isToldAll('audioDevices', [`-${microphone}`])
    await ann.isToldAll('videoDevices', [`-${camera}`])
    await Promise.all([bob.hears(ann), bob.hearsNot(theOtherOf(ann))])
    expect(await ann.does(selected)).not.toBe(microphone)
    expect(await ann.does(async ({ client }) => (await (await client.getDeviceManager()).getCameras()).length)).toBe(1)

    await secondOnesAreThere(ann, true)
    await ann.isToldAll('audioDevices', [`-${microphone}`, `+${microphone}`])
    await ann.isToldAll('videoDevices', [`-${camera}`, `+${camera}`])
    expect(await ann.does(selected)).not.toBe(microphone)
    await Promise.all([bob.hears(ann), bob.hearsNot(theOtherOf(ann)), ann.hears(bob)])
    expect(ann.states.at(-1)).toBe('Connected')
  })
})

const selected = async ({ client }: Hands) => (await client.getDeviceManager()).selectedMicrophone?.name

async function watchesDevices(person: Person): Promise<void> {
  await person.does(async ({ client, tell }) => {
    const devices = await client.getDeviceManager()
    type Update = { added: { name: string }[]; removed: { name: string }[] }
    const tells =
      (kind: string) =>
      ({ added, removed }: Update) => {
        for (const { name } of added) tell(kind, `+${name}`)
        for (const { name } of removed) tell(kind, `-${name}`)
      }
    devices.on('audioDevicesUpdated', tells('audioDevices'))
    devices.on('videoDevicesUpdated', tells('videoDevices'))
  })
}

/** Takes the second microphone and the second camera away, or brings them back. Returns their names. */
function secondOnesAreThere(person: Person, areThere: boolean): Promise<string[]> {
  return person.does(async ({ kept }, areThere) => {
    const { mediaDevices } = navigator
    const list = (kept.get('list') ?? mediaDevices.enumerateDevices.bind(mediaDevices)) as () => Promise<
      MediaDeviceInfo[]
    >
    kept.set('list', list)
    const all = await list()
    const second = (kind: MediaDeviceKind) =>
      all.filter((device) => device.kind === kind && device.deviceId !== 'default')[1]
    const gone = [second('audioinput'), second('videoinput')]
    mediaDevices.enumerateDevices = async () =>
      areThere ? list() : all.filter((one) => !gone.some((other) => other?.deviceId === one.deviceId))
    mediaDevices.dispatchEvent(new Event('devicechange'))
    return gone.map((device) => device?.label ?? '')
  }, areThere)
}

describe('what is not rendered', () => {
  it('is not sent: the platform sends nothing and nothing arrives, without a view or in one of no size', async () => {
    const { ann, bob } = await twoTalk(stage, { withPicture: true })
    // Without sound, what goes to browsers is the picture.
    await Promise.all([ann.mutes(), bob.mutes()])
    await bob.seesCamera(true)
    await nothingIsSent()

    await bob.viewsPicture()
    await bob.seesMovement()
    expect(await bytesSentWithin(500)).toBeGreaterThan(1_000)

    await bob.viewsPicture({ width: 0, height: 0 })
    await bob.stopsReceivingPicture()
    await nothingIsSent()
    await bob.viewsPicture({ width: 320, height: 180 })
    await bob.seesMovement()

    await bob.closesView()
    await bob.stopsReceivingPicture()
    await nothingIsSent()
    expect(await bob.receivesPicture()).toBe(false)
  })
})

async function bytesSentWithin(withinMs: number): Promise<number> {
  const before = await stage.platform.bytesToBrowsers()
  await lasts(withinMs) // what is measured is the time in which nothing may happen
  return (await stage.platform.bytesToBrowsers()) - before
}

async function nothingIsSent(): Promise<void> {
  await until('end of what is sent to browsers', async () => {
    const bytes = await bytesSentWithin(500)
    return bytes === 0 ? { found: true } : { sawOnly: `${bytes} bytes in 500 ms` }
  })
}

import { afterAll, describe, expect, it } from '@jest/globals'
import { oneRings, twoInACall, twoTalk } from '../support/situations.ts'
import { setStage, type Stage } from '../support/stage.ts'
import { holeAddress, UdpHole } from '../support/udp-hole.ts'

describe('a first call', () => {
  const stage = setStage()
  telling(stage)

  it('takes its media over UDP', async () => {
    const { ann, bob } = await twoTalk(stage)
    const [port] = portsOf(await ann.mediaPaths())
    expect(stage.platform.mediaPorts).toContain(port)
    expect(await ann.mediaPaths()).toEqual([`udp ${port}`, `udp ${port}`])
    expect(await bob.mediaPaths()).toEqual([`udp ${port}`, `udp ${port}`])
  })
})

describe('a first call where no UDP gets through to the media', () => {
  let hole: UdpHole | undefined
  const stage = setStage(async (mediaPorts) => {
    hole = await UdpHole.open(mediaPorts)
    return { MEDIA_LISTEN: '127.0.0.1', MEDIA_ADDRESS: holeAddress }
  })
  afterAll(() => hole?.close())
  telling(stage)

  it('takes its media over TCP, to the same port', async () => {
    const { ann, bob } = await twoTalk(stage)
    const [port] = portsOf(await ann.mediaPaths())
    expect(await ann.mediaPaths()).toEqual([`tcp ${port}`, `tcp ${port}`])
    expect(await bob.mediaPaths()).toEqual([`tcp ${port}`, `tcp ${port}`])
    // UDP was tried, and it was the network that did not let it through.
    expect(hole?.swallowedDatagrams).toBeGreaterThan(0)
    expect(hole?.relayedBytes).toBeGreaterThan(10_000)
  })
})

/** The whole story, the same whatever the media goes over. */
function telling(stage: Stage): void {
  it('rings without asking for a microphone, and says who calls', async () => {
    const { ann, bob } = await oneRings(stage)
    expect(bob.rung).toMatchObject({ from: ann.id, displayName: 'Ann' })
    expect(await bob.devicesAsked()).toEqual({ audio: 0, video: 0 })
  })

  it('is heard and seen both ways, falls silent when muted, and ends for both when one hangs up', async () => {
    const { ann, bob } = await twoInACall(stage, { withPicture: true })
    expect(ann.callId).toBe(bob.callId)

    await Promise.all([ann.hears(bob), bob.hears(ann)])
    await Promise.all([ann.seesCamera(true), bob.seesCamera(true)])
    await Promise.all([ann.viewsPicture(), bob.viewsPicture()])
    expect(await ann.seesMovement()).toMatchObject({ width: expect.any(Number) })
    expect(await bob.seesMovement()).toMatchObject({ width: expect.any(Number) })
    // Nobody hears himself; the click of a tone that begins has a little of every tone.
    expect((await ann.hearing(ann)).longestToneMs).toBeLessThan(100)
    expect((await bob.hearing(bob)).longestToneMs).toBeLessThan(100)

    await ann.mutes()
    expect(await ann.isMuted()).toBe(true)
    await Promise.all([bob.hearsNot(ann), bob.seesMuted(true)])
    await ann.hears(bob)

    await ann.unmutes()
    expect(await ann.isMuted()).toBe(false)
    await Promise.all([bob.hears(ann), bob.seesMuted(false)])
    expect(bob.seenMutes).toEqual([true, false])

    await bob.hangsUp()
    expect(await bob.ends()).toMatchObject({ code: 0, subCode: 0 })
    expect(await ann.ends()).toMatchObject({ code: 0, subCode: 0 })
    expect(ann.states).toEqual(['None', 'Connecting', 'Ringing', 'Connected', 'Disconnected'])
    expect(bob.states).toEqual(['Connecting', 'Connected', 'Disconnecting', 'Disconnected'])
    expect(ann.participantStates).toEqual(['Connecting', 'Ringing', 'Connected', 'Disconnected'])
    expect(await ann.callCount()).toBe(0)
    expect(await bob.callCount()).toBe(0)
  })

  it('ends for both when the caller hangs up, too', async () => {
    const { ann, bob } = await twoInACall(stage)
    await ann.hangsUp()
    expect(await ann.ends()).toMatchObject({ code: 0, subCode: 0 })
    expect(await bob.ends()).toMatchObject({ code: 0, subCode: 0 })
    expect(ann.states).toEqual(['None', 'Connecting', 'Ringing', 'Connected', 'Disconnecting', 'Disconnected'])
    expect(bob.states).toEqual(['Connecting', 'Connected', 'Disconnected'])
  })
}

function portsOf(paths: string[]): number[] {
  return paths.map((path) => Number(path.split(' ')[1]))
}

import { describe, expect, it } from '@jest/globals'
import { setTimeout as lasts } from 'node:timers/promises'
import { setStage } from '../support/stage.ts'

describe('a picture', () => {
  const stage = setStage()

  async function annShowsHerselfToBob() {
    const { people } = stage
    const ann = await people.arrive('ann', { tone: 440, picture: { width: 1280, height: 720 } })
    const bob = await people.arrive('bob', { tone: 660 })
    await ann.calls(bob, { withPicture: true })
    await bob.isRung()
    await bob.answers()
    await bob.seesCamera(true)
    return { ann, bob }
  }

  it('arrives in the size in which it is shown: smaller when its view shrinks, larger when it grows', async () => {
    const { bob } = await annShowsHerselfToBob()
    await bob.viewsPicture({ width: 1280, height: 720 })
    const wide = await bob.seesWidth('of full size', (width) => width >= 640)
    await bob.viewsPicture({ width: 160, height: 90 })
    const narrow = await bob.seesWidth('that has shrunk', (width) => width > 0 && width <= 320)
    expect(narrow).toBeLessThan(wide)
    await bob.viewsPicture({ width: 1280, height: 720 })
    await bob.seesWidth('of full size again', (width) => width >= wide)
    await bob.seesMovement()
  })

  it('is not sent before somebody looks, and stops when he looks away', async () => {
    const { bob } = await annShowsHerselfToBob()
    expect(await bob.receivesPicture()).toBe(false)
    await bob.viewsPicture()
    await bob.seesMovement()
    expect(await bob.receivesPicture()).toBe(true)
    await bob.closesView()
    await bob.stopsReceivingPicture()
  })

  it('is waited for when its first frame comes late', async () => {
    const { ann, bob } = await annShowsHerselfToBob()
    await ann.freezesCamera(true)
    const viewed = bob.viewsPicture()
    await lasts(1_500) // so long the camera does not give a frame
    await ann.freezesCamera(false)
    await viewed
    await bob.seesMovement()
  })

  it('can be turned off and on again in mid-call', async () => {
    const { ann, bob } = await annShowsHerselfToBob()
    await bob.viewsPicture()
    await bob.seesMovement()
    await bob.closesView()
    await ann.turnsCameraOff()
    await bob.seesCamera(false)
    await expect(ann.turnsCameraOff()).rejects.toMatchObject({ code: 400, subCode: 41030 })
    await ann.turnsCameraOn()
    await bob.seesCamera(true)
    await bob.viewsPicture()
    await bob.seesMovement()
    await Promise.all([ann.hears(bob), bob.hears(ann)])
  })
})

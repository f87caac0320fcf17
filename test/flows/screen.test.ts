import { describe, expect, it } from '@jest/globals'
import type { Person } from '../support/person.ts'
import { groupMeets, twoInACall, twoTalk } from '../support/situations.ts'
import { setStage } from '../support/stage.ts'

const stage = setStage()

/** Shares what the browser offers, and tells each change of it. */
async function shares(person: Person): Promise<void> {
  await person.does(({ call, kept, tell }) => {
    if (!kept.has('screen')) {
      call.on('isScreenSharingOnChanged', () => tell('isScreenSharingOn', call.isScreenSharingOn))
      call.on('localVideoStreamsUpdated', ({ added, removed }) => {
        for (const { mediaStreamType } of added) tell('localVideoStreams', `+${mediaStreamType}`)
        for (const { mediaStreamType } of removed) tell('localVideoStreams', `-${mediaStreamType}`)
      })
      kept.set('screen', true)
    }
    return call.startScreenSharing()
  })
}

const stopsSharing = (person: Person): Promise<void> => person.does(({ call }) => call.stopScreenSharing())
const isSharing = (person: Person): Promise<boolean> => person.does(({ call }) => call.isScreenSharingOn)

describe('startScreenSharing()', () => {
  it('the others see a ScreenSharing stream that moves, until stopScreenSharing(), again and again', async () => {
    const { all } = await groupMeets(stage, ['ann', 'bob', 'cat'])
    const [ann, bob, cat] = all as [Person, Person, Person]
    expect(await isSharing(ann)).toBe(false)
    for (const _time of ['first', 'second']) {
      await shares(ann)
      expect(await isSharing(ann)).toBe(true)
      expect(await ann.does(({ call }) => call.localVideoStreams.map((one) => one.mediaStreamType))).toEqual([
        'ScreenSharing',
      ])
      await Promise.all([bob.seesMoving(ann, 'ScreenSharing'), cat.seesMoving(ann, 'ScreenSharing')])
      await stopsSharing(ann)
      expect(await isSharing(ann)).toBe(false)
      await Promise.all([bob.seesPictures(ann), cat.seesPictures(ann)])
    }
    const twice = ['+ScreenSharing', '-ScreenSharing', '+ScreenSharing', '-ScreenSharing']
    expect([bob.pictureChangesOf(ann), cat.pictureChangesOf(ann)]).toEqual([twice, twice])
    expect(ann.toldOf('isScreenSharingOn')).toEqual([true, false, true, false])
    expect(ann.toldOf('localVideoStreams')).toEqual(twice)
    expect(ann.states).toEqual(['None', 'Connecting', 'Connected'])
  })

  it('shares what the app brings, and camera and screen go together', async () => {
    const { ann, bob } = await twoTalk(stage, { withPicture: true })
    await ann.does(({ call, sdk }) => {
      const canvas = Object.assign(document.createElement('canvas'), { width: 640, height: 360 })
      const paper = canvas.getContext('2d')
      if (paper === null) throw new Error('This browser draws no canvas.')
      let step = 0
      setInterval(() => {
        paper.fillStyle = `hsl(${(++step * 11) % 360} 90% 40%)`
        paper.fillRect(0, 0, canvas.width, canvas.height)
      }, 66)
      return call.startScreenSharing(new sdk.LocalVideoStream(canvas.captureStream(15)))
    })
    await bob.seesPictures(ann, 'Video', 'ScreenSharing')
    await Promise.all([
      bob.seesMoving(ann, 'Video'),
      bob.seesMoving(ann, 'ScreenSharing'),
      ann.seesMoving(bob, 'Video'),
    ])
    expect(await ann.does(({ call }) => [call.isScreenSharingOn, call.isLocalVideoStarted])).toEqual([true, true])
    await ann.turnsCameraOff()
    await bob.seesPictures(ann, 'ScreenSharing')
    await bob.seesMoving(ann, 'ScreenSharing')
    await stopsSharing(ann)
    await bob.seesPictures(ann)
    await Promise.all([ann.hears(bob), bob.hears(ann)])
  })

  it('is refused twice with 41035, and stopScreenSharing() with 41041 while it is off', async () => {
    const { ann, bob } = await twoInACall(stage)
    await expect(stopsSharing(ann)).rejects.toMatchObject({ code: 400, subCode: 41041 })
    await shares(ann)
    await expect(shares(ann)).rejects.toMatchObject({ code: 400, subCode: 41035 })
    await bob.seesMoving(ann, 'ScreenSharing')
    await stopsSharing(ann)
    await expect(stopsSharing(ann)).rejects.toMatchObject({ code: 400, subCode: 41041 })
  })

  it('is refused with 41071 before the call is Connected, on hold, and after its end', async () => {
    const [ann, bob] = await Promise.all([stage.people.arrive('ann'), stage.people.arrive('bob')])
    const refused = () => expect(shares(ann)).rejects.toMatchObject({ code: 412, subCode: 41071 })
    await ann.calls(bob)
    await Promise.all([bob.isRung(), ann.reaches('Ringing')])
    await refused()
    await bob.answers()
    await ann.reaches('Connected')
    await ann.holds()
    await ann.reaches('LocalHold')
    await refused()
    expect(await isSharing(ann)).toBe(false)
    await ann.hangsUp()
    await ann.ends()
    await expect(shares(ann)).rejects.toMatchObject({ code: 400 })
  })

  it('the one who shares last is seen: the share of the one before ends, and both know', async () => {
    const { all } = await groupMeets(stage, ['ann', 'bob', 'cat'])
    const [ann, bob, cat] = all as [Person, Person, Person]
    await shares(ann)
    await cat.seesMoving(ann, 'ScreenSharing')
    await shares(bob)
    await ann.isToldOf('isScreenSharingOn', (isOn) => isOn === false)
    expect(await isSharing(ann)).toBe(false)
    expect(await isSharing(bob)).toBe(true)
    await Promise.all([cat.seesPictures(ann), bob.seesPictures(ann)])
    await Promise.all([ann.seesMoving(bob, 'ScreenSharing'), cat.seesMoving(bob, 'ScreenSharing')])
    await expect(stopsSharing(ann)).rejects.toMatchObject({ code: 400, subCode: 41041 })
    expect(ann.toldOf('localVideoStreams')).toEqual(['+ScreenSharing', '-ScreenSharing'])
    expect(cat.pictureChangesOf(ann)).toEqual(['+ScreenSharing', '-ScreenSharing'])
    // And back again.
    await shares(ann)
    await cat.seesMoving(ann, 'ScreenSharing')
    await cat.seesPictures(bob)
    expect(await isSharing(bob)).toBe(false)
  })

  it('ends when the one who shares leaves, or stops it with the button of the browser', async () => {
    const { all } = await groupMeets(stage, ['ann', 'bob', 'cat'])
    const [ann, bob, cat] = all as [Person, Person, Person]
    await ann.does(({ kept }) => {
      const pick = navigator.mediaDevices.getDisplayMedia.bind(navigator.mediaDevices)
      navigator.mediaDevices.getDisplayMedia = async (options) => {
        const picked = await pick(options)
        kept.set('track', picked.getVideoTracks()[0])
        return picked
      }
    })
    await shares(ann)
    await bob.seesMoving(ann, 'ScreenSharing')
    // What the button does: the track ends without a word of the page.
    await ann.does(({ kept }) => {
      const track = kept.get('track') as MediaStreamTrack
      track.stop()
      track.dispatchEvent(new Event('ended'))
    })
    await ann.isToldOf('isScreenSharingOn', (isOn) => isOn === false)
    await bob.seesPictures(ann)

    await shares(bob)
    await Promise.all([ann.seesMoving(bob, 'ScreenSharing'), cat.seesMoving(bob, 'ScreenSharing')])
    await bob.hangsUp()
    await bob.ends()
    await Promise.all([ann.seesPeople(cat), cat.seesPeople(ann)])
    expect(ann.pictureChangesOf(bob)).toEqual(['+ScreenSharing', '-ScreenSharing'])
    expect(bob.toldOf('isScreenSharingOn')).toEqual([true, false])
    await shares(cat)
    await ann.seesMoving(cat, 'ScreenSharing')
  })
})

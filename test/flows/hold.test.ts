import { describe, expect, it } from '@jest/globals'
import { BareConnection } from '../support/bare-connection.ts'
import type { Person } from '../support/person.ts'
import { allHearEachOther, groupMeets, oneRings, twoInACall, twoTalk } from '../support/situations.ts'
import { setStage } from '../support/stage.ts'

/** What the issue allows from hold() to silence, and from resume() to sound. */
const promptMs = 300

const stage = setStage()

/** Begins to hold, or to resume, and says when, by the clock that all pages share. */
function begins(one: Person, what: 'hold' | 'resume'): Promise<number> {
  return one.does(({ call, tell }, what) => {
    const at = Date.now()
    call[what]().then(
      () => tell(what),
      (error: unknown) => tell('failed', String(error)),
    )
    return at
  }, what)
}

describe('hold() in a 1:1 call', () => {
  it('is LocalHold here and RemoteHold there; each one who held has to resume', async () => {
    const { ann, bob } = await twoTalk(stage)
    await ann.holds()
    await bob.reaches('RemoteHold')
    expect(ann.states.at(-1)).toBe('LocalHold')
    await Promise.all([ann.hearsNot(bob), bob.hearsNot(ann), bob.sees(ann, { state: 'Hold' })])
    // Not only played muted.
    expect(await Promise.all([ann.receivesSound(), bob.receivesSound()])).toEqual([false, false])
    await expect(ann.holds()).rejects.toMatchObject({ code: 500, subCode: 41033 })
    await expect(bob.resumes()).rejects.toMatchObject({ code: 500, subCode: 41034 })

    await bob.holds()
    await ann.sees(bob, { state: 'Hold' })
    expect([ann.states.at(-1), bob.states.at(-1)]).toEqual(['LocalHold', 'LocalHold'])
    await ann.resumes()
    expect(ann.states.at(-1)).toBe('RemoteHold')
    await bob.sees(ann, { state: 'Connected' })
    expect(bob.states.at(-1)).toBe('LocalHold')
    await Promise.all([ann.hearsNot(bob), bob.hearsNot(ann)])
    await bob.resumes()
    await Promise.all([ann.hears(bob), bob.hears(ann)])
    expect(ann.states.slice(3)).toEqual(['Connected', 'LocalHold', 'RemoteHold', 'Connected'])
    expect(bob.states.slice(1)).toEqual(['Connected', 'RemoteHold', 'LocalHold', 'Connected'])
  })

  it('lets the tone vanish within 300 ms, both ways, and return within 300 ms', async () => {
    const { ann, bob } = await twoTalk(stage)
    const bare = await BareConnection.between(ann, bob)
    const sides = [
      [ann, bob],
      [bob, ann],
    ] as const
    for (const what of ['hold', 'resume'] as const) {
      const isHeard = what === 'resume'
      // What the machine and the jitter buffers take is measured in the same moment.
      const lagsMs = bare.lagsMs(isHeard)
      const beganAt = await begins(ann, what)
      const tookMs = await Promise.all(
        sides.map(async ([one, other]) => (await one.changedAt(other.toneHz, isHeard)) - beganAt),
      )
      const allowedMs = promptMs + Math.max(...(await lagsMs))
      for (const took of tookMs) expect(took).toBeLessThan(allowedMs)
      await ann.isToldOf(what)
    }
  })

  it('stops the pictures both ways, and lets them go on', async () => {
    const { ann, bob } = await twoInACall(stage, { withPicture: true })
    await Promise.all([ann.seesCamera(true), bob.seesCamera(true)])
    await Promise.all([ann.viewsPicture(), bob.viewsPicture()])
    await Promise.all([ann.seesMovement(), bob.seesMovement()])
    await ann.holds()
    await Promise.all([ann.stopsReceivingPicture(), bob.stopsReceivingPicture()])
    await ann.resumes()
    await Promise.all([ann.seesMovement(), bob.seesMovement()])
    expect(await ann.does(({ call }) => call.isLocalVideoStarted)).toBe(true)
  })

  it('who mutes while on hold is still muted afterwards', async () => {
    const { ann, bob } = await twoTalk(stage)
    await ann.holds()
    await ann.mutes()
    await bob.seesMuted(true)
    await ann.resumes()
    await Promise.all([ann.hears(bob), bob.hearsNot(ann)])
    await ann.unmutes()
    await bob.hears(ann)
  })

  it('a call on hold can be hung up by either side', async () => {
    const { ann, bob } = await twoInACall(stage)
    await ann.holds()
    await bob.reaches('RemoteHold')
    await bob.hangsUp()
    expect(await ann.ends()).toMatchObject({ code: 0, subCode: 0 })
    expect(ann.states.slice(-2)).toEqual(['LocalHold', 'Disconnected'])
  })

  it('is refused while it rings, and so is resume() in a call that is not held', async () => {
    const { ann, bob } = await oneRings(stage)
    await expect(ann.holds()).rejects.toMatchObject({ code: 500, subCode: 41033 })
    await expect(ann.resumes()).rejects.toMatchObject({ code: 500, subCode: 41034 })
    await bob.answers()
    await Promise.all([ann.reaches('Connected'), bob.reaches('Connected')])
    await expect(bob.resumes()).rejects.toMatchObject({ code: 500, subCode: 41034 })
    await ann.hangsUp()
    await expect(ann.holds()).rejects.toMatchObject({ code: 500, subCode: 41033 })
  })
})

describe('hold() in a group', () => {
  it('is local: the others go on, and see a participant on Hold', async () => {
    const { all } = await groupMeets(stage, ['ann', 'bob', 'cat'])
    const [ann, bob, cat] = all as [Person, Person, Person]
    await allHearEachOther(all)
    await ann.holds()
    await Promise.all([bob.sees(ann, { state: 'Hold' }), cat.sees(ann, { state: 'Hold' })])
    await Promise.all([bob.hearsNot(ann), cat.hearsNot(ann), ann.hearsNot(bob), ann.hearsNot(cat)])
    await Promise.all([bob.hears(cat), cat.hears(bob)])
    expect([bob.states.at(-1), cat.states.at(-1)]).toEqual(['Connected', 'Connected'])
    expect(ann.states.at(-1)).toBe('LocalHold')
    await ann.resumes()
    await Promise.all([bob.sees(ann, { state: 'Connected' }), cat.sees(ann, { state: 'Connected' })])
    await allHearEachOther(all)
  })
})

describe('one active call at a time', () => {
  it('a second call that is accepted puts the first on LocalHold, and resuming the first holds the second', async () => {
    const { ann, bob } = await twoTalk(stage)
    const cat = await stage.people.arrive('cat', { tone: 970 })
    await cat.calls(bob)
    await bob.isRung()
    await bob.answers()
    await bob.reaches('Connected')
    await ann.reaches('RemoteHold')
    await Promise.all([bob.hears(cat), cat.hears(bob), bob.hearsNot(ann), ann.hearsNot(bob)])
    expect(await bob.does(({ agent }) => agent.calls.map(({ state }) => state))).toEqual(['LocalHold', 'Connected'])

    bob.turnsTo(0)
    await bob.resumes()
    await cat.reaches('RemoteHold')
    await Promise.all([bob.hears(ann), ann.hears(bob), bob.hearsNot(cat), cat.hearsNot(bob)])
    expect(await bob.does(({ agent }) => agent.calls.map(({ state }) => state))).toEqual(['Connected', 'LocalHold'])

    // Calling somebody is accepting, too.
    await bob.hangsUp()
    bob.turnsTo(1)
    await bob.resumes()
    await Promise.all([bob.hears(cat), cat.hears(bob)])
    await ann.ends()
    await cat.calls(ann)
    await ann.isRung()
    await bob.reaches('RemoteHold')
    await ann.answers()
    await Promise.all([ann.hears(cat), cat.hears(ann), bob.hearsNot(cat)])
  })
})

describe('muteIncomingAudio() and unmuteIncomingAudio()', () => {
  it('silence the call on this page alone; sound still arrives', async () => {
    const { ann, bob } = await twoTalk(stage)
    await ann.does(({ call, tell }) =>
      call.on('isIncomingAudioMutedChanged', () => tell('incoming', call.isIncomingAudioMuted)),
    )
    await ann.does(({ call }) => call.muteIncomingAudio())
    await ann.isToldOf('incoming', (isMuted) => isMuted === true)
    await Promise.all([ann.hearsNot(bob), bob.hears(ann)])
    expect([await ann.receivesSound(), bob.seenMutes]).toEqual([true, []])
    await ann.does(({ call }) => call.unmuteIncomingAudio())
    await ann.isToldOf('incoming', (isMuted) => isMuted === false)
    await ann.hears(bob)
  })
})

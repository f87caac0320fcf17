/** The lines of docs/testing.md, and what they stand on: who may open plain media. */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { randomUUID } from 'node:crypto'
import { connect, type TestPlatform } from '@parley/testing'
import { RawClient } from '../support/raw-client.ts'
import { setStage } from '../support/stage.ts'
import { until } from '../support/until.ts'

describe('virtual participants', () => {
  const stage = setStage({}, { mayLog: ['worker.died'] })
  let platform: TestPlatform
  beforeEach(async () => {
    platform = await connect(stage.platform.connectionString)
  })
  afterEach(() => platform.close())

  it('meet in a group and hear each other', async () => {
    const [ann, bob] = await platform.participants(2, { speaking: [440, 660] })
    const groupId = randomUUID()
    await Promise.all([ann.join({ groupId }), bob.join({ groupId })])
    await Promise.all([ann.hears(bob, 660), bob.hears(ann, 440)])
    expect([...(await ann.heard()).keys()]).toEqual([bob.id])
  })

  it('call each other, mute themselves and hold the call', async () => {
    const ann = await platform.participant({ name: 'ann', speaking: 440 })
    const bob = await platform.participant({ name: 'bob', speaking: { hz: 660, dBFS: -30 } })
    await ann.start(bob)
    await bob.accept()
    await Promise.all([ann.hears(bob, 660), bob.hears(ann, 440)])
    await bob.mute()
    await ann.hearsNothingOf(bob)
    await bob.unmute()
    await ann.hears(bob, 660)
    await ann.call.hold()
    await Promise.all([ann.hearsNothingOf(bob), bob.hearsNothingOf(ann)])
    await bob.call.reaches('RemoteHold')
    await ann.call.resume()
    await Promise.all([ann.hears(bob, 660), bob.hears(ann, 440)])
    await ann.hangUp()
    await bob.call.reaches('Disconnected')
    expect(bob.call.view.end).toMatchObject({ reason: 'hungUp' })
  })

  it('show a picture to who watches it, until they show it no more', async () => {
    const ann = await platform.participant({ name: 'ann', showing: { framesPerS: 20 } })
    const bob = await platform.participant({ name: 'bob' })
    const groupId = randomUUID()
    await Promise.all([ann.join({ groupId }), bob.join({ groupId })])
    await bob.call.watch(ann)
    const { frames } = await bob.call.sees(ann)
    expect(frames).toBeGreaterThan(0)
    await ann.show(undefined)
    await bob.call.seesNothingOf(ann)
    await ann.show({ framesPerS: 10 })
    await bob.call.watch(ann)
    await bob.call.sees(ann)
  })

  it('come back to a call that they have left', async () => {
    const [ann, bob] = await platform.participants(2, { speaking: [440] })
    const groupId = randomUUID()
    await ann.join({ groupId })
    for (const _time of ['first', 'second']) {
      await bob.join({ groupId })
      await bob.hears(ann, 440)
      await bob.hangUp()
    }
  })

  it('hear each other again after the media workers were killed, and after the whole server was', async () => {
    const [ann, bob] = await platform.participants(2, { speaking: [440, 660] })
    const groupId = randomUUID()
    await Promise.all([ann.join({ groupId }), bob.join({ groupId })])
    const counts = async (waitingFor: string, isIt: (packets: number) => boolean) =>
      until(waitingFor, async () => {
        const { packets } = await ann.hears(bob, 660)
        return isIt(packets) ? { found: true } : { sawOnly: `${packets} packets` }
      })
    await counts('second of sound', (packets) => packets > 50)
    for (const pid of stage.platform.workerPids()) process.kill(pid, 'SIGKILL')
    // What is built anew is counted anew.
    await counts('sound that was built anew', (packets) => packets <= 50)
    await bob.hears(ann, 440)
    await stage.platform.kill9()
    await Promise.all([ann.hearsNothingOf(bob), bob.hearsNothingOf(ann)])
    await stage.platform.startAgain()
    await Promise.all([ann.hears(bob, 660, { withinMs: 30_000 }), bob.hears(ann, 440, { withinMs: 30_000 })])
    expect([ann.call.view.state, bob.call.view.state]).toEqual(['Connected', 'Connected'])
  })

  it('are refused what nobody may do', async () => {
    const ann = await platform.participant()
    await expect(ann.request('call.join', { callId: randomUUID(), place: { groupId: 'no' } } as never)).rejects.toThrow(
      expect.objectContaining({ reason: 'badRequest' }),
    )
    await expect(ann.start('8:nobody')).resolves.toMatchObject({ isOver: true })
  })

  it('may open plain media because their tokens say so; another token does not', async () => {
    const { token } = await stage.platform.identities.createUserAndToken(['voip'])
    const client = await RawClient.hello('ann', stage.platform.url, token)
    const answer = await client.askAnything({
      id: client.nextId(),
      verb: 'media.joinPlain',
      body: {
        callId: randomUUID(),
        generation: 1,
        rtpCapabilities: {},
        srtpParameters: { cryptoSuite: 'AEAD_AES_128_GCM', keyBase64: Buffer.alloc(28).toString('base64') },
      },
    })
    expect(answer.error).toMatchObject({ name: 'forbidden' })
    await client.close()
  })
})

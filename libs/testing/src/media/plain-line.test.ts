import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { Ear } from './ear.ts'
import { Mouth } from './mouth.ts'
import { Outgoing } from './outgoing.ts'
import { newKeys, PlainLine } from './plain-line.ts'
import { hasMarker, sequenceOf, timestampOf, writeReport } from '@parley/rtp'
import { voiceOf } from './voice.ts'

/** A far end that sends everything back, which has the keys of both sides be the same. */
let mirror: Socket
let line: PlainLine
let came: Buffer[]
let reports: Buffer[]
let onRtp: (packet: Buffer) => void

beforeEach(async () => {
  mirror = createSocket('udp4', (packet, { address, port }) => mirror.send(packet, port, address))
  mirror.bind(0, '127.0.0.1')
  await once(mirror, 'listening')
  ;[came, reports] = [[], []]
  onRtp = () => {}
  const keys = newKeys()
  line = await PlainLine.open(
    { ip: '127.0.0.1', port: mirror.address().port },
    { ours: keys, theirs: keys },
    {
      rtp: (packet) => {
        came.push(packet)
        onRtp(packet)
      },
      rtcp: (packet) => reports.push(packet),
    },
  )
})
afterEach(() => {
  line.close()
  mirror.close()
})

const shape = { ssrc: 7, payloadType: 111, levelId: 10 }

/** Waits until so many packets have come back. */
async function back(count: number): Promise<void> {
  while (came.length < count) await new Promise<void>((resolve) => (onRtp = () => resolve()))
}

describe('a voice over a line', () => {
  it('is heard as it was spoken, and counted', async () => {
    const [mouth, ear] = [new Mouth(new Outgoing(line, shape)), new Ear(shape.ssrc, 'opus', line.receiver)]
    mouth.speak(await voiceOf(660))
    for (let tick = 1; tick <= 20; tick += 1) mouth.tick(tick)
    await back(20)
    for (const [index, packet] of came.entries()) if (index !== 3) ear.take(packet, 20 * index)
    const heard = await ear.hear(() => 400)
    expect(heard.hz).toBeCloseTo(660, 0)
    expect(heard).toMatchObject({ packets: 19, lost: 1, longestGapMs: 40 })
  })

  it('is silence once nothing has come for a while', async () => {
    const [mouth, ear] = [new Mouth(new Outgoing(line, shape)), new Ear(shape.ssrc, 'opus', line.receiver)]
    mouth.speak(await voiceOf(660))
    for (let tick = 1; tick <= 20; tick += 1) mouth.tick(tick)
    await back(20)
    for (const packet of came) ear.take(packet, 0)
    expect(await ear.hear(() => 1_000)).toMatchObject({ hz: undefined, dBFS: -Infinity, packets: 20 })
  })

  it('is nothing to who has other keys', async () => {
    const stranger = await PlainLine.open(
      { ip: '127.0.0.1', port: mirror.address().port },
      { ours: newKeys(), theirs: newKeys() },
      { rtp: () => {}, rtcp: () => {} },
    )
    const [mouth, ear] = [new Mouth(new Outgoing(line, shape)), new Ear(shape.ssrc, 'opus', stranger.receiver)]
    mouth.speak(await voiceOf(660))
    for (let tick = 1; tick <= 10; tick += 1) mouth.tick(tick)
    await back(10)
    for (const packet of came) ear.take(packet, 0)
    expect(await ear.hear(() => 0)).toMatchObject({ hz: undefined, packets: 10 })
    stranger.close()
  })

  it('keeps the time of its ticks, and marks where sound begins', async () => {
    const mouth = new Mouth(new Outgoing(line, shape))
    const voice = await voiceOf(660)
    mouth.breathe(0)
    mouth.speak(voice)
    mouth.tick(5)
    mouth.tick(6)
    mouth.speak(undefined)
    mouth.tick(7)
    mouth.tick(50)
    mouth.speak(voice)
    mouth.tick(60)
    await back(5)
    const first = came[0] === undefined ? 0 : sequenceOf(came[0])
    expect(came.map((packet) => [sequenceOf(packet) - first, timestampOf(packet) / 960, hasMarker(packet)])).toEqual([
      [0, 0, true],
      [1, 5, true],
      [2, 6, false],
      // Muted: a sign of life each second.
      [3, 50, false],
      [4, 60, true],
    ])
  })
})

it('a report comes over the same port, encrypted', async () => {
  const report = writeReport(7, 'ann', [])
  line.send(line.sender.protectRtcp(report))
  new Mouth(new Outgoing(line, shape)).breathe(0)
  await back(1)
  expect(reports.map((packet) => line.receiver.openRtcp(packet))).toEqual([report])
})

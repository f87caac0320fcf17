import { describe, expect, it } from '@jest/globals'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { toneOfPackets } from './decoding.ts'
import { readWav, sine } from './sounds.ts'
import { levelOf, toneOf } from './spectrum.ts'
import { silence, voiceOf } from './voice.ts'

/** What is kept of a stream while it is heard. */
const some = <T>(packets: readonly T[]) => packets.slice(20, 36)

describe('a tone', () => {
  it.each([220, 440, 663, 1510, 3000])('of %d Hz is the same after it was encoded and decoded', async (hz) => {
    const { payloads, levels } = await voiceOf(hz)
    expect(payloads).toHaveLength(50)
    const heard = await toneOfPackets('opus', some(payloads))
    expect(heard.hz).toBeCloseTo(hz, 0)
    expect(Math.abs(heard.dBFS + 20)).toBeLessThan(1)
    expect(new Set(levels)).toEqual(new Set([23]))
  })

  it('is as loud as was asked, and sounds across the end of its loop', async () => {
    const { payloads } = await voiceOf({ hz: 500, dBFS: -35 })
    const heard = await toneOfPackets('opus', [...payloads.slice(-8), ...payloads.slice(0, 8)])
    expect(heard.hz).toBeCloseTo(500, 0)
    expect(heard.dBFS).toBeCloseTo(-35, 0)
  })

  it('is encoded once for all who speak it', async () => expect(await voiceOf(440)).toBe(await voiceOf(440)))
})

describe('silence', () => {
  it('has no tone', async () => {
    const heard = await toneOfPackets('opus', Array<Uint8Array>(16).fill(silence.payloads[0] ?? new Uint8Array()))
    expect(heard.hz).toBeUndefined()
  })

  it('is also what cannot be decoded', async () => {
    expect((await toneOfPackets('opus', [Uint8Array.of(0xff), Uint8Array.of(0xff)])).hz).toBeUndefined()
  })
})

describe('G.711', () => {
  // Some values of the tables of ITU-T G.711, as 16-bit samples.
  it.each([
    ['pcmu', 0xff, 0],
    ['pcmu', 0x80, 32_124],
    ['pcmu', 0x00, -32_124],
    ['pcma', 0xd5, 8],
    ['pcma', 0xaa, 32_256],
    ['pcma', 0x2a, -32_256],
  ] as const)('%s: %d is %d', async (codec, byte, sample) => {
    const { dBFS } = await toneOfPackets(codec, [Uint8Array.of(byte)])
    expect(10 ** (dBFS / 20) / Math.SQRT2).toBeCloseTo(Math.abs(sample) / 32_768, 6)
  })
})

describe('a file', () => {
  const tone = sine(600).samples
  const pcm = (channels: number, rate: number) => {
    const each = 48_000 / rate
    const bytes = Buffer.alloc((tone.length / each) * 2 * channels)
    for (let at = 0; at < bytes.length; at += 2) {
      bytes.writeInt16LE(Math.round((tone[Math.floor(at / 2 / channels) * each] ?? 0) * 32_767), at)
    }
    return bytes
  }
  const wav = (channels: number, rate: number, bits = 16, saidRate = rate) => {
    const format = Buffer.alloc(16)
    format.writeUInt16LE(1, 0)
    format.writeUInt16LE(channels, 2)
    format.writeUInt32LE(saidRate, 4)
    format.writeUInt16LE(bits, 14)
    const chunk = (name: string, body: Buffer) => {
      const head = Buffer.from(`${name}....`, 'latin1')
      head.writeUInt32LE(body.length, 4)
      return Buffer.concat([head, body])
    }
    return chunk(
      'RIFF',
      Buffer.concat([
        Buffer.from('WAVE'),
        chunk('fmt ', format),
        chunk('LIST', Buffer.alloc(6)),
        chunk('data', pcm(channels, rate)),
      ]),
    )
  }

  it.each([
    ['mono', 1, 48_000],
    ['stereo', 2, 48_000],
    ['of a telephone', 1, 8_000],
  ])('%s is read', (_what, channels, rate) => {
    const read = readWav(wav(channels, rate))
    expect(read.rate).toBe(rate)
    expect(toneOf(read.samples, rate).hz).toBeCloseTo(600, 0)
    expect(levelOf(read.samples)).toBeCloseTo(-20, 1)
  })

  it('is spoken', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'parley-sound-'))
    await writeFile(join(folder, 'tone.wav'), wav(2, 48_000))
    await writeFile(join(folder, 'tone.pcm'), pcm(1, 8_000))
    await writeFile(join(folder, 'tone.txt'), 'la la la')
    const heardOf = async (sound: Parameters<typeof voiceOf>[0]) =>
      (await toneOfPackets('opus', some((await voiceOf(sound)).payloads))).hz
    expect(await heardOf({ file: join(folder, 'tone.wav') })).toBeCloseTo(600, 0)
    expect(await heardOf({ file: join(folder, 'tone.pcm'), rate: 8_000 })).toBeCloseTo(600, 0)
    await expect(voiceOf({ file: join(folder, 'tone.txt') })).rejects.toThrow('bare samples need their rate')
    await rm(folder, { recursive: true })
  })

  it.each([
    ['rates', wav(1, 48_000, 16, 44_100), 'Opus takes'],
    ['depths', wav(1, 48_000, 24), '16 bits'],
    ['halves', wav(1, 48_000).subarray(0, 30), 'no part'],
  ])('of other %s is refused', (_what, bytes, says) => expect(() => readWav(bytes)).toThrow(says))
})

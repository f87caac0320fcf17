/**
 * Phones: how many can be mixed by one core, beside the same codecs alone; and how much later what a phone says leaves
 * towards the sfu, beside a bare UDP socket that sends on what it gets.
 */
import { fork, type ChildProcess } from 'node:child_process'
import { randomBytes, randomInt } from 'node:crypto'
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { ConsumerOptions } from '@parley/protocol'
import { createDecoder, createEncoder } from 'libopus-wasm'
import { decodeG711, encodeG711, isRtcp, srtpSender, writeHeader, writeMoment, type SrtpSender } from '@parley/rtp'
import { processorS } from '../support/processes.ts'
import { soonMs, within } from '../support/until.ts'
import { Reference } from './reference.ts'
import type { Seat, Seated } from './phone-process.ts'
import { lineOf, quantile, takeTurns, type Measured } from './rounds.ts'

const ip = '127.0.0.1'
/** Each call has so many phones, and so many browsers that speak. */
const group = { calls: 6, phones: 4, browsers: 3 }
const phones = group.calls * group.phones
const frameMs = 20
const rounds = 5
const steadyMs = 3_000
const timedPackets = 150

export async function phoneSound(): Promise<Measured> {
  return { lines: [await mixing(), await relaying()], remarks: [] }
}

async function mixing() {
  const node = await PhoneNode.start()
  const opus = await opusFrames()
  const pcmu = encodeG711('PCMU', tone(8_000))
  const lines: SfuLine[] = []
  for (let call = 0; call < group.calls; call += 1) {
    const speakers = Array.from({ length: group.browsers }, (_, n) => ({ id: `${call} browser ${n}`, isOpus: true }))
    for (let phone = 0; phone < group.phones; phone += 1) {
      const others = Array.from({ length: group.phones }, (_, n) => ({ id: `${call} phone ${n}`, isOpus: false }))
      const heard = [...speakers, ...others.filter((_, n) => n !== phone)]
      lines.push(await SfuLine.open(node, `call ${call}`, heard))
    }
  }
  let [ticks, startedAt] = [0, performance.now()]
  const timer = setInterval(() => {
    for (; ticks < (performance.now() - startedAt) / frameMs; ticks += 1) {
      for (const line of lines) line.says(opus[ticks % opus.length] ?? new Uint8Array(), pcmu)
    }
  }, frameMs / 2)
  const taken = await takeTurns(rounds, { ours: () => phonesByCore(node.pid), reference: codecsByCore })
  clearInterval(timer)
  await Promise.all(lines.map((line) => line.close()))
  await node.stop()
  return lineOf('phones mixed by a core, calls of 4 phones and 3 browsers', taken, (value) => value.toFixed(0))
}

async function phonesByCore(pid: number): Promise<number> {
  const [used, startedAt] = [processorS(pid), performance.now()]
  await delay(steadyMs)
  return (phones * (performance.now() - startedAt)) / 1000 / (processorS(pid) - used)
}

/** What has to be decoded, added up and encoded for one call, and nothing else. */
async function codecsByCore(): Promise<number> {
  const opus = await opusFrames()
  const decoders = await Promise.all(
    Array.from({ length: group.browsers }, () => createDecoder({ channels: 1, sampleRate: 8_000 })),
  )
  const pcmu = encodeG711('PCMU', tone(8_000))
  const used = process.cpuUsage()
  let frames = 0
  for (const startedAt = performance.now(); performance.now() - startedAt < 1_000; frames += 1) {
    const heard = decoders.map((decoder) => decoder.decode(opus[frames % opus.length] ?? pcmu))
    for (let phone = 0; phone < group.phones; phone += 1) heard.push(decodeG711('PCMU', pcmu))
    for (let phone = 0; phone < group.phones; phone += 1) {
      const sum = new Int16Array(160)
      for (const [n, frame] of heard.entries()) {
        if (n !== group.browsers + phone)
          for (let at = 0; at < 160; at += 1) sum[at] = (sum[at] ?? 0) + (frame[at] ?? 0)
      }
      encodeG711('PCMU', sum)
    }
  }
  const { user, system } = process.cpuUsage(used)
  for (const decoder of decoders) decoder.free()
  return (frames * group.phones * (frameMs / 1000)) / ((user + system) / 1e6)
}

async function relaying() {
  const node = await PhoneNode.start()
  const line = await SfuLine.open(node, 'call of two', [])
  const forwarder = await Reference.start('forward', { FORWARD_TO: `${line.port}` })
  const taken = await takeTurns(rounds, {
    ours: () => line.wayMs(line.rtpPort),
    reference: () => line.wayMs(forwarder.port),
  })
  await Promise.all([line.close(), forwarder.stop(), node.stop()])
  return lineOf('way through a relayed phone leg, median', taken, (value) => `${value.toFixed(2)} ms`)
}

/** The process that holds the phones. */
class PhoneNode {
  readonly pid: number
  readonly #child: ChildProcess

  private constructor(child: ChildProcess, pid: number) {
    this.#child = child
    this.pid = pid
  }

  static async start(): Promise<PhoneNode> {
    const child = fork(fileURLToPath(new URL('phone-process.ts', import.meta.url)))
    await within(soonMs, 'the process of phones', once(child, 'message'))
    if (child.pid === undefined) throw new Error('The process of phones did not start.')
    return new PhoneNode(child, child.pid)
  }

  async seats(seat: Seat): Promise<Seated> {
    const seated = once(this.#child, 'message')
    this.#child.send(seat)
    const [answer] = await within(soonMs, 'a phone that is seated', seated)
    return answer as Seated // nobody else speaks to us
  }

  async stop(): Promise<void> {
    const ended = once(this.#child, 'exit')
    this.#child.disconnect()
    await within(soonMs, 'end of the process of phones', ended)
  }
}

type Sound = { id: string; isOpus: boolean }

/** The sfu's end of one phone, and the phone. */
class SfuLine {
  readonly port: number
  readonly rtpPort: number
  readonly #sfu: Socket
  readonly #phone: Socket
  readonly #streams: Stream[]
  #legPort: number | undefined

  static async open(node: PhoneNode, call: string, heard: readonly Sound[]): Promise<SfuLine> {
    const [sfu, phone] = [await bound(), await bound()]
    const keyBase64 = randomBytes(28).toString('base64')
    const sender = srtpSender({ suite: 'AEAD_AES_128_GCM', master: Buffer.from(keyBase64, 'base64') })
    const streams = heard.map((sound) => new Stream(sound, sender))
    const sounds = streams.map(({ consumer }) => consumer)
    const ports = { phonePort: phone.address().port, sfuPort: sfu.address().port }
    const firstPacket = once(sfu, 'message')
    const { rtpPort } = await node.seats({ call, ...ports, sfuKeyBase64: keyBase64, sounds })
    const [, from] = await within(soonMs, 'a packet for the sfu', firstPacket)
    return new SfuLine(sfu, phone, streams, rtpPort, from.port)
  }

  private constructor(sfu: Socket, phone: Socket, streams: Stream[], rtpPort: number, legPort: number) {
    this.#sfu = sfu
    this.#phone = phone
    this.#streams = streams
    this.port = sfu.address().port
    this.rtpPort = rtpPort
    this.#legPort = legPort
  }

  /** A frame of everybody whom this phone hears. */
  says(opus: Uint8Array, pcmu: Uint8Array): void {
    for (const stream of this.#streams) this.#sfu.send(stream.packet(opus, pcmu), this.#legPort, ip)
  }

  /** From the phone's socket to the sfu's, over this port: the middle of many. */
  async wayMs(port: number): Promise<number> {
    const stream = new Stream({ id: '', isOpus: false }, undefined)
    const pcmu = encodeG711('PCMU', tone(8_000))
    const took: number[] = []
    for (let n = 0; n < timedPackets; n += 1) {
      const came = arrival(this.#sfu)
      const sentAt = performance.now()
      this.#phone.send(stream.packet(pcmu, pcmu), port, ip)
      took.push((await within(soonMs, 'a packet', came)) - sentAt)
      await delay(2)
    }
    return quantile(took)
  }

  async close(): Promise<void> {
    await Promise.all([this.#sfu, this.#phone].map((socket) => new Promise<void>((done) => socket.close(() => done()))))
  }
}

/** When the next packet of sound comes; reports are none. */
function arrival(socket: Socket): Promise<number> {
  return new Promise((resolve) => {
    const hear = (packet: Buffer): void => {
      if (isRtcp(packet)) return
      socket.off('message', hear)
      resolve(performance.now())
    }
    socket.on('message', hear)
  })
}

class Stream {
  readonly consumer: ConsumerOptions
  readonly #isOpus: boolean
  readonly #ssrc = randomInt(1, 2 ** 32)
  readonly #sender: SrtpSender | undefined
  #sequence = 0

  constructor({ id, isOpus }: Sound, sender: SrtpSender | undefined) {
    this.#isOpus = isOpus
    this.#sender = sender
    const codec = isOpus
      ? { mimeType: 'audio/opus', payloadType: 111, clockRate: 48_000 }
      : { mimeType: 'audio/PCMU', payloadType: 0, clockRate: 8_000 }
    const rtpParameters = { codecs: [codec], encodings: [{ ssrc: this.#ssrc }] }
    // What a phone's leg reads of a consumer.
    this.consumer = { id, producerId: id, kind: 'audio', source: 'microphone', rtpParameters } as never
  }

  packet(opus: Uint8Array, pcmu: Uint8Array): Buffer {
    const [payload, ticks] = this.#isOpus ? [opus, 960] : [pcmu, 160]
    const length = 12 + payload.length
    const packet = Buffer.alloc(length + (this.#sender?.tagBytes ?? 0))
    writeHeader(packet, { payloadType: this.#isOpus ? 111 : 0, ssrc: this.#ssrc })
    writeMoment(packet, this.#sequence, this.#sequence * ticks, false)
    packet.set(payload, 12)
    this.#sender?.protectRtp(packet, 12, length, Math.floor(this.#sequence / 0x1_0000))
    this.#sequence += 1
    return packet
  }
}

async function opusFrames(): Promise<Uint8Array[]> {
  const encoder = await createEncoder({ channels: 1, sampleRate: 16_000, frameSize: 320 })
  const frames = Array.from({ length: 50 }, () => encoder.encode(tone(16_000)))
  encoder.free()
  return frames
}

/** 20 ms of 500 Hz, which fits into them. */
function tone(rate: number): Int16Array {
  const length = (rate * frameMs) / 1000
  return Int16Array.from({ length }, (_, n) => Math.round(4_000 * Math.sin((2 * Math.PI * 500 * n) / rate)))
}

async function bound(): Promise<Socket> {
  const socket = createSocket('udp4')
  socket.bind(0, ip)
  await once(socket, 'listening')
  return socket
}

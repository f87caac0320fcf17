/** The ear of the echo bot: records the packets of one sound as they are, without looking at what is in them. */
import type { types } from 'mediasoup'
import type { CallRouter } from './call-router.ts'
import type { Frame, Words } from './echo-words.ts'
import type { SfuLimits } from './limits.ts'
import { levelUri, readRtp, type RtpPacket } from './rtp.ts'
import type { SentTrack } from './sent-track.ts'

type Parts = { place: CallRouter; transport: types.DirectTransport; limits: SfuLimits }

/**
 * Listens from the first packet until it has enough: for the time that is allowed, or until there was silence after
 * speech. Undefined when the sound ended before it had begun.
 */
export async function listen(track: SentTrack, parts: Parts, signal: AbortSignal): Promise<Words | undefined> {
  const { place, transport, limits } = parts
  await place.bring(track)
  const consumer = await transport.consume({ producerId: track.id, rtpCapabilities: place.router.rtpCapabilities })
  try {
    const packets = await record(consumer, limits, signal)
    const [codec] = consumer.rtpParameters.codecs
    return codec === undefined || packets.length === 0
      ? undefined
      : { codec, frames: framesOf(packets, codec.clockRate) }
  } finally {
    consumer.close()
  }
}

/** All packets until it is enough. @throws the signal's reason when it aborts */
function record(consumer: types.Consumer, limits: SfuLimits, signal: AbortSignal): Promise<RtpPacket[]> {
  signal.throwIfAborted()
  const levelId = consumer.rtpParameters.headerExtensions?.find(({ uri }) => uri === levelUri)?.id
  const packets: RtpPacket[] = []
  let lastSpeechAtMs: number | undefined
  let timer: NodeJS.Timeout | undefined
  const { promise, resolve, reject } = Promise.withResolvers<RtpPacket[]>()
  const enough = (): void => resolve(packets)
  const abort = (): void => reject(signal.reason)

  consumer.on('rtp', (bytes) => {
    const packet = readRtp(bytes, levelId)
    if (packet === undefined || packet.payload.length === 0) return
    packets.push(packet)
    timer ??= setTimeout(enough, limits.echoListenMs)
    const nowMs = performance.now()
    if (packet.dbov !== undefined && packet.dbov >= limits.speechDbov) lastSpeechAtMs = nowMs
    if (lastSpeechAtMs !== undefined && nowMs - lastSpeechAtMs >= limits.echoPauseMs) enough()
  })
  consumer.on('producerclose', enough)
  signal.addEventListener('abort', abort)
  return promise.finally(() => {
    clearTimeout(timer)
    signal.removeEventListener('abort', abort)
    consumer.removeAllListeners('rtp')
  })
}

/** The packets in the order in which they were spoken, each with its time since the first. */
function framesOf(packets: RtpPacket[], clockRate: number): Frame[] {
  const anyTimestamp = packets[0]?.timestamp ?? 0
  // As 32 bits with a sign: timestamps begin again at 0, and the first to arrive may not be the first that was spoken.
  const spokenAt = ({ timestamp }: RtpPacket): number => (timestamp - anyTimestamp) | 0
  const inOrder = packets.toSorted((a, b) => spokenAt(a) - spokenAt(b))
  const first = inOrder[0]
  const start = first === undefined ? 0 : spokenAt(first)
  return inOrder.map((packet) => {
    const { marker, payload, dbov } = packet
    const timestamp = spokenAt(packet) - start
    const due = { atMs: (timestamp * 1_000) / clockRate, timestamp }
    return { ...due, marker, payload, ...(dbov === undefined ? {} : { dbov }) }
  })
}

/** The voice of the echo bot: one track after the other, each for one thing that it says, in real time. */
import { randomInt } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import type { types } from 'mediasoup'
import { ProducerId, RtpParameters, type LegId } from '@parley/protocol'
import type { CallRouter } from './call-router.ts'
import type { Words } from './echo-words.ts'
import { levelUri, writeRtp } from './rtp.ts'
import type { SentTrack } from './sent-track.ts'

/** From the first word of a new track to its first packet: a client takes a moment to set its side up. */
const leadMs = 400
/** From the last packet to the end of the track: what is still on its way, or in a jitter buffer, is to be heard. */
const tailMs = 300
const levelId = 1

type Parts = {
  legId: LegId
  place: CallRouter
  transport: types.DirectTransport
  /** The others hear of the track that there is now. */
  begun(): Promise<void>
  /** The others hear that the track has ended. */
  ended(track: SentTrack): Promise<void>
}

export class EchoVoice {
  readonly #parts: Parts
  #sent: { track: SentTrack; producer: types.Producer } | undefined

  constructor(parts: Parts) {
    this.#parts = parts
  }

  get track(): SentTrack | undefined {
    return this.#sent?.track
  }

  /** Says something to its end. @throws the signal's reason when it aborts; *hush* has to be called then */
  async say(words: Words, signal: AbortSignal): Promise<void> {
    const { track, producer, ssrc } = await this.#begin(words, signal)
    await delay(leadMs, undefined, { signal })
    const [sequenceNumber, timestamp] = [randomInt(0x1_0000), randomInt(0x1_0000_0000)]
    const startMs = performance.now()
    for (const [index, frame] of words.frames.entries()) {
      await delay(Math.max(0, startMs + frame.atMs - performance.now()), undefined, { signal })
      const numbers = { sequenceNumber: sequenceNumber + index, timestamp: timestamp + frame.timestamp, ssrc }
      producer.send(writeRtp({ ...frame, ...numbers, payloadType: words.codec.payloadType }, levelId))
    }
    await delay(tailMs, undefined, { signal })
    this.hush()
    await this.#parts.ended(track)
  }

  /** Ends the track in the middle of what it says, and gives it back. */
  hush(): SentTrack[] {
    const sent = this.#sent
    this.#sent = undefined
    sent?.producer.close()
    return sent === undefined ? [] : [sent.track]
  }

  async #begin({ codec }: Words, signal: AbortSignal) {
    const { legId, place, transport } = this.#parts
    const ssrc = randomInt(1, 0x1_0000_0000)
    const rtpParameters = {
      codecs: [{ ...codec, rtcpFeedback: [] }],
      headerExtensions: [{ uri: levelUri, id: levelId }] as types.RtpHeaderExtensionParameters[],
      encodings: [{ ssrc }],
    }
    const producer = await transport.produce({ kind: 'audio', rtpParameters })
    if (signal.aborted) producer.close()
    signal.throwIfAborted()
    const track: SentTrack = {
      id: ProducerId.parse(producer.id),
      legId,
      source: 'microphone',
      rtpParameters: RtpParameters.parse(rtpParameters),
      router: place.router,
    }
    this.#sent = { track, producer }
    await place.listenTo(track, producer)
    await this.#parts.begun()
    return { track, producer, ssrc }
  }
}

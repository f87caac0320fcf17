/** The one UDP socket of a participant in a call: RTP and RTCP, encrypted, both ways. */
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { randomBytes } from 'node:crypto'
import type { SrtpParameters } from '@parley/protocol'
import {
  isRtcp,
  isRtp,
  srtpReceiver,
  srtpSender,
  srtpSuites,
  type SrtpKeys,
  type SrtpReceiver,
  type SrtpSender,
} from '@parley/rtp'

/** What a line hands over. Packets are encrypted, and are gone when the call returns. */
export type LineListener = { rtp(packet: Buffer): void; rtcp(packet: Buffer): void }

/** New keys, as the wire carries them. */
export function newKeys(): SrtpParameters {
  const cryptoSuite = 'AEAD_AES_128_GCM'
  return { cryptoSuite, keyBase64: randomBytes(srtpSuites[cryptoSuite].masterBytes).toString('base64') }
}

export class PlainLine {
  readonly sender: SrtpSender
  readonly receiver: SrtpReceiver
  readonly #socket: Socket
  #isOpen = true

  /** Opens a socket to the far end; `ours` encrypts what we send, `theirs` what they do. */
  static async open(
    to: { ip: string; port: number },
    keys: { ours: SrtpParameters; theirs: SrtpParameters },
    listener: LineListener,
  ): Promise<PlainLine> {
    const socket = createSocket(to.ip.includes(':') ? 'udp6' : 'udp4')
    const line = new PlainLine(socket, keys, listener)
    socket.connect(to.port, to.ip)
    await once(socket, 'connect')
    return line
  }

  private constructor(
    socket: Socket,
    { ours, theirs }: { ours: SrtpParameters; theirs: SrtpParameters },
    listener: LineListener,
  ) {
    this.#socket = socket
    this.sender = srtpSender(keysOf(ours))
    this.receiver = srtpReceiver(keysOf(theirs))
    // Nobody listens there (any more): the server says over the socket what became of the call.
    socket.on('error', () => {})
    socket.on('message', (packet) => {
      if (isRtcp(packet)) listener.rtcp(packet)
      else if (isRtp(packet)) listener.rtp(packet)
    })
  }

  /** Sends an encrypted packet, which must stay as it is for a moment. */
  send(packet: Buffer): void {
    if (this.#isOpen) this.#socket.send(packet)
  }

  close(): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    this.#socket.close()
  }
}

function keysOf({ cryptoSuite, keyBase64 }: SrtpParameters): SrtpKeys {
  return { suite: cryptoSuite, master: Buffer.from(keyBase64, 'base64') }
}

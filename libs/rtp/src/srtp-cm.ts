/** SRTP and SRTCP with AES in counter mode and HMAC-SHA1 (RFC 3711 section 4): what telephones agree on by SDP. */
import { createCipheriv, createHmac, timingSafeEqual } from 'node:crypto'
import { ReplayWindow } from './rollover.ts'
import { derive, labels } from './srtp-derive.ts'
import type { SrtpReceiver, SrtpSender } from './srtp.ts'

const keyBytes = 16
const saltBytes = 14
const authenticationBytes = 20
/** RFC 4568 section 6.2.2: the short tag is RTP's alone, RTCP keeps its 80 bits. */
const rtcpTagBytes = 10
/** The word behind an SRTCP packet: whether it is encrypted, and its index. */
const indexBytes = 4
const rtcpClearBytes = 8
const isEncrypted = 0x8000_0000
const rtcpIndexMask = 0x7fff_ffff

/** Derived keys, with the counter's buffer that is written anew for each packet. */
class Session {
  readonly #key: Buffer
  readonly #salt: Buffer
  readonly #authentication: Buffer
  readonly #counter = Buffer.alloc(16)
  readonly #rocWord = Buffer.alloc(4)

  constructor(master: Buffer, kind: 'rtp' | 'rtcp') {
    const [key, salt] = [master.subarray(0, keyBytes), master.subarray(keyBytes)]
    this.#key = derive(key, salt, labels[kind].key, keyBytes)
    this.#salt = derive(key, salt, labels[kind].salt, saltBytes)
    this.#authentication = derive(key, salt, labels[kind].authentication, authenticationBytes)
  }

  /** RFC 3711 section 4.1.1: salt, SSRC and index, and the place of each block behind them. */
  crypt(ssrc: number, high: number, low: number, bytes: Buffer): Buffer {
    const counter = this.#counter
    this.#salt.copy(counter)
    counter.writeUInt16BE(0, 14)
    counter.writeUInt32BE((counter.readUInt32BE(4) ^ ssrc) >>> 0, 4)
    counter.writeUInt32BE((counter.readUInt32BE(8) ^ high) >>> 0, 8)
    counter.writeUInt16BE(counter.readUInt16BE(12) ^ low, 12)
    return createCipheriv('aes-128-ctr', this.#key, counter).update(bytes)
  }

  tag(bytes: Buffer, roc?: number): Buffer {
    const hmac = createHmac('sha1', this.#authentication).update(bytes)
    if (roc === undefined) return hmac.digest()
    this.#rocWord.writeUInt32BE(roc >>> 0)
    return hmac.update(this.#rocWord).digest()
  }

  isTagOf(tag: Buffer, bytes: Buffer, roc?: number): boolean {
    return timingSafeEqual(tag, this.tag(bytes, roc).subarray(0, tag.length))
  }
}

export class CmSender implements SrtpSender {
  readonly tagBytes: number
  readonly #rtp: Session
  readonly #rtcp: Session
  #rtcpIndex = 0

  constructor(master: Buffer, tagBytes: number) {
    this.tagBytes = tagBytes
    this.#rtp = new Session(master, 'rtp')
    this.#rtcp = new Session(master, 'rtcp')
  }

  protectRtp(packet: Buffer, headerLength: number, length: number, roc: number): number {
    const payload = packet.subarray(headerLength, length)
    this.#rtp.crypt(packet.readUInt32BE(8), roc, packet.readUInt16BE(2), payload).copy(packet, headerLength)
    this.#rtp.tag(packet.subarray(0, length), roc).copy(packet, length, 0, this.tagBytes)
    return length + this.tagBytes
  }

  protectRtcp(packet: Buffer): Buffer {
    const index = this.#rtcpIndex++ & rtcpIndexMask
    const word = Buffer.alloc(indexBytes)
    word.writeUInt32BE((isEncrypted | index) >>> 0)
    const encrypted = this.#rtcp.crypt(
      packet.readUInt32BE(4),
      index >>> 16,
      index & 0xffff,
      packet.subarray(rtcpClearBytes),
    )
    const said = Buffer.concat([packet.subarray(0, rtcpClearBytes), encrypted, word])
    return Buffer.concat([said, this.#rtcp.tag(said).subarray(0, rtcpTagBytes)])
  }
}

export class CmReceiver implements SrtpReceiver {
  readonly #tagBytes: number
  readonly #rtp: Session
  readonly #rtcp: Session
  readonly #rtcpWindow = new ReplayWindow()

  constructor(master: Buffer, tagBytes: number) {
    this.#tagBytes = tagBytes
    this.#rtp = new Session(master, 'rtp')
    this.#rtcp = new Session(master, 'rtcp')
  }

  openRtp(packet: Buffer, headerLength: number, roc: number): Buffer | undefined {
    const tagAt = packet.length - this.#tagBytes
    if (tagAt < headerLength) return undefined
    if (!this.#rtp.isTagOf(packet.subarray(tagAt), packet.subarray(0, tagAt), roc)) return undefined
    const [ssrc, sequence] = [packet.readUInt32BE(8), packet.readUInt16BE(2)]
    return this.#rtp.crypt(ssrc, roc, sequence, packet.subarray(headerLength, tagAt))
  }

  openRtcp(packet: Buffer): Buffer | undefined {
    const tagAt = packet.length - rtcpTagBytes
    const wordAt = tagAt - indexBytes
    if (wordAt < rtcpClearBytes) return undefined
    if (!this.#rtcp.isTagOf(packet.subarray(tagAt), packet.subarray(0, tagAt))) return undefined
    const word = packet.readUInt32BE(wordAt)
    const index = word & rtcpIndexMask
    if (!this.#rtcpWindow.isNew(index)) return undefined
    this.#rtcpWindow.take(index)
    // RFC 3711 section 3.4: RTCP may be authenticated without being encrypted, by a bit of its own.
    if (word < isEncrypted) return Buffer.from(packet.subarray(0, wordAt))
    const encrypted = packet.subarray(rtcpClearBytes, wordAt)
    const opened = this.#rtcp.crypt(packet.readUInt32BE(4), index >>> 16, index & 0xffff, encrypted)
    return Buffer.concat([packet.subarray(0, rtcpClearBytes), opened])
  }
}

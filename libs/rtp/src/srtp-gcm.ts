/** SRTP and SRTCP with AEAD_AES_128_GCM (RFC 7714): what Parley's own ends use between each other. */
import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject } from 'node:crypto'
import { derive, labels } from './srtp-derive.ts'
import type { SrtpReceiver, SrtpSender } from './srtp.ts'

const masterKeyBytes = 16
const masterSaltBytes = 12
const tagBytes = 16
/** The word behind an SRTCP packet: whether it is encrypted, and its index. */
const indexBytes = 4
/** RFC 7714 section 9.2: of an RTCP packet the first eight bytes are not encrypted. */
const rtcpClearBytes = 8
const isEncrypted = 0x8000_0000
const rtcpIndexMask = 0x7fff_ffff

/** Session key and salt of RTP or of RTCP. */
export type SessionKeys = { key: KeyObject; salt: Buffer }

/**
 * Derives the keys of one direction out of the master key and salt (RFC 3711 section 4.3, with a derivation rate of
 * zero). A salt of 12 bytes counts as if it had two more, of zeros (RFC 7714 section 11).
 */
function sessionKeys(master: Buffer, kind: 'rtp' | 'rtcp'): SessionKeys {
  const [masterKey, masterSalt] = [master.subarray(0, masterKeyBytes), master.subarray(masterKeyBytes)]
  return {
    key: createSecretKey(derive(masterKey, masterSalt, labels[kind].key, masterKeyBytes)),
    salt: derive(masterKey, masterSalt, labels[kind].salt, masterSaltBytes),
  }
}

export class GcmSender implements SrtpSender {
  readonly tagBytes = tagBytes
  readonly #rtp: SessionKeys
  readonly #rtcp: SessionKeys
  readonly #iv = Buffer.alloc(12)
  #rtcpIndex = 0

  constructor(rtp: SessionKeys, rtcp: SessionKeys) {
    this.#rtp = rtp
    this.#rtcp = rtcp
  }

  static fromMaster(master: Buffer): GcmSender {
    return new GcmSender(sessionKeys(master, 'rtp'), sessionKeys(master, 'rtcp'))
  }

  protectRtp(packet: Buffer, headerLength: number, length: number, roc: number): number {
    rtpIv(this.#iv, this.#rtp.salt, packet, roc)
    const cipher = createCipheriv('aes-128-gcm', this.#rtp.key, this.#iv)
    cipher.setAAD(packet.subarray(0, headerLength))
    cipher.update(packet.subarray(headerLength, length)).copy(packet, headerLength)
    cipher.final()
    cipher.getAuthTag().copy(packet, length)
    return length + tagBytes
  }

  protectRtcp(packet: Buffer, index = this.#rtcpIndex++): Buffer {
    const word = Buffer.alloc(indexBytes)
    word.writeUInt32BE((isEncrypted | index) >>> 0)
    const clear = packet.subarray(0, rtcpClearBytes)
    rtcpIv(this.#iv, this.#rtcp.salt, packet, index)
    const cipher = createCipheriv('aes-128-gcm', this.#rtcp.key, this.#iv)
    cipher.setAAD(Buffer.concat([clear, word]))
    const encrypted = cipher.update(packet.subarray(rtcpClearBytes))
    cipher.final()
    return Buffer.concat([clear, encrypted, cipher.getAuthTag(), word])
  }
}

export class GcmReceiver implements SrtpReceiver {
  readonly #rtp: SessionKeys
  readonly #rtcp: SessionKeys
  readonly #iv = Buffer.alloc(12)

  constructor(rtp: SessionKeys, rtcp: SessionKeys) {
    this.#rtp = rtp
    this.#rtcp = rtcp
  }

  static fromMaster(master: Buffer): GcmReceiver {
    return new GcmReceiver(sessionKeys(master, 'rtp'), sessionKeys(master, 'rtcp'))
  }

  openRtp(packet: Buffer, headerLength: number, roc: number): Buffer | undefined {
    const tagAt = packet.length - tagBytes
    if (tagAt < headerLength) return undefined
    rtpIv(this.#iv, this.#rtp.salt, packet, roc)
    return this.#open(this.#rtp.key, packet.subarray(0, headerLength), packet.subarray(headerLength, tagAt), [
      packet,
      tagAt,
    ])
  }

  openRtcp(packet: Buffer): Buffer | undefined {
    const [wordAt, tagAt] = [packet.length - indexBytes, packet.length - indexBytes - tagBytes]
    if (tagAt < rtcpClearBytes) return undefined
    const word = packet.readUInt32BE(wordAt)
    // Nobody who has these keys sends RTCP in the clear.
    if (word < isEncrypted) return undefined
    rtcpIv(this.#iv, this.#rtcp.salt, packet, word & rtcpIndexMask)
    const clear = packet.subarray(0, rtcpClearBytes)
    const authenticated = Buffer.concat([clear, packet.subarray(wordAt)])
    const opened = this.#open(this.#rtcp.key, authenticated, packet.subarray(rtcpClearBytes, tagAt), [packet, tagAt])
    return opened && Buffer.concat([clear, opened])
  }

  #open(key: KeyObject, authenticated: Buffer, encrypted: Buffer, [packet, tagAt]: [Buffer, number]) {
    const decipher = createDecipheriv('aes-128-gcm', key, this.#iv)
    decipher.setAAD(authenticated)
    decipher.setAuthTag(packet.subarray(tagAt, tagAt + tagBytes))
    const payload = decipher.update(encrypted)
    try {
      decipher.final()
      return payload
    } catch {
      // The tag does not fit: that is the answer.
      return undefined
    }
  }
}

/** RFC 7714 section 8.1: two zeros, SSRC, rollover counter and sequence number, mixed with the salt. */
function rtpIv(iv: Buffer, salt: Buffer, packet: Buffer, roc: number): void {
  iv.writeUInt16BE(0, 0)
  iv.writeUInt32BE(packet.readUInt32BE(8), 2)
  iv.writeUInt32BE(roc >>> 0, 6)
  iv.writeUInt16BE(packet.readUInt16BE(2), 10)
  mix(iv, salt)
}

/** RFC 7714 section 9.1: two zeros, SSRC, two zeros and the index, mixed with the salt. */
function rtcpIv(iv: Buffer, salt: Buffer, packet: Buffer, index: number): void {
  iv.writeUInt16BE(0, 0)
  iv.writeUInt32BE(packet.readUInt32BE(4), 2)
  iv.writeUInt16BE(0, 6)
  iv.writeUInt32BE(index, 8)
  mix(iv, salt)
}

function mix(iv: Buffer, salt: Buffer): void {
  for (let i = 0; i < 3; i += 1) iv.writeUInt32BE((iv.readUInt32BE(4 * i) ^ salt.readUInt32BE(4 * i)) >>> 0, 4 * i)
}

/**
 * SRTP in one direction (RFC 3711): what every suite has in common. Keys were agreed elsewhere; headers stay readable,
 * so that a packet is counted and sorted without being opened.
 */

/** Encrypts what one side sends. */
export interface SrtpSender {
  /** Room that a packet needs behind its payload. */
  readonly tagBytes: number
  /**
   * Encrypts a packet where it stands: header, payload, and room for the tag. `length` is without the tag; returns it
   * with the tag.
   */
  protectRtp(packet: Buffer, headerLength: number, length: number, roc: number): number
  /** An RTCP packet, encrypted, under the next index. */
  protectRtcp(packet: Buffer): Buffer
}

/** Decrypts what the other side sends. Whether a packet came before is for its window to say, not for these. */
export interface SrtpReceiver {
  /** The payload of a packet; undefined when somebody else made it, or changed it. */
  openRtp(packet: Buffer, headerLength: number, roc: number): Buffer | undefined
  /** An RTCP packet as it was before; undefined when somebody else made it, changed it, or sent it again. */
  openRtcp(packet: Buffer): Buffer | undefined
}

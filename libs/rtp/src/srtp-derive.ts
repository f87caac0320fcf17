/** The keys of a direction out of its master key and salt (RFC 3711 section 4.3, with a derivation rate of zero). */
import { createCipheriv } from 'node:crypto'

/** Labels of RFC 3711 section 4.3.2: which secret is derived. */
export const labels = {
  rtp: { key: 0, authentication: 1, salt: 2 },
  rtcp: { key: 3, authentication: 4, salt: 5 },
} as const

/** One derived secret: the key stream of AES in counter mode that begins at the salt with the label in it. */
export function derive(masterKey: Buffer, masterSalt: Buffer, label: number, length: number): Buffer {
  const counter = Buffer.alloc(16)
  masterSalt.copy(counter)
  counter.writeUInt8(counter.readUInt8(7) ^ label, 7)
  return createCipheriv('aes-128-ctr', masterKey, counter).update(Buffer.alloc(length))
}

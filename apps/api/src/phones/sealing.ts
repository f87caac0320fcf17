/**
 * Passwords of trunks are needed as they are, so they cannot be hashed as other secrets are. In the database they are
 * sealed with a key that lies in DATA_DIR, so that a copy of the database alone gives none of them away.
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { readOrMakeSecret } from '@parley/identity'

const cipher = 'aes-256-gcm'
const keyBytes = 32
const nonceBytes = 12
const tagBytes = 16

export class Sealing {
  readonly #key: Buffer

  /** @throws Error when the key has not 32 bytes */
  constructor(key: Buffer) {
    if (key.length !== keyBytes)
      throw new Error(`The key that seals passwords has ${key.length} bytes, not ${keyBytes}.`)
    this.#key = key
  }

  /** With the key of `dataDir`, which is made when it is not there. @throws KeyFileError */
  static async open(dataDir: string): Promise<Sealing> {
    const text = await readOrMakeSecret(join(dataDir, 'trunk-key'), () => randomBytes(keyBytes).toString('base64'))
    return new Sealing(Buffer.from(text.trim(), 'base64'))
  }

  /** `name` is what the secret belongs to: it opens under the same name only. */
  seal(secret: string, name: string): string {
    const nonce = randomBytes(nonceBytes)
    const sealing = createCipheriv(cipher, this.#key, nonce).setAAD(Buffer.from(name))
    const sealed = Buffer.concat([sealing.update(secret, 'utf8'), sealing.final()])
    return Buffer.concat([nonce, sealing.getAuthTag(), sealed]).toString('base64')
  }

  /** Undefined for what another key has sealed, or another name. */
  unseal(sealed: string, name: string): string | undefined {
    const bytes = Buffer.from(sealed, 'base64')
    const [nonce, tag] = [bytes.subarray(0, nonceBytes), bytes.subarray(nonceBytes, nonceBytes + tagBytes)]
    if (tag.length !== tagBytes) return undefined
    const opening = createDecipheriv(cipher, this.#key, nonce).setAAD(Buffer.from(name)).setAuthTag(tag)
    try {
      return Buffer.concat([opening.update(bytes.subarray(nonceBytes + tagBytes)), opening.final()]).toString('utf8')
    } catch {
      return undefined // the tag does not fit: nothing more can be said of it
    }
  }
}

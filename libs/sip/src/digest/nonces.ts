/**
 * Nonces that need no memory until somebody has proved to know a password with one: each carries the moment at which it
 * was made, and a seal over that and over whom it was given to. Only then its count is kept, so that nobody fills our
 * memory by asking.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'

export type NonceVerdict = 'fresh' | 'expired' | 'forged'
export type NonceLimits = {
  lifetimeMs: number
  /** How many nonces in use are remembered. Above it the oldest end early, as if they had expired. */
  inUse: number
}

const momentBytes = 6
const randomnessBytes = 6
const sealBytes = 18

export class Nonces {
  readonly #key: Buffer
  readonly #limits: NonceLimits
  readonly #now: () => number
  /** The highest count seen, in the order in which nonces were first used. */
  readonly #counts = new Map<string, { count: number; madeAt: number }>()
  /** What was made before this has been forgotten, and so could be used twice. */
  #forgottenUntil = 0

  /** `key` seals; nodes that share it understand each other's nonces. `now` is in milliseconds since 1970. */
  constructor(limits: NonceLimits, now: () => number, key: Buffer = randomBytes(32)) {
    this.#limits = limits
    this.#now = now
    this.#key = key
  }

  /** @param to the address of who is challenged: no other one can use it */
  issue(to: string): string {
    const moment = Buffer.alloc(momentBytes)
    moment.writeUIntBE(Math.floor(this.#now()), 0, momentBytes)
    const content = Buffer.concat([moment, randomBytes(randomnessBytes)])
    return Buffer.concat([content, this.#seal(content, to)]).toString('base64url')
  }

  judge(nonce: string, from: string): NonceVerdict {
    const madeAt = this.#momentOf(nonce, from)
    if (madeAt === undefined) return 'forged'
    const age = this.#now() - madeAt
    return age >= 0 && age <= this.#limits.lifetimeMs && madeAt > this.#forgottenUntil ? 'fresh' : 'expired'
  }

  /** Takes a count down; false when it was seen before (RFC 7616 section 3.4, nc). Only for nonces judged fresh. */
  count(nonce: string, from: string, count: number): boolean {
    const known = this.#counts.get(nonce)
    if (known !== undefined) {
      if (count <= known.count) return false
      known.count = count
      return true
    }
    this.#makeRoom()
    this.#counts.set(nonce, { count, madeAt: this.#momentOf(nonce, from) ?? 0 })
    return count > 0
  }

  #makeRoom(): void {
    for (const [nonce, { madeAt }] of this.#counts) {
      const isOver = this.#now() - madeAt > this.#limits.lifetimeMs
      if (!isOver && this.#counts.size < this.#limits.inUse) return
      this.#counts.delete(nonce)
      if (!isOver) this.#forgottenUntil = Math.max(this.#forgottenUntil, madeAt)
    }
  }

  #momentOf(nonce: string, from: string): number | undefined {
    const bytes = Buffer.from(nonce, 'base64url')
    if (bytes.length !== momentBytes + randomnessBytes + sealBytes) return undefined
    const content = bytes.subarray(0, momentBytes + randomnessBytes)
    const isOurs = timingSafeEqual(bytes.subarray(content.length), this.#seal(content, from))
    // Base64 has more than one writing of the same bytes, and a count is kept by the writing.
    return isOurs && bytes.toString('base64url') === nonce ? content.readUIntBE(0, momentBytes) : undefined
  }

  #seal(content: Buffer, to: string): Buffer {
    return createHmac('sha256', this.#key).update(content).update(to).digest().subarray(0, sealBytes)
  }
}

/**
 * Whose packets are taken for the phone's. UDP says nothing about its sender, and media must neither follow whoever
 * sends last nor stay with an address that a phone behind a NAT does not have.
 */

export type Address = { ip: string; port: number }

/** So many packets in a row from one address that nobody has named, and it is the phone's. */
const packetsToTrust = 3
/** An address that was silent for so long may be left for another. */
const patienceMs = 5_000

export class SourceLock {
  readonly #named: Address
  readonly #isSymmetric: boolean
  #locked: (Address & { heardAtMs: number }) | undefined
  #candidate: (Address & { packets: number }) | undefined

  /** `named` is what SDP says. */
  constructor(named: Address, isSymmetric: boolean) {
    this.#named = named
    this.#isSymmetric = isSymmetric
  }

  /**
   * The phone has agreed again. As long as it names the same address it is where it was: one that is held sends nothing
   * by which it could be found anew. Another source is then taken as soon as packets come from it.
   */
  again(named: Address, isSymmetric: boolean): SourceLock {
    const next = new SourceLock(named, isSymmetric)
    if (isSame(named, this.#named) && isSymmetric === this.#isSymmetric && this.#locked !== undefined) {
      next.#locked = { ...this.#locked, heardAtMs: -Infinity }
    }
    return next
  }

  /** Whether a packet from there is worth looking at. */
  mayBe(from: Address, nowMs: number): boolean {
    const locked = this.#locked
    if (locked !== undefined && isSame(locked, from)) return true
    if (locked !== undefined && nowMs - locked.heardAtMs < patienceMs) return false
    return this.#isSymmetric || from.ip === this.#named.ip
  }

  /** A packet from there was valid. Gives whether it is to be heard. */
  trust(from: Address, nowMs: number): boolean {
    if (!this.#isKnown(from)) return false
    this.#locked = { ip: from.ip, port: from.port, heardAtMs: nowMs }
    this.#candidate = undefined
    return true
  }

  /** Whether reports from there are believed: they come from another port than sound. */
  isPhones(ip: string): boolean {
    return ip === (this.#locked ?? this.#named).ip
  }

  /** Where the phone hears us. */
  get target(): Address {
    return this.#isSymmetric ? (this.#locked ?? this.#named) : this.#named
  }

  #isKnown(from: Address): boolean {
    if (this.#locked !== undefined && isSame(this.#locked, from)) return true
    // Its own SDP's address has no need to show anything.
    if (this.#isSymmetric ? isSame(this.#named, from) : from.ip === this.#named.ip) return true
    const before = this.#candidate !== undefined && isSame(this.#candidate, from) ? this.#candidate.packets : 0
    this.#candidate = { ip: from.ip, port: from.port, packets: before + 1 }
    return this.#candidate.packets >= packetsToTrust
  }
}

function isSame(one: Address, other: Address): boolean {
  return one.ip === other.ip && one.port === other.port
}

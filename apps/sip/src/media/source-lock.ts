/**
 * Whose packets are taken for the phone's, and where it hears us. UDP says nothing about its sender, and media must
 * neither follow whoever sends last nor stay with an address that a phone behind a NAT does not have. SDP says nothing
 * about its truth: who names somebody else's address must not have us send sound there, so an address that nobody
 * vouches for hears us only after something has come from it (RFC 3261 section 26.1 leaves it to us, RFC 5245 section
 * 18.5 calls the attack the voice hammer).
 */

export type Address = { ip: string; port: number }

/** What SDP says of where the phone is, and how far that is to be believed. */
export type Claim = {
  named: Address
  /** The phone may be elsewhere: it is where its sound comes from. */
  isSymmetric: boolean
  /** The named address is of those with whom we signal: it hears us at once. */
  isVouchedFor: boolean
}

/** So many packets in a row from one address that nobody has named, and it is the phone's. */
const packetsToTrust = 3
/** An address that was silent for so long may be left for another. */
const patienceMs = 5_000

export class SourceLock {
  readonly #claim: Claim
  #hasReported = false
  #locked: (Address & { heardAtMs: number }) | undefined
  #candidate: (Address & { packets: number }) | undefined

  constructor(claim: Claim) {
    this.#claim = claim
  }

  /**
   * The phone has agreed again. As long as it names the same address it is where it was: one that is held sends nothing
   * by which it could be found anew. Another source is then taken as soon as packets come from it.
   */
  again(claim: Claim): SourceLock {
    const next = new SourceLock(claim)
    const { named, isSymmetric } = this.#claim
    if (!isSame(claim.named, named) || claim.isSymmetric !== isSymmetric) return next
    next.#hasReported = this.#hasReported
    if (this.#locked !== undefined) next.#locked = { ...this.#locked, heardAtMs: -Infinity }
    return next
  }

  /** Whether a packet from there is worth looking at. */
  mayBe(from: Address, nowMs: number): boolean {
    const locked = this.#locked
    if (locked !== undefined && isSame(locked, from)) return true
    if (locked !== undefined && nowMs - locked.heardAtMs < patienceMs) return false
    return this.#claim.isSymmetric || from.ip === this.#claim.named.ip
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
    return ip === (this.#locked ?? this.#claim.named).ip
  }

  /** A report came from there that could be read: who only listens says in this way that he is there. */
  reported(): void {
    this.#hasReported = true
  }

  /** Where the phone hears us; undefined as long as it could be anybody who does. */
  get target(): Address | undefined {
    const { named, isSymmetric, isVouchedFor } = this.#claim
    if (isSymmetric && this.#locked !== undefined) return this.#locked
    return isVouchedFor || this.#hasReported || this.#locked !== undefined ? named : undefined
  }

  #isKnown(from: Address): boolean {
    if (this.#locked !== undefined && isSame(this.#locked, from)) return true
    // Its own SDP's address has no need to show anything.
    const { named, isSymmetric } = this.#claim
    if (isSymmetric ? isSame(named, from) : from.ip === named.ip) return true
    const before = this.#candidate !== undefined && isSame(this.#candidate, from) ? this.#candidate.packets : 0
    this.#candidate = { ip: from.ip, port: from.port, packets: before + 1 }
    return this.#candidate.packets >= packetsToTrust
  }
}

function isSame(one: Address, other: Address): boolean {
  return one.ip === other.ip && one.port === other.port
}

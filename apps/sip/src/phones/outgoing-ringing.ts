/**
 * The telephones of one number ring together, and the phone is whichever of them answers first: the forking of RFC 3261
 * section 16.7, by one who makes the calls himself. Most numbers have one telephone, and that is all there is to it then.
 */
import type { InviteSession, SessionEnd } from '@parley/sip'
import { reasonHeader, reasonOfFailure } from './ends.ts'
import { ForkSdp } from './outgoing-fork-sdp.ts'
import { PhoneSdp, type AgreedSound } from './phone-sdp.ts'
import type { Phone } from './phone.ts'
import type { Way, Ways } from './way.ts'

export type RingPlan = {
  phone: Phone
  ways: Ways
  ringLimitMs: number
  silenceLimitMs: number
  /** Not even a 100 in this time: whether the INVITE has come there or not, it is given up. */
  patienceMs: number
  /** `hasMedia` says that sound is heard before the answer. Of several telephones nobody's is: they ring (180) then. */
  progressed: (status: number, hasMedia: boolean) => void
  /** One of them will not answer, by its own word or for want of any. */
  failed: (way: Way, end: SessionEnd) => void
  answered: (way: Way, call: InviteSession) => void
}

export type Rung = { is: 'answered' } | { is: 'failed'; end: SessionEnd; hasRung: boolean }

/** Resolves when somebody has answered, or nobody will. */
export function ring(plan: RingPlan): Promise<Rung> {
  return new Ringing(plan).start()
}

type Fork = { way: Way; call: InviteSession; sdp: ForkSdp | undefined }

class Ringing {
  readonly #plan: RingPlan
  readonly #forks: Fork[] = []
  readonly #ends: SessionEnd[] = []
  readonly #rung = Promise.withResolvers<Rung>()
  #hasRung = false
  /** Whose answer is being taken, until it is known what becomes of it. */
  #answering: { sdp: ForkSdp; isDecided: PromiseWithResolvers<void> } | undefined
  #winner: Fork | undefined
  #isStopped = false

  constructor(plan: RingPlan) {
    this.#plan = plan
  }

  start(): Promise<Rung> {
    for (const way of this.#plan.ways) this.#forks.push(this.#invite(way))
    for (const fork of this.#forks) this.#watch(fork)
    return this.#rung.promise
  }

  #invite(way: Way): Fork {
    const { phone, ways, ringLimitMs, silenceLimitMs } = this.#plan
    const { terms, address } = way
    const isTheirs = (one: string): boolean => way.isTheirs(one)
    const agreed = (sound: AgreedSound): void => phone.agrees(sound)
    const own = new PhoneSdp({ sound: phone.sound, terms, address, isTheirs, silenceLimitMs, agreed })
    const sdp = ways.length === 1 ? undefined : new ForkSdp(own, (one) => this.#mayTake(one))
    const call = phone.agent.invite({ ...way.invite, media: sdp ?? own, ringLimitMs })
    phone.isReachedBy(call, ...this.#forks.map((fork) => fork.call))
    return { way, call, sdp }
  }

  #watch(fork: Fork): void {
    const { call, sdp } = fork
    const patience = setTimeout(() => {
      // A late answer is hung up on.
      if (call.state === 'trying') void call.terminate()
    }, this.#plan.patienceMs)
    call.on('progress', ({ status, hasMedia }) => {
      this.#hasRung = true
      if (sdp !== undefined && hasMedia) this.#plan.progressed(180, false)
      else this.#plan.progressed(status, hasMedia)
    })
    call.on('confirmed', () => {
      clearTimeout(patience)
      this.#confirmed(fork)
    })
    call.on('ended', (end) => {
      clearTimeout(patience)
      this.#ended(fork, hadPatience(end))
    })
  }

  /** Who answers while another one's answer is being taken waits for what becomes of that. */
  async #mayTake(sdp: ForkSdp): Promise<boolean> {
    while (this.#answering !== undefined && this.#answering.sdp !== sdp) await this.#answering.isDecided.promise
    if (this.#winner !== undefined) return this.#winner.sdp === sdp
    this.#answering ??= { sdp, isDecided: Promise.withResolvers() }
    return true
  }

  #confirmed(fork: Fork): void {
    if (fork.sdp === undefined) {
      this.#won(fork)
      return
    }
    // What was agreed on reliably before the answer is not said again with it.
    fork.sdp.take().then(
      () => fork.call.state === 'confirmed' && this.#won(fork),
      () => void fork.call.terminate(), // another one was quicker, or there is no sound
    )
  }

  #won(fork: Fork): void {
    this.#winner = fork
    this.#decided(fork)
    this.#plan.phone.isReachedBy(fork.call)
    this.#stopOthers(fork, reasonHeader('acceptedElsewhere'))
    this.#plan.answered(fork.way, fork.call)
    this.#rung.resolve({ is: 'answered' })
  }

  #ended(fork: Fork, end: SessionEnd): void {
    this.#decided(fork)
    if (this.#winner !== undefined) return
    this.#ends.push(end)
    if (!this.#isStopped) this.#plan.failed(fork.way, end)
    // RFC 3261 section 16.7, step 5: who declines so declines for all.
    if (isForAll(end)) this.#stopOthers(fork, reasonHeader(reasonOfFailure(end)))
    if (this.#ends.length < this.#forks.length) return
    this.#rung.resolve({ is: 'failed', end: bestOf(this.#ends), hasRung: this.#hasRung })
  }

  #decided({ sdp }: Fork): void {
    if (this.#answering === undefined || this.#answering.sdp !== sdp) return
    this.#answering.isDecided.resolve()
    this.#answering = undefined
  }

  #stopOthers(than: Fork, reason: string): void {
    this.#isStopped = true
    for (const fork of this.#forks) if (fork !== than) void fork.call.terminate({ reason })
  }
}

/** The end that we brought about because nothing came. */
function hadPatience(end: SessionEnd): SessionEnd {
  return end.why === 'cancelled' && end.by === 'us' ? { ...end, why: 'failed' } : end
}

function isForAll({ why, status = 0 }: SessionEnd): boolean {
  return why === 'rejected' && status >= 600
}

/**
 * RFC 3261 section 16.7, step 6: what was said for all, else the lowest class. Within it somebody's word, busy, counts
 * before a telephone's, and the first one said. Where nothing was said at all there is nothing to choose.
 */
function bestOf(ends: readonly SessionEnd[]): SessionEnd {
  const [best] = ends.toSorted((one, other) => rankOf(one) - rankOf(other))
  if (best === undefined) throw new Error('Nobody was rung.')
  return best
}

function rankOf({ why, status = 500 }: SessionEnd): number {
  if (why === 'media') return 4
  if (why !== 'rejected') return 10
  if (status >= 600) return 0
  return Math.floor(status / 100) - (status === 486 ? 0.5 : 0)
}

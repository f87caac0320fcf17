/** Who asks too much, or guesses passwords, by address. What is remembered of whom is bounded. */

const mostAddresses = 10_000
/** New calls of one address in a second: above the first it is asked to wait, above the second it is not answered. */
const callsPerS = { high: 100, flood: 1000 }
const mostWrong = 3
/** After so many wrong passwords an address is refused for so long. */
const barredMs = 300_000
/** What was said of an address once is said again after so long. */
const newsMs = 3_600_000

export class Attackers {
  readonly #now: () => number
  readonly #calls = new Map<string, { second: number; count: number }>()
  readonly #wrong = new Map<string, { count: number; lastAtMs: number }>()
  readonly #told = new Map<string, number>()

  constructor(now: () => number = Date.now) {
    this.#now = now
  }

  /** Counts a call, and says how many there are. */
  calls(address: string): 'usual' | 'high' | 'flood' {
    const second = Math.floor(this.#now() / 1000)
    const before = this.#calls.get(address)
    const count = before?.second === second ? before.count + 1 : 1
    keep(this.#calls, address, { second, count })
    if (count > callsPerS.flood) return 'flood'
    return count > callsPerS.high ? 'high' : 'usual'
  }

  wasWrong(address: string): void {
    const before = this.#wrong.get(address)
    const isRecent = before !== undefined && this.#now() - before.lastAtMs < barredMs
    keep(this.#wrong, address, { count: isRecent ? before.count + 1 : 1, lastAtMs: this.#now() })
  }

  isBarred(address: string): boolean {
    const wrong = this.#wrong.get(address)
    return wrong !== undefined && wrong.count >= mostWrong && this.#now() - wrong.lastAtMs < barredMs
  }

  /** Whether this is worth a line in the log. */
  isNews(why: string, address: string): boolean {
    const key = `${why} ${address}`
    const toldAtMs = this.#told.get(key)
    if (toldAtMs !== undefined && this.#now() - toldAtMs < newsMs) return false
    keep(this.#told, key, this.#now())
    return true
  }
}

/** Of too many the ones that were touched longest ago go. */
function keep<T>(map: Map<string, T>, key: string, value: T): void {
  map.delete(key)
  map.set(key, value)
  const [oldest] = map.keys()
  if (map.size > mostAddresses && oldest !== undefined) map.delete(oldest)
}

/** How long to wait before each try, in milliseconds; the last one holds for all that follow. */
const delaysMs = [0, 500, 1000, 2000, 4000, 5000] as const

/**
 * The wait before try number `tries` (from 0) after a link was lost. Each is spread by ±50 %, and the first by up to
 * half a second, so that the clients of a node that died do not all arrive at the next one together.
 */
export function retryDelayMs(tries: number, random: () => number): number {
  const delay = delaysMs[Math.min(tries, delaysMs.length - 1)] ?? 5000
  return delay === 0 ? random() * 500 : delay * (0.5 + random())
}

/** The timers of RFC 3261 table 4, as values, so that a test has its own. */
export type Times = {
  /** Estimated round trip. */
  t1Ms: number
  /** Longest interval between two repetitions. */
  t2Ms: number
  /** How long a message may stay in the network. */
  t4Ms: number
  /** After this long without an answer an INVITE gets 100 from us (section 17.2.1). */
  tryingMs: number
}

export const usualTimes: Times = { t1Ms: 500, t2Ms: 4000, t4Ms: 5000, tryingMs: 200 }

/** What a machine may know of the world at a step. */
export type At = {
  now: number
  times: Times
  /** TCP and its like repeat and order by themselves: no repetitions from us, and nothing comes late. */
  isReliable: boolean
}

/** 64·T1: timers B, F, H, J, L and M. */
export function patience({ times }: Pick<At, 'times'>): number {
  return 64 * times.t1Ms
}

export const never = Infinity

/** When something is repeated next, and after how long again. */
export type Repeating = { sendsAt: number; interval: number }

export function firstRepetition({ now, times, isReliable }: At): Repeating {
  return { sendsAt: isReliable ? never : now + times.t1Ms, interval: times.t1Ms }
}

/** Twice as long as the last time, up to a limit. */
export function nextRepetition({ interval }: Repeating, { now }: At, longest: number): Repeating {
  const next = Math.min(2 * interval, longest)
  return { sendsAt: now + next, interval: next }
}

/** Two sides of a comparison take turns, so that what else the machine does meanwhile falls on both. */

export type Sides<T> = { ours: () => Promise<T>; reference: () => Promise<T> }
export type Taken<T> = { ours: T[]; reference: T[] }

/** Runs both sides so many times, after one time that does not count: just-in-time compilers, caches, connections. */
export async function takeTurns<T>(rounds: number, sides: Sides<T>): Promise<Taken<T>> {
  await sides.ours()
  await sides.reference()
  const taken: Taken<T> = { ours: [], reference: [] }
  for (let round = 0; round < rounds; round += 1) {
    const order = round % 2 === 0 ? (['ours', 'reference'] as const) : (['reference', 'ours'] as const)
    for (const side of order) taken[side].push(await sides[side]())
  }
  return taken
}

/** The middle of some numbers, or any other share of them: 0.99 is what 99 of 100 stay below. */
export function quantile(values: readonly number[], share = 0.5): number {
  const sorted = values.toSorted((one, other) => one - other)
  const place = share * (sorted.length - 1)
  const below = sorted[Math.floor(place)] ?? Number.NaN
  const above = sorted[Math.ceil(place)] ?? Number.NaN
  return below + (above - below) * (place - Math.floor(place))
}

/** What came out of one comparison: a line of the table. */
export type Line = {
  what: string
  ours: string
  reference: string
  /** Ours by the reference's, round by round. */
  ratios: number[]
  /** What DESIGN holds the ratio to: more is better for rates, less for times. */
  target?: { atLeast: number } | { atMost: number }
}

export type Measured = { lines: Line[]; remarks: string[] }

/** A line for a quantity that both sides gave round by round. */
export function lineOf(
  what: string,
  { ours, reference }: Taken<number>,
  show: (value: number) => string,
  target?: NonNullable<Line['target']>,
): Line {
  return {
    what,
    ours: show(quantile(ours)),
    reference: show(quantile(reference)),
    ratios: ours.map((value, round) => value / (reference[round] ?? Number.NaN)),
    ...(target === undefined ? {} : { target }),
  }
}

/** The table that the benchmarks end with. */
import { quantile, type Line } from './rounds.ts'

export function table(lines: readonly Line[]): string {
  const rows = [['', 'ours', 'reference', 'ratio', 'spread', 'held to', ''], ...lines.map(rowOf)]
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? []
  return rows
    .map((row) =>
      row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0))),
    )
    .map((row) => row.join('  ').trimEnd())
    .join('\n')
}

function rowOf({ what, ours, reference, ratios, target }: Line): string[] {
  const ratio = quantile(ratios)
  const spread = ratios.length > 1 ? `${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)}` : ''
  return [what, ours, reference, ratio.toFixed(2), spread, ...verdict(ratio, target)]
}

function verdict(ratio: number, target: Line['target']): [string, string] {
  if (target === undefined) return ['', '']
  const isHeld = 'atLeast' in target ? ratio >= target.atLeast : ratio <= target.atMost
  const says = 'atLeast' in target ? `at least ${target.atLeast}` : `at most ${target.atMost}`
  return [says, isHeld ? 'held' : 'missed']
}

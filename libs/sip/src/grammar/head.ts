/** The head of a message: a start line and header lines, of which one may be folded over several. */
import { headerKey } from './header-names.ts'
import { consistsOf, may } from './characters.ts'
import { GrammarError, type Meter } from './reader.ts'

/** A header as it came. `key` is its long name in small letters, `value` has no folds and no space around it. */
export type HeaderLine = { name: string; key: string; value: string }
export type Head = { startLine: string; lines: HeaderLine[]; faults: string[] }

/**
 * Takes a head apart. A line that is no header is a fault of the message and does not hide the lines after it, so that
 * a 400 can still name its Via.
 */
export function splitHead(text: string, meter: Meter): Head {
  meter.steps += text.length
  const [startLine = '', ...rows] = text.split('\r\n')
  const lines: HeaderLine[] = []
  const faults: string[] = []
  for (const row of unfold(rows)) {
    meter.steps += row.length
    const line = headerLine(row)
    if (typeof line === 'string') faults.push(line)
    else lines.push(line)
  }
  return { startLine, lines, faults }
}

/** RFC 3261 section 7.3.1: a line that begins with a space goes on where the one before it ended. */
function unfold(rows: string[]): string[] {
  // Hardly anybody folds.
  if (!rows.some(isFold)) return rows.filter((row) => row !== '')
  const whole: string[] = []
  let folded: string[] = []
  const flush = (): void => {
    if (folded.length > 0) whole.push(folded.join(' '))
    folded = []
  }
  for (const row of rows) {
    if (!isFold(row)) flush()
    if (row !== '') folded.push(isFold(row) ? row.trim() : row)
  }
  flush()
  return whole
}

function isFold(row: string): boolean {
  return row.startsWith(' ') || row.startsWith('\t')
}

/** A header, or what is wrong with the line. */
function headerLine(row: string): HeaderLine | string {
  const colon = row.indexOf(':')
  const name = row.slice(0, Math.max(colon, 0)).trimEnd()
  if (!consistsOf(name, may.token)) return 'a header line has no name'
  // Headers are copied into responses as they came: what another reader may take for the end of a line must not be in them.
  if (lineEnds.test(row)) return 'a header line holds a line end or a zero'
  return { name, key: headerKey(name), value: row.slice(colon + 1).trim() }
}

// oxlint-disable-next-line no-control-regex -- these are what is looked for
const lineEnds = /[\r\n\0]/

/** The number in a Content-Length header, or a GrammarError; undefined when there is no such header. */
export function contentLength(lines: readonly HeaderLine[]): number | undefined {
  const values = lines.filter(({ key }) => key === 'content-length').map(({ value }) => value)
  const [value] = values
  if (value === undefined) return undefined
  // Two of them are how one reads a message where another does not: refused even when they agree.
  if (values.length > 1) throw new GrammarError('more than one Content-Length')
  if (!consistsOf(value, may.digit)) throw new GrammarError('Content-Length: missing or malformed')
  return Number(value)
}

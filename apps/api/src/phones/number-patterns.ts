/**
 * The patterns of routes. Operators write them, so they are never given to JavaScript's own engine, which some of them
 * would keep busy for ever: RE2 has no backtracking, and takes time in proportion to pattern and number.
 */
import { RE2JS } from 're2js'

export type NumberPattern = {
  matches(number: string): boolean
  /** How large it is, in RE2's instructions. */
  size: number
}

/** ACS: the longest pattern. */
const maxLength = 1024

/** What all routes together may have: as many as are compiled in half a second, and a hundred times what people need. */
export const maxPatternsSize = 20_000

/** Reads a pattern; a sentence says what is wrong with it. ACS takes what .NET takes: see docs/phone-network.md. */
export function readNumberPattern(source: string): NumberPattern | string {
  if (source === '') return 'The pattern is empty.'
  if (source.length > maxLength) return `The pattern is longer than ${maxLength} characters.`
  // Letters of all scripts fold and group to tables of thousands; a number needs none of them.
  if (!/^[\x20-\x7e]*$/.test(source)) return 'The pattern has something beside letters, digits and signs of ASCII.'
  try {
    const compiled = RE2JS.compile(source, RE2JS.DISABLE_UNICODE_GROUPS)
    return { matches: (number) => compiled.test(number), size: compiled.programSize() }
  } catch (error) {
    return `The pattern cannot be used: ${error instanceof Error ? error.message : String(error)}.`
  }
}

/** Patterns that were read before: a route is asked for each call. */
const read = new Map<string, NumberPattern>()
const mostKept = 1_000

/** Whether a number matches a pattern that was kept; one that cannot be read any more matches nothing. */
export function matchesPattern(source: string, number: string): boolean {
  let pattern = read.get(source)
  if (pattern === undefined) {
    const now = readNumberPattern(source)
    if (typeof now === 'string') return false
    pattern = now
    if (read.size >= mostKept) read.clear()
    read.set(source, pattern)
  }
  return pattern.matches(number)
}

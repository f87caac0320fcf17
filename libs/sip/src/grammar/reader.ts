/**
 * Walks once over a text, forwards only. All grammar is read with it, so its meter knows what reading has cost: tests
 * count its steps to show that the cost grows with the length of the input and not with its shape.
 */
import { isOf, may } from './characters.ts'

/** Something is not as the grammar wants it. `what` is fit for the reason phrase of a 400. */
export class GrammarError extends Error {
  readonly what: string

  constructor(what: string) {
    super(what)
    this.name = 'GrammarError'
    this.what = what
  }
}

/** Counts characters looked at. */
export type Meter = { steps: number }

/** Comments may nest (RFC 3261 section 25.1); nobody means it deeper than this. */
const deepestComment = 32

export class Reader {
  readonly text: string
  readonly meter: Meter
  at = 0

  constructor(text: string, meter: Meter = { steps: 0 }) {
    this.text = text
    this.meter = meter
  }

  get isAtEnd(): boolean {
    return this.at >= this.text.length
  }

  /** The code of the next character, or -1. */
  peek(): number {
    this.meter.steps += 1
    return this.at < this.text.length ? this.text.charCodeAt(this.at) : -1
  }

  isNext(character: string): boolean {
    return this.peek() === character.charCodeAt(0)
  }

  /** Steps over the character if it is next. */
  skip(character: string): boolean {
    if (!this.isNext(character)) return false
    this.at += 1
    return true
  }

  expect(character: string, where: string): void {
    if (!this.skip(character)) throw new GrammarError(`${where}: ${character} expected`)
  }

  expectEnd(where: string): void {
    this.skipSpaces()
    if (!this.isAtEnd) throw new GrammarError(`${where}: something follows that does not belong there`)
  }

  skipSpaces(): void {
    while (isOf(this.peek(), may.space)) this.at += 1
  }

  /** Steps over a separator with spaces around it, as SEMI, COMMA or EQUAL of the grammar. */
  skipSeparator(character: string): boolean {
    this.skipSpaces()
    if (!this.skip(character)) return false
    this.skipSpaces()
    return true
  }

  /** All characters of a class that come now; perhaps none. */
  while(kind: number): string {
    const { text, at: start } = this
    let end = start
    while (end < text.length && isOf(text.charCodeAt(end), kind)) end += 1
    // As if each had been peeked at, and the one that ends them: counted at once, because all that is read comes by here.
    this.meter.steps += end - start + 1
    this.at = end
    return text.slice(start, end)
  }

  /** At least one character of a class. */
  some(kind: number, where: string): string {
    const found = this.while(kind)
    if (found === '') throw new GrammarError(`${where}: missing or malformed`)
    return found
  }

  /** Everything before the first of these characters, or before the end. */
  until(stops: string): string {
    const start = this.at
    if (stops.length === 1) this.at = placeOf(stops, this.text, start)
    else while (!this.isAtEnd && !stops.includes(this.text.charAt(this.at))) this.at += 1
    this.meter.steps += this.at - start + 1
    return this.text.slice(start, this.at)
  }

  /** What stands between two quotation marks, without its escapes. */
  quotedString(where: string): string {
    this.expect('"', where)
    const pieces: string[] = []
    while (!this.isAtEnd) {
      pieces.push(this.until('"\\'))
      if (this.skip('"')) return pieces.join('')
      this.at += 1
      pieces.push(this.text.charAt(this.at))
      this.at += 1
    }
    throw new GrammarError(`${where}: a quotation mark is not closed`)
  }

  /** What stands between two brackets, with the comments in it. */
  comment(where: string): string {
    this.expect('(', where)
    const start = this.at
    for (let depth = 1; !this.isAtEnd; this.at += 1) {
      this.until('()\\')
      if (this.skip('\\')) continue
      depth += this.isNext('(') ? 1 : -1
      if (depth > deepestComment) throw new GrammarError(`${where}: comments are nested too deep`)
      if (depth === 0 && !this.isAtEnd) return this.text.slice(start, this.at++)
    }
    throw new GrammarError(`${where}: a comment is not closed`)
  }

  /** A number in decimal digits, zeros before it allowed. */
  number(where: string, most: number): number {
    const digits = this.some(may.digit, where)
    const value = Number(digits)
    if (value > most) throw new GrammarError(`${where}: out of range`)
    return value
  }
}

/** Where a character stands first from some place on, or the end of the text. */
function placeOf(character: string, text: string, from: number): number {
  const place = text.indexOf(character, from)
  return place === -1 ? text.length : place
}

/** Reads elements with commas between them to the end. Empty elements are passed over. */
export function readList<T>(reader: Reader, where: string, readOne: (reader: Reader) => T): T[] {
  const found: T[] = []
  for (;;) {
    reader.skipSpaces()
    if (reader.isAtEnd) return found
    if (reader.skip(',')) continue
    found.push(readOne(reader))
    reader.skipSpaces()
    if (!reader.isAtEnd) reader.expect(',', where)
  }
}

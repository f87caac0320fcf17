/**
 * The headers of one message: kept as they came, in order, and read when somebody asks, once. What they mean is told by
 * kinds (kinds/*.ts); a value that does not fit its kind is a GrammarError of the one who asks.
 */
import { headerKey } from '../grammar/header-names.ts'
import type { HeaderLine } from '../grammar/head.ts'
import { GrammarError, Reader, readList, type Meter } from '../grammar/reader.ts'

/** A header that stands once. */
export type SingleKind<T> = { is: 'single'; name: string; read: (reader: Reader) => T; write: (value: T) => string }
/** A header of elements with commas between them, over one line or many. */
export type ListKind<T> = { is: 'list'; name: string; read: (reader: Reader) => T; write: (value: T) => string }

const nothing: readonly HeaderLine[] = []

export class Headers {
  readonly #meter: Meter
  #lines: HeaderLine[]
  #byKey: Map<string, HeaderLine[]> | undefined
  readonly #read = new Map<unknown, unknown>()

  constructor(lines: readonly HeaderLine[] = [], meter: Meter = { steps: 0 }) {
    this.#lines = [...lines]
    this.#meter = meter
  }

  get lines(): readonly HeaderLine[] {
    return this.#lines
  }

  /** The one value of a header; undefined when it is not there. Two of them are a GrammarError. */
  get<T>(kind: SingleKind<T>): T | undefined {
    if (this.#read.has(kind)) return this.#read.get(kind) as T
    const [line, second] = this.#linesOf(kind.name)
    if (line === undefined) return undefined
    if (second !== undefined) throw new GrammarError(`${kind.name}: stands more than once`)
    const reader = new Reader(line.value, this.#meter)
    reader.skipSpaces()
    const value = kind.read(reader)
    reader.expectEnd(kind.name)
    this.#read.set(kind, value)
    return value
  }

  /** As `get`, for headers without which a message is none. */
  need<T>(kind: SingleKind<T>): T {
    const value = this.get(kind)
    if (value === undefined) throw new GrammarError(`${kind.name}: missing or malformed`)
    return value
  }

  /** As `get`, for headers that help and are not needed: one that cannot be read counts as absent (RFC 3261 section 8.2). */
  readable<T>(kind: SingleKind<T>): T | undefined {
    try {
      return this.get(kind)
    } catch (error) {
      if (error instanceof GrammarError) return undefined
      throw error
    }
  }

  /** All elements of a header, from all its lines. */
  all<T>(kind: ListKind<T>): readonly T[] {
    if (this.#read.has(kind)) return this.#read.get(kind) as T[]
    const values = this.#linesOf(kind.name).flatMap(({ value }) =>
      readList(new Reader(value, this.#meter), kind.name, kind.read),
    )
    this.#read.set(kind, values)
    return values
  }

  /** The first element of a header. */
  first<T>(kind: ListKind<T>): T | undefined {
    return this.all(kind)[0]
  }

  has(name: string): boolean {
    return this.#linesOf(name).length > 0
  }

  /** The value of a header's first line as it came. */
  text(name: string): string | undefined {
    return this.#linesOf(name)[0]?.value
  }

  texts(name: string): string[] {
    return this.#linesOf(name).map(({ value }) => value)
  }

  /** Puts one value in the place of all that were there. */
  set<T>(kind: SingleKind<T>, value: T): this {
    return this.setText(kind.name, kind.write(value))
  }

  setAll<T>(kind: ListKind<T>, values: readonly T[]): this {
    const lines = values.map((value) => line(kind.name, kind.write(value)))
    return this.#replace(kind.name, lines)
  }

  setText(name: string, value: string): this {
    return this.#replace(name, [line(name, value)])
  }

  addText(name: string, value: string): this {
    return this.#replaceAll([...this.#lines, line(name, value)])
  }

  /** Puts an element in front of those that are there, as each hop does with Via. */
  prepend<T>(kind: ListKind<T>, value: T): this {
    return this.#replaceAll([line(kind.name, kind.write(value)), ...this.#lines])
  }

  remove(name: string): this {
    return this.has(name) ? this.#replace(name, []) : this
  }

  /** Takes the lines of some headers over from another message, as they came. */
  copy(from: Headers, ...names: readonly string[]): this {
    const copied = names.flatMap((name) => from.#linesOf(name))
    return copied.length === 0 ? this : this.#replaceAll([...this.#lines, ...copied])
  }

  clone(): Headers {
    return new Headers(this.#lines, this.#meter)
  }

  #linesOf(name: string): readonly HeaderLine[] {
    this.#byKey ??= Map.groupBy(this.#lines, ({ key }) => key)
    return this.#byKey.get(headerKey(name)) ?? nothing
  }

  /** The new lines stand where the first of the old ones stood. */
  #replace(name: string, lines: HeaderLine[]): this {
    const key = headerKey(name)
    const place = this.#lines.findIndex((line) => line.key === key)
    const others = this.#lines.filter((line) => line.key !== key)
    return this.#replaceAll(place === -1 ? [...others, ...lines] : others.toSpliced(place, 0, ...lines))
  }

  #replaceAll(lines: HeaderLine[]): this {
    this.#lines = lines
    this.#byKey = undefined
    this.#read.clear()
    return this
  }
}

function line(name: string, value: string): HeaderLine {
  // Whoever can write a line end into a header can write a header.
  if (/[\r\n]/.test(value)) throw new GrammarError(`${name}: a header cannot hold a line end`)
  return { name, key: headerKey(name), value }
}

/**
 * The headers of one message: kept as they came, in order, and read when somebody asks, once. What they mean is told by
 * kinds (kinds/*.ts); a value that does not fit its kind is a GrammarError of the one who asks.
 */
import { headerKey } from '../grammar/header-names.ts'
import type { HeaderLine } from '../grammar/head.ts'
import { GrammarError, Reader, readList, type Meter } from '../grammar/reader.ts'

/** `key` is the name as `headerKey` writes it. */
type Kind<T> = { name: string; key: string; read: (reader: Reader) => T; write: (value: T) => string }
/** A header that stands once. */
export type SingleKind<T> = Kind<T> & { is: 'single' }
/** A header of elements with commas between them, over one line or many. */
export type ListKind<T> = Kind<T> & { is: 'list' }

/** Header lines in their order. Names are found in any case and in their short forms. */
export class Headers {
  readonly #meter: Meter
  /** Few, so that looking through them is faster than keeping them by name. */
  #lines: HeaderLine[]
  /** What was read or set, by kind: a single value, or the elements of a list. */
  readonly #known = new Map<{ key: string }, unknown>()

  constructor(lines: readonly HeaderLine[] = [], meter: Meter = { steps: 0 }) {
    this.#lines = [...lines]
    this.#meter = meter
  }

  get lines(): readonly HeaderLine[] {
    return this.#lines
  }

  /** The one value of a header; undefined when it is not there. Two of them are a GrammarError. */
  get<T>(kind: SingleKind<T>): T | undefined {
    if (this.#known.has(kind)) return this.#known.get(kind) as T
    const [line, second] = this.#linesOf(kind.key)
    if (line === undefined) return undefined
    if (second !== undefined) throw new GrammarError(`${kind.name}: stands more than once`)
    const reader = new Reader(line.value, this.#meter)
    reader.skipSpaces()
    const value = kind.read(reader)
    reader.expectEnd(kind.name)
    this.#known.set(kind, value)
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
    const known = this.#known.get(kind)
    if (known !== undefined) return known as T[]
    const lines = this.#linesOf(kind.key)
    if (lines.length === 0) return none
    const values = lines.flatMap(({ value }) => readList(new Reader(value, this.#meter), kind.name, kind.read))
    this.#known.set(kind, values)
    return values
  }

  /** The first element of a header. */
  first<T>(kind: ListKind<T>): T | undefined {
    return this.all(kind)[0]
  }

  has(name: string): boolean {
    const key = headerKey(name)
    return this.#lines.some((line) => line.key === key)
  }

  /** The value of a header's first line as it came. */
  text(name: string): string | undefined {
    const key = headerKey(name)
    return this.#lines.find((line) => line.key === key)?.value
  }

  texts(name: string): string[] {
    return this.#linesOf(headerKey(name)).map(({ value }) => value)
  }

  /** Puts one value in the place of all that were there. */
  set<T>(kind: SingleKind<T>, value: T): this {
    const { name, key } = kind
    this.#replace(key, [{ name, key, value: fit(name, kind.write(value)) }])
    this.#known.set(kind, value)
    return this
  }

  setAll<T>(kind: ListKind<T>, values: readonly T[]): this {
    const { name, key } = kind
    const lines = values.map((value) => ({ name, key, value: fit(name, kind.write(value)) }))
    this.#replace(key, lines)
    this.#known.set(kind, values)
    return this
  }

  setText(name: string, value: string): this {
    const key = headerKey(name)
    return this.#replace(key, [{ name, key, value: fit(name, value) }])
  }

  addText(name: string, value: string): this {
    return this.#add([{ name, key: headerKey(name), value: fit(name, value) }])
  }

  /** Puts an element in front of those that are there, as each hop does with Via. */
  prepend<T>({ name, key, write }: ListKind<T>, value: T): this {
    this.#lines.unshift({ name, key, value: fit(name, write(value)) })
    this.#forget(key)
    return this
  }

  remove(name: string): this {
    return this.has(name) ? this.#replace(headerKey(name), []) : this
  }

  /** Takes the lines of some headers over from another message, as they came. */
  copy(from: Headers, ...names: readonly string[]): this {
    for (const name of names) this.#add(from.#linesOf(headerKey(name)))
    return this
  }

  clone(): Headers {
    return new Headers(this.#lines, this.#meter)
  }

  #linesOf(key: string): readonly HeaderLine[] {
    return this.#lines.filter((line) => line.key === key)
  }

  /** The new lines stand where the first of the old ones stood. */
  #replace(key: string, lines: readonly HeaderLine[]): this {
    const place = this.#lines.findIndex((line) => line.key === key)
    if (place === -1) return this.#add(lines)
    const others = this.#lines.filter((line) => line.key !== key)
    this.#lines = others.toSpliced(place, 0, ...lines)
    this.#forget(key)
    return this
  }

  #add(lines: readonly HeaderLine[]): this {
    this.#lines.push(...lines)
    for (const { key } of lines) this.#forget(key)
    return this
  }

  #forget(key: string): void {
    for (const kind of this.#known.keys()) if (kind.key === key) this.#known.delete(kind)
  }
}

const none: readonly never[] = []

/** A value that may stand in a header. */
function fit(name: string, value: string): string {
  // Whoever can write a line end into a header can write a header.
  if (/[\r\n]/.test(value)) throw new GrammarError(`${name}: a header cannot hold a line end`)
  return value
}

/**
 * The part of zod/mini that the protocol is written in, for the browser: vite.config.mjs puts it in zod's place, which
 * weighs as much as all of the SDK's link. It says the same yes and no to every message and gives the same data; it
 * only says less of what was wrong. A function that is missing here fails the build.
 */

/** What a check finds: nothing, or that the value is not allowed. */
type Check = (value: unknown) => boolean
type Read = { success: true; data: unknown } | { success: false; error: Error }

/** The value that is no value: a message does not have the shape that it should. */
const no = Symbol('no')

class Schema {
  readonly read: (value: unknown) => unknown
  /** Of an object: what its fields are. */
  readonly shape: Fields | undefined
  /** Whether a field of it may be absent. */
  readonly isOptional: boolean

  constructor(
    read: (value: unknown) => unknown,
    { shape, isOptional = false }: { shape?: Fields; isOptional?: boolean } = {},
  ) {
    this.read = read
    this.shape = shape
    this.isOptional = isOptional
  }

  check(...checks: Check[]): Schema {
    const read = (value: unknown): unknown => {
      const data = this.read(value)
      return data !== no && checks.every((isAllowed) => isAllowed(data)) ? data : no
    }
    return new Schema(read, this.shape === undefined ? {} : { shape: this.shape })
  }

  /** For types only. */
  brand(): this {
    return this
  }

  safeParse(value: unknown): Read {
    const data = this.read(value)
    return data === no ? { success: false, error: new Error('It does not have its shape.') } : { success: true, data }
  }

  parse(value: unknown): unknown {
    const read = this.safeParse(value)
    if (!read.success) throw read.error
    return read.data
  }
}
type Fields = Readonly<Record<string, Schema>>

const only = (isIt: Check): Schema => new Schema((value) => (isIt(value) ? value : no))
const isPlain = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export const unknown = (): Schema => new Schema((value) => value)
export const string = (): Schema => only((value) => typeof value === 'string')
export const boolean = (): Schema => only((value) => typeof value === 'boolean')
export const number = (): Schema => only(Number.isFinite)
export const int = (): Schema => only(Number.isSafeInteger)
const undefinedOnly = (): Schema => only((value) => value === undefined)
const oneOf = (values: readonly unknown[]): Schema => only((value) => values.includes(value))
const literal = (value: unknown): Schema => oneOf([value])
export { literal, oneOf as enum, undefinedOnly as undefined }

export const optional = (inner: Schema): Schema =>
  new Schema((value) => (value === undefined ? value : inner.read(value)), { isOptional: true })

/** What it does not name is left out. */
export const object = (shape: Fields): Schema =>
  new Schema(
    (value) => {
      if (!isPlain(value)) return no
      const data: Record<string, unknown> = {}
      for (const [name, field] of Object.entries(shape)) {
        if (!(name in value)) {
          if (field.isOptional) continue
          return no
        }
        const read = field.read(value[name])
        if (read === no) return no
        data[name] = read
      }
      return data
    },
    { shape },
  )

export const array = (inner: Schema): Schema =>
  new Schema((value) => {
    if (!Array.isArray(value)) return no
    const data = value.map((one) => inner.read(one))
    return data.includes(no) ? no : data
  })

export const record = (key: Schema, inner: Schema): Schema =>
  new Schema((value) => {
    if (!isPlain(value)) return no
    const entries = Object.entries(value).map(([name, one]) => [key.read(name), inner.read(one)] as const)
    return entries.some((entry) => entry.includes(no)) ? no : Object.fromEntries(entries as [string, unknown][])
  })

/** The first that fits. */
export const union = (schemas: readonly Schema[]): Schema =>
  new Schema((value) => {
    for (const schema of schemas) {
      const data = schema.read(value)
      if (data !== no) return data
    }
    return no
  })

/** By a field that differs: as a union, of which one at most can fit. */
export const discriminatedUnion = (_by: string, schemas: readonly Schema[]): Schema => union(schemas)

export const pipe = (first: Schema, second: Schema): Schema =>
  new Schema((value) => {
    const data = first.read(value)
    return data === no ? no : second.read(data)
  })
export const transform = (change: (value: never) => unknown): Schema =>
  // Stands behind a schema that has let nothing else through.
  new Schema((value) => change(value as never))

// Checks. Each stands behind a schema of what it compares.

const sized = (value: unknown): number => (value as { length: number }).length
export const minLength =
  (least: number): Check =>
  (value) =>
    sized(value) >= least
export const maxLength =
  (most: number): Check =>
  (value) =>
    sized(value) <= most
export const gte =
  (least: number): Check =>
  (value) =>
    (value as number) >= least
export const lte =
  (most: number): Check =>
  (value) =>
    (value as number) <= most
export const regex =
  (pattern: RegExp): Check =>
  (value) =>
    pattern.test(value as string)
export const refine =
  <T>(isAllowed: (value: T) => boolean): Check =>
  (value) =>
    isAllowed(value as T)

import type { CallingError } from '../calling-error.ts'
import type { Watcher } from '../media/picture.ts'
import type { StreamSize } from './contract/streams.ts'

/** Where a picture is shown. */
export type Screen = Watcher & {
  /** There will be no picture, or no more. */
  over(error: CallingError): void
}

/** The door through which a renderer gets at a picture. A symbol, because apps wrap and look into these objects. */
export const drawn = Symbol('drawn')

/** A stream that can be shown. */
export type Drawable = {
  readonly isAvailable: boolean
  /** Gives the screen its picture until the returned function is called. */
  [drawn](screen: Screen): () => void
  /** A frame of this size has been shown. */
  framed(size: StreamSize): void
  /** A screen has another size. */
  resized(): void
}

export const isDrawable = (stream: unknown): stream is Drawable =>
  typeof stream === 'object' && stream !== null && drawn in stream

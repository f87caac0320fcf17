/** What participants say to each other beside sound and picture. It passes through and is kept nowhere. */
import * as z from 'zod/mini'
import { maxDataBytes } from './limits.ts'
import { Tones } from './phones.ts'

const base64 = z
  .string()
  .check(
    z.maxLength(Math.ceil(maxDataBytes / 3) * 4, { error: 'is more than 32 KiB' }),
    z.regex(/^[A-Za-z0-9+/]*={0,2}$/),
  )

/** ACS: Reaction, RealTimeText and DataChannel. */
export const Saying = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('reaction'), reaction: z.enum(['like', 'heart', 'laugh', 'applause', 'surprised']) }),
  /** Text while it is typed: the same `sequence` again replaces what was there, until it is final. */
  z.object({
    kind: z.literal('text'),
    sequence: z.int().check(z.gte(0)),
    text: z.string().check(z.maxLength(4_000)),
    isFinal: z.boolean(),
  }),
  z.object({ kind: z.literal('data'), channel: z.int().check(z.gte(0), z.lte(65_535)), data: base64 }),
  /** Keys that were pressed on a phone; said by phones alone. */
  z.object({ kind: z.literal('tones'), tones: Tones }),
  /** Diagnostics of one's own device, for those who asked to hear of the others' (ACS: remote diagnostics). */
  z.object({
    kind: z.literal('diagnostic'),
    diagnostic: z.string().check(z.maxLength(64)),
    value: z.union([z.boolean(), z.number()]),
    valueType: z.enum(['DiagnosticFlag', 'DiagnosticQuality']),
  }),
])
export type Saying = z.infer<typeof Saying>

const Score = z.optional(
  z.object({
    score: z.int().check(z.gte(0), z.lte(100)),
    scale: z.optional(z.object({ lowerBound: z.int(), upperBound: z.int(), lowScoreThreshold: z.int() })),
    issues: z.optional(z.array(z.string().check(z.maxLength(64))).check(z.maxLength(32))),
  }),
)
/** How someone found a call (ACS: CallSurvey). At least one of the four is there. */
export const Survey = z
  .object({ overallRating: Score, audioRating: Score, videoRating: Score, screenshareRating: Score })
  .check(z.refine((survey) => Object.values(survey).some((rating) => rating !== undefined), 'has no rating'))
export type Survey = z.infer<typeof Survey>

/** Telephones in a call: what they speak, how far the network has got with them, and how one is dialled. */
import * as z from 'zod/mini'
import { maxTones } from './limits.ts'
import { PhoneNumber } from './raw-id.ts'

/** What a phone and a browser both speak, so that nothing has to be transcoded between two of them (RFC 7874). */
export const PhoneCodec = z.enum(['PCMU', 'PCMA'])
export type PhoneCodec = z.infer<typeof PhoneCodec>

/** How far the network has got with a phone that is dialled: it rings, or it sends sound before the answer. */
export const PhoneProgress = z.enum(['alerting', 'early'])
export type PhoneProgress = z.infer<typeof PhoneProgress>

/** Keys of a telephone, pressed one after the other. */
export const Tones = z.string().check(
  z.minLength(1),
  z.maxLength(maxTones, { error: `may have at most ${maxTones} keys` }),
  z.regex(/^[0-9*#A-D]+$/, {
    error: 'has something that is no key of a telephone (0 to 9, *, #, A to D)',
  }),
)
export type Tones = z.infer<typeof Tones>

/** Stands among the trunks of a Dial for the phones that have registered at the sip node itself. */
export const softphones = 'softphones'

/** Which number is to be dialled, as whom, and over which trunks, in the order in which they are tried. */
export const Dial = z.object({
  number: PhoneNumber,
  /** What the phone shows. Absent towards phones that have registered here. */
  callerId: z.optional(PhoneNumber),
  /** The network may know the caller's number, and the phone may not show it. */
  isHidden: z.boolean(),
  trunks: z.array(z.string()).check(z.minLength(1), z.maxLength(16)),
})
export type Dial = z.infer<typeof Dial>

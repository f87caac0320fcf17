/** The bodies of the doors of numbers. */
import * as z from 'zod/mini'
import type { OwnNumber } from '../../phones/own-number.ts'
import { notAnObject } from '../raw-body.ts'

const text = (name: string) => z.string(`${name} must be a text.`)
const targetSays = 'target must name one of user, groupId, roomId and webhook.'

/** Who gets the calls to a number: one of these. What they hold is checked against the resource. */
const TargetBody = z
  .object(
    {
      user: z.optional(text('target.user')),
      groupId: z.optional(text('target.groupId')),
      roomId: z.optional(text('target.roomId')),
      webhook: z.optional(text('target.webhook')),
    },
    targetSays,
  )
  .check(z.refine((target) => Object.values(target).filter((one) => one !== undefined).length === 1, targetSays))
export type TargetBody = z.infer<typeof TargetBody>

/** Without a target a number is only shown; without trunks all of them may show it; hidden, calls are placed in its name alone. */
export const NumberBody = z.object(
  {
    target: z.nullish(TargetBody),
    trunks: z.nullish(z.array(text('A trunk'), 'trunks must be a list of FQDNs.').check(z.maxLength(250))),
    isHidden: z.nullish(z.boolean('isHidden must be true or false.')),
  },
  notAnObject,
)
export type NumberBody = z.infer<typeof NumberBody>

export const NumberModel = z.object({
  phoneNumber: z.string(),
  target: z.optional(TargetBody),
  trunks: z.optional(z.array(z.string())),
  isHidden: z.optional(z.literal(true)),
  /** What was made by SIP_NUMBERS is changed there, or settled anew here. */
  source: z.enum(['api', 'environment']),
})
export type NumberModel = z.infer<typeof NumberModel>

export const NumberList = z.object({ value: z.array(NumberModel), nextLink: z.optional(z.string()) })
export type NumberList = z.infer<typeof NumberList>

export type ShownNumber = OwnNumber & { source: NumberModel['source'] }

export function numberModelOf({ number, target, trunks, isHidden, source }: ShownNumber): NumberModel {
  return {
    phoneNumber: number,
    ...(target === undefined ? {} : { target }),
    ...(trunks === undefined ? {} : { trunks }),
    ...(isHidden === undefined ? {} : { isHidden }),
    source,
  }
}

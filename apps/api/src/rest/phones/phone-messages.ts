/** The bodies of the doors that show and settle what concerns all phone calls. */
import { endOf } from '@parley/protocol'
import * as z from 'zod/mini'
import type { PhoneBook } from '../../phones/phone-book.ts'
import type { PhoneCall } from '../../phones/phone-store.ts'
import { notAnObject } from '../raw-body.ts'

const limit = (name: string) => {
  const says = `${name} must be a whole number from 0 to 100000.`
  return z.int(says).check(z.gte(0, says), z.lte(100_000, says))
}

const settings = {
  /** New phone calls are refused both ways (503 with Retry-After), those that run go on. */
  draining: z.boolean('draining must be true or false.'),
  callsAtOncePerUser: limit('callsAtOncePerUser'),
  callsPerMinutePerUser: limit('callsPerMinutePerUser'),
}

export const PhoneSettings = z.object(settings)
export type PhoneSettings = z.infer<typeof PhoneSettings>

/** What is absent stays. */
export const PhoneSettingsUpdate = z.object(
  {
    draining: z.optional(settings.draining),
    callsAtOncePerUser: z.optional(settings.callsAtOncePerUser),
    callsPerMinutePerUser: z.optional(settings.callsPerMinutePerUser),
  },
  notAnObject,
)
export type PhoneSettingsUpdate = z.infer<typeof PhoneSettingsUpdate>

export function phoneSettingsOf({ isDraining, perUser }: PhoneBook): PhoneSettings {
  return {
    draining: isDraining,
    callsAtOncePerUser: perUser.callsAtOnce,
    callsPerMinutePerUser: perUser.callsPerMinute,
  }
}

export const PhoneCallModel = z.object({
  id: z.string(),
  callId: z.string(),
  /** The phone's place in the call (ACS: participantId). */
  participantId: z.string(),
  direction: z.enum(['in', 'out']),
  /** The user who dialled. */
  rawId: z.optional(z.string()),
  from: z.optional(z.string()),
  to: z.string(),
  trunk: z.optional(z.string()),
  beganAt: z.iso.datetime(),
  answeredAt: z.optional(z.iso.datetime()),
  endedAt: z.optional(z.iso.datetime()),
  /** Why it ended, as its callers were told. */
  end: z.optional(z.object({ code: z.number(), subCode: z.number(), message: z.string() })),
  sipStatus: z.optional(z.number()),
})
export type PhoneCallModel = z.infer<typeof PhoneCallModel>

export const PhoneCallList = z.object({ value: z.array(PhoneCallModel), nextLink: z.optional(z.string()) })
export type PhoneCallList = z.infer<typeof PhoneCallList>

export function phoneCallModelOf(call: PhoneCall): PhoneCallModel {
  const { id, callId, legId, direction, user, from, to, trunk, beganAt, answeredAt, endedAt, reason, sipStatus } = call
  return {
    id,
    callId,
    participantId: legId,
    direction,
    ...(user === undefined ? {} : { rawId: user }),
    ...(from === undefined ? {} : { from }),
    to,
    ...(trunk === undefined ? {} : { trunk }),
    beganAt: new Date(beganAt).toISOString(),
    ...(answeredAt === undefined ? {} : { answeredAt: new Date(answeredAt).toISOString() }),
    ...(endedAt === undefined ? {} : { endedAt: new Date(endedAt).toISOString() }),
    ...(reason === undefined ? {} : { end: shownEnd(reason) }),
    ...(sipStatus === undefined ? {} : { sipStatus }),
  }
}

function shownEnd(reason: NonNullable<PhoneCall['reason']>): NonNullable<PhoneCallModel['end']> {
  const { code, subCode, message } = endOf(reason)
  return { code, subCode, message }
}

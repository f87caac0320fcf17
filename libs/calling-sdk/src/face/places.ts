import { Place } from '@parley/protocol'
import { failed } from '../calling-error.ts'
import type { CallLocator } from './contract/agent.ts'

/** Where a locator leads. Throws *malformedPlace*, or *notSupported* for meetings of Teams. An app without types may give anything. */
export function placeOf(locator: CallLocator): Place {
  if (typeof locator !== 'object' || locator === null) throw failed('malformedPlace')
  if ('meetingLink' in locator || 'meetingId' in locator)
    throw failed('notSupported', { detail: 'Parley has no meetings of Teams.' })
  const read = Place.safeParse(locator)
  if (!read.success) throw failed('malformedPlace', { cause: read.error })
  return read.data
}

/** Users whom a server app names: they have to be of its own resource. */
import { asUserId, type ResourceId, type UserId } from '@parley/protocol'
import { AcsError } from './acs-error.ts'

/** Reads the rawId of a user of this resource. @throws AcsError 400 */
export function ownUser(resourceId: ResourceId, rawId: string): UserId {
  const user = asUserId(rawId)
  if (user === undefined) {
    throw new AcsError(400, 'BadRequest', 'The identifier of a participant is no communication user of this platform.')
  }
  if (!user.startsWith(`8:acs:${resourceId}_`)) {
    throw new AcsError(400, 'BadRequest', 'A participant is a user of another resource.')
  }
  return user
}

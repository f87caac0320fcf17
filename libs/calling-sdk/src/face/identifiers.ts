import { anonymousPhone, asPhoneNumber, isPhone, type PhoneNumber, RawId } from '@parley/protocol'
import { failed } from '../calling-error.ts'
import type {
  CommunicationIdentifier,
  CommunicationIdentifierKind,
  PhoneNumberIdentifier,
} from './contract/identifiers.ts'

/** The rawId of an identifier (ACS: getIdentifierRawId). Throws *malformedId* for what cannot be one. */
export function rawIdOf(identifier: CommunicationIdentifier): RawId {
  const read = RawId.safeParse(spelled(identifier))
  if (!read.success) throw failed('malformedId', { cause: read.error })
  return read.data
}

/** An app without types may give anything. */
function spelled(identifier: CommunicationIdentifier): unknown {
  if (typeof identifier !== 'object' || identifier === null) return undefined
  if ('communicationUserId' in identifier)
    return isUser(identifier.communicationUserId) ? identifier.communicationUserId : undefined
  if ('rawId' in identifier && identifier.rawId !== undefined) return identifier.rawId
  if ('phoneNumber' in identifier) return `4:${identifier.phoneNumber}`
  if ('microsoftTeamsUserId' in identifier) return `8:orgid:${identifier.microsoftTeamsUserId}`
  if ('teamsAppId' in identifier) return `28:orgid:${identifier.teamsAppId}`
  if ('tenantId' in identifier) return `8:acs:${identifier.resourceId}_${identifier.tenantId}_${identifier.userId}`
  return 'id' in identifier ? identifier.id : undefined
}

const isUser = (id: unknown): boolean => typeof id === 'string' && id.startsWith('8:')

/** What phones are to show, where an app says so. Throws *malformedId* for what is no number. */
export function callerIdIn(options: { alternateCallerId?: PhoneNumberIdentifier }): { callerId?: PhoneNumber } {
  if (options.alternateCallerId === undefined) return {}
  const callerId = asPhoneNumber(rawIdOf(options.alternateCallerId))
  if (callerId === undefined) throw failed('malformedId')
  return { callerId }
}

/** The identifier that a rawId spells (ACS: createIdentifierFromRawId). */
export function identifierOf(rawId: RawId): CommunicationIdentifierKind {
  if (rawId === anonymousPhone) return { kind: 'phoneNumber', phoneNumber: 'anonymous', isAnonymous: true, rawId }
  if (isPhone(rawId)) return { kind: 'phoneNumber', phoneNumber: rawId.slice(2), rawId }
  // Two underscores would make it a user of Teams, of whom this platform has none.
  if (/^8:(acs|spool|dod-acs|gcch-acs):[^:_]+(_[^:_]+)?$/.test(rawId)) {
    return { kind: 'communicationUser', communicationUserId: rawId }
  }
  return { kind: 'unknown', id: rawId }
}

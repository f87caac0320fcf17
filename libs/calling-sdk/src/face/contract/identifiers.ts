/** Who can be in a call (ACS: the identifiers and the credential of @azure/communication-common, by shape). */

/** What createCallAgent takes: Microsoft's AzureCommunicationTokenCredential fits, and so does anything of this shape. */
export interface CommunicationTokenCredential {
  getToken(): Promise<{ token: string; expiresOnTimestamp: number }>
  dispose(): void
}

export interface CommunicationUserIdentifier {
  communicationUserId: string
}
export interface PhoneNumberIdentifier {
  phoneNumber: string
  rawId?: string
  /** Set for a phone that does not show its number; `phoneNumber` is `anonymous` then. */
  isAnonymous?: boolean
}
export interface MicrosoftTeamsUserIdentifier {
  microsoftTeamsUserId: string
  rawId?: string
}
export interface MicrosoftTeamsAppIdentifier {
  teamsAppId: string
  rawId?: string
}
export interface TeamsExtensionUserIdentifier {
  userId: string
  tenantId: string
  resourceId: string
  rawId?: string
}
export interface UnknownIdentifier {
  id: string
}

/** An identifier as an app gives it. Nobody of Teams is reached. */
export type CommunicationIdentifier =
  | CommunicationUserIdentifier
  | PhoneNumberIdentifier
  | MicrosoftTeamsUserIdentifier
  | MicrosoftTeamsAppIdentifier
  | TeamsExtensionUserIdentifier
  | UnknownIdentifier

/** An identifier as the SDK gives it: it says of which kind it is. */
export type CommunicationIdentifierKind =
  | (CommunicationUserIdentifier & { kind: 'communicationUser' })
  | (PhoneNumberIdentifier & { kind: 'phoneNumber' })
  | (UnknownIdentifier & { kind: 'unknown' })

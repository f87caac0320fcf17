/** What one may do in a call (ACS: Capabilities). Complete from the first moment: apps read every name without asking. */

export type CapabilityReason = 'Capable' | 'FeatureNotSupported'
export type Capability = { isPresent: boolean; reason: CapabilityReason }

const names = [
  'turnVideoOn',
  'unmuteMic',
  'shareScreen',
  'removeParticipant',
  'hangUpForEveryOne',
  'addCommunicationUser',
  'addTeamsUser',
  'addPhoneNumber',
  'manageLobby',
  'spotlightParticipant',
  'removeParticipantsSpotlight',
  'blurBackground',
  'startLiveMeetingCaptions',
  'startLiveCallingCaptions',
  'setCaptionLanguage',
  'raiseHand',
  'pstnDialOut',
  'muteOthers',
  'useReactions',
  'viewAttendeeNames',
  'startTogetherMode',
  'joinBreakoutRooms',
  'forbidOthersAudio',
  'forbidOthersVideo',
  'realTimeText',
] as const
export type CapabilityName = (typeof names)[number]

const capable: readonly CapabilityName[] = ['turnVideoOn', 'unmuteMic']

export function capabilities(): Record<CapabilityName, Capability> {
  const entries = names.map((name): [CapabilityName, Capability] => {
    const isPresent = capable.includes(name)
    return [name, { isPresent, reason: isPresent ? 'Capable' : 'FeatureNotSupported' }]
  })
  // Made of all names, one each.
  return Object.fromEntries(entries) as Record<CapabilityName, Capability>
}

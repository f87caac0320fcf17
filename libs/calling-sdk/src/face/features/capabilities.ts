/** What one may do in a call (ACS: Capabilities). Complete from the first moment: apps read every name without asking. */
import type { CallView, Right, Source } from '@parley/protocol'
import type { Emitter } from '../emitter.ts'
import { ofCall } from './feature.ts'

export type CapabilityReason =
  | 'Capable'
  | 'RoleRestricted'
  | 'MeetingRestricted'
  | 'CapabilityNotApplicableForTheCallType'
  | 'FeatureNotSupported'
  | 'NotInitialized'
export type Capability = { isPresent: boolean; reason: CapabilityReason }

/** The right behind each; `true` is what everyone may, `false` what this platform does not have. */
const rights = {
  turnVideoOn: 'sendPicture',
  unmuteMic: 'speak',
  shareScreen: 'shareScreen',
  removeParticipant: 'remove',
  hangUpForEveryOne: 'endForAll',
  addCommunicationUser: 'add',
  addTeamsUser: false,
  addPhoneNumber: 'dialOut',
  manageLobby: 'admit',
  spotlightParticipant: 'spotlightOthers',
  removeParticipantsSpotlight: 'spotlightOthers',
  blurBackground: false,
  startLiveMeetingCaptions: false,
  startLiveCallingCaptions: false,
  setCaptionLanguage: false,
  raiseHand: 'raiseHand',
  pstnDialOut: 'dialOut',
  muteOthers: 'muteOthers',
  useReactions: 'react',
  viewAttendeeNames: true,
  startTogetherMode: false,
  joinBreakoutRooms: false,
  forbidOthersAudio: 'forbidMedia',
  forbidOthersVideo: 'forbidMedia',
  realTimeText: 'write',
} as const satisfies Record<string, Right | boolean>
export type CapabilityName = keyof typeof rights
export type CapabilityMap = Record<CapabilityName, Capability>

const sources: Partial<Record<Right, Source>> = { speak: 'microphone', sendPicture: 'camera', shareScreen: 'screen' }

export function capabilitiesOf(view: CallView | undefined): CapabilityMap {
  const entries = Object.entries(rights).map(([name, right]): [string, Capability] => {
    const reason = reasonFor(right, view)
    return [name, { isPresent: reason === 'Capable', reason }]
  })
  // Made of all names, one each.
  return Object.fromEntries(entries) as CapabilityMap
}

function reasonFor(right: Right | boolean, view: CallView | undefined): CapabilityReason {
  if (right === false) return 'FeatureNotSupported'
  if (view === undefined) return 'NotInitialized'
  if (right === true) return 'Capable'
  const source = sources[right]
  if (source !== undefined && view.forbidden.includes(source)) return 'MeetingRestricted'
  if (view.may.includes(right)) return 'Capable'
  // A presenter may all that a room has; nobody ends it for all. Elsewhere nobody has a role.
  const hasRole = view.role !== undefined && view.role !== 'Presenter' && right !== 'endForAll'
  return hasRole ? 'RoleRestricted' : 'CapabilityNotApplicableForTheCallType'
}

type Change = {
  /** What changed, and nothing else. */
  oldValue: Partial<CapabilityMap>
  newValue: Partial<CapabilityMap>
  reason: 'RoleChanged' | 'MeetingOptionOrOrganizerPolicyChanged'
}

/** ACS: Capabilities. The first view of a call counts as a change of role: before it nobody knows what he may. */
export const Capabilities = ofCall(
  'Capabilities',
  (context, events: Emitter<{ capabilitiesChanged: (change: Change) => void }>, until) => {
    let seen = context.view()
    let capabilities = capabilitiesOf(seen)
    until(
      context.onView((view) => {
        const reason =
          seen === undefined || seen.role !== view.role ? 'RoleChanged' : 'MeetingOptionOrOrganizerPolicyChanged'
        const [before, now] = [capabilities, capabilitiesOf(view)]
        seen = view
        const changed = (Object.keys(now) as CapabilityName[]).filter((key) => before[key].reason !== now[key].reason)
        if (changed.length === 0) return
        capabilities = now
        const part = (of: CapabilityMap): Partial<CapabilityMap> =>
          Object.fromEntries(changed.map((key) => [key, of[key]]))
        events.emit('capabilitiesChanged', { oldValue: part(before), newValue: part(now), reason })
      }),
    )
    return {
      get capabilities(): CapabilityMap {
        return capabilities
      },
    }
  },
)

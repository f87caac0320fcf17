/** The small tables that apps compare with (ACS: enumerations of the same names). */

export const CallAgentKind = { CallAgent: 'CallAgent', TeamsCallAgent: 'TeamsCallAgent' } as const
export const CallKind = { Call: 'Call', TeamsCall: 'TeamsCall' } as const
export const IncomingCallKind = { IncomingCall: 'IncomingCall', TeamsIncomingCall: 'TeamsIncomingCall' } as const
export const DevicePermissionAccess = { granted: 'granted', denied: 'denied', prompt: 'prompt' } as const
export const RecordingState = { None: 0, Started: 1, Paused: 2, Ended: 3 } as const

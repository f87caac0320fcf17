/** The agent of one identity (ACS: CallAgent), and how it and its client are made. */
import type { Logger } from '../../log.ts'
import type { AudioOptions, Call, IncomingCall, VideoOptions } from './call.ts'
import type { CollectionUpdatedEvent } from './events.ts'
import type { CommunicationIdentifier, PhoneNumberIdentifier } from './identifiers.ts'

export interface CallClientOptions {
  /** Hears what the SDK does. Without one only bugs reach the console. */
  logger?: Logger
  /** Taken, and not used. */
  diagnostics?: { appName?: string; appVersion?: string; tags?: string[] }
}
export interface CallAgentOptions {
  /** What others see; at most 256 characters. */
  displayName?: string
}

export interface StartCallOptions {
  videoOptions?: VideoOptions
  audioOptions?: AudioOptions
  alternateCallerId?: PhoneNumberIdentifier
}
export type JoinCallOptions = Pick<StartCallOptions, 'videoOptions' | 'audioOptions'>
export type CallLocator =
  | { groupId: string }
  | { roomId: string }
  | { meetingLink: string }
  | { meetingId: string; passcode?: string }

export type ConnectionState = 'Connected' | 'Disconnected'
export interface ConnectionStateChange {
  oldValue: ConnectionState
  newValue: ConnectionState
  /** The token was not accepted and there is no other one, or the way to the server stayed closed for two minutes. */
  reason?: 'invalidToken' | 'connectionIssue'
}
export interface CallAgentEvents {
  incomingCall: (args: { incomingCall: IncomingCall }) => void
  callsUpdated: CollectionUpdatedEvent<Call>
  connectionStateChanged: (args: ConnectionStateChange) => void
  /** Part of the contract; not raised in this version. */
  handleIncomingCall: (args: { callId: string; participantId: string; code: number; subCode?: number }) => void
}

export interface CallAgent {
  readonly kind: 'CallAgent'
  readonly calls: readonly Call[]
  readonly displayName?: string
  /** Once Disconnected it stays so; an app makes another agent then. A short outage does not show. */
  readonly connectionState: ConnectionState
  /** Throws 400/10044 for an identifier that cannot be read. Whatever else goes wrong ends the call. Several people are a group from the start. Connected calls are put on hold. */
  startCall(participants: CommunicationIdentifier[], options?: StartCallOptions): Call
  /**
   * Goes where people meet. Throws 400/5751 for what is no id of a group (a GUID) or room, *notSupported* for meetings
   * of Teams. Whatever else goes wrong ends the call. Connected calls are put on hold.
   */
  join(locator: CallLocator, options?: JoinCallOptions): Call
  /** Ends its calls. */
  dispose(): Promise<void>
  on<E extends keyof CallAgentEvents>(event: E, listener: CallAgentEvents[E]): void
  off<E extends keyof CallAgentEvents>(event: E, listener: CallAgentEvents[E]): void
}

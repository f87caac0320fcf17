import type { AgentCore } from './agent-core.ts'
import type {
  CallAgent,
  CallAgentEvents,
  CallLocator,
  ConnectionState,
  JoinCallOptions,
  StartCallOptions,
} from './contract/agent.ts'
import type { Call } from './contract/call.ts'
import type { CommunicationIdentifier } from './contract/identifiers.ts'

/** What an app holds of an agent. It only reads and hands on: an app's library may stand in its place with a Proxy. */
export class ParleyCallAgent implements CallAgent {
  readonly kind = 'CallAgent'
  readonly displayName?: string
  private readonly core: AgentCore

  constructor(core: AgentCore) {
    this.core = core
    if (core.displayName !== undefined) this.displayName = core.displayName
  }

  get calls(): Call[] {
    return this.core.callList
  }
  get connectionState(): ConnectionState {
    return this.core.connectionState
  }

  startCall(participants: CommunicationIdentifier[], options: StartCallOptions = {}): Call {
    return this.core.startCall(participants, options)
  }
  join(locator: CallLocator, options: JoinCallOptions = {}): Call {
    return this.core.join(locator, options)
  }
  async dispose(): Promise<void> {
    return this.core.dispose()
  }

  on<E extends keyof CallAgentEvents>(event: E, listener: CallAgentEvents[E]): void {
    this.core.on(event, listener)
  }
  off<E extends keyof CallAgentEvents>(event: E, listener: CallAgentEvents[E]): void {
    this.core.off(event, listener)
  }
}

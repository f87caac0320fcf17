import { failed } from '../calling-error.ts'
import { systemClock } from '../link/clock.ts'
import { logTo } from '../log.ts'
import { Playback } from '../media/playback.ts'
import type { AgentCore } from './agent-core.ts'
import { ParleyCallAgent } from './call-agent.ts'
import type { CallAgent, CallAgentOptions, CallClientOptions } from './contract/agent.ts'
import type { DeviceManager } from './contract/devices.ts'
import type { CallClientFeatureFactory } from './contract/features.ts'
import type { CommunicationTokenCredential } from './contract/identifiers.ts'
import { Devices } from './device-manager.ts'
import { FeatureShelf } from './features/shelf.ts'
import { openAgent } from './open-agent.ts'

/** The way in: makes agents, and knows the devices (ACS: CallClient). */
export class CallClient {
  private readonly log: ReturnType<typeof logTo>
  private readonly playback: Playback
  private readonly devices: Devices
  private readonly features = new FeatureShelf()
  private readonly agents = new Set<AgentCore>()

  constructor(options: CallClientOptions = {}) {
    this.log = logTo(options.logger)
    this.playback = new Playback(this.log)
    this.devices = new Devices(this.log)
    this.devices.on('selectedSpeakerChanged', () => this.playback.useSpeaker(this.devices.speakerId))
  }

  /**
   * Connects an identity. Settles within 10 s: rejects with 401/10009 for a token that is not accepted, 409/40228 when
   * the identity has an agent in this page, 408/40104 when nobody answers.
   */
  async createCallAgent(credential: CommunicationTokenCredential, options: CallAgentOptions = {}): Promise<CallAgent> {
    const agent = await openAgent(credential, options, {
      devices: this.devices,
      playback: this.playback,
      log: this.log,
    })
    this.agents.add(agent)
    // Once it is of no use there is nothing to dispose.
    agent.on('connectionStateChanged', () => this.agents.delete(agent))
    return new ParleyCallAgent(agent)
  }

  /** Not supported in this version. */
  async createTeamsCallAgent(): Promise<never> {
    throw failed('notSupported')
  }

  /** The same one every time. */
  async getDeviceManager(): Promise<DeviceManager> {
    await this.devices.refresh()
    return this.devices.face
  }

  feature<T>(factory: CallClientFeatureFactory<T>): T {
    const { devices, playback, log } = this
    const open = (credential: CommunicationTokenCredential) => openAgent(credential, {}, { devices, playback, log })
    return this.features.get(factory, () => factory.callClientApi({ clock: systemClock, log, openAgent: open }))
  }

  /** Disposes its agents, and ends their calls. */
  async dispose(): Promise<void> {
    const agents = [...this.agents]
    this.agents.clear()
    await Promise.all(agents.map((agent) => agent.dispose()))
    this.devices.close()
  }
}

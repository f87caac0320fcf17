/** An agent as an app gets it, on a real link to a stand-in of the api; the clock moves when it is told to. */
import type { types } from 'mediasoup-client'
import { AgentCore } from '../src/face/agent-core.ts'
import { ParleyCallAgent } from '../src/face/call-agent.ts'
import type { CallAgent } from '../src/face/contract/agent.ts'
import { Devices } from '../src/face/device-manager.ts'
import { Legs } from '../src/link/legs.ts'
import { Link } from '../src/link/link.ts'
import { linkLimits } from '../src/link/link-options.ts'
import { silent } from '../src/log.ts'
import { Playback } from '../src/media/playback.ts'
import { type ApiSocket, ApiStandIn } from './api-stand-in.ts'
import { TestClock } from './test-clock.ts'

export type Situation = {
  agent: CallAgent
  core: AgentCore
  api: ApiStandIn
  socket: ApiSocket
  clock: TestClock
  close(): Promise<void>
}

/** Connects. There is no browser here, so there is no microphone, and media is asked for but never built. */
export async function connected(): Promise<Situation> {
  const api = await ApiStandIn.open()
  const clock = new TestClock()
  const link = new Link(
    {
      url: api.url,
      device: 'device-1',
      displayName: 'Ann',
      token: async () => 'token',
      clock,
      log: silent,
      limits: linkLimits,
    },
    {
      event: (event) => core.take(event),
      calls: () => legs.callIds,
      snapshot: (calls) => legs.snapshot(calls),
      up: () => core.up(),
      away: () => core.away(),
      closed: (end) => core.linkClosed(end),
    },
  )
  const legs = new Legs(
    link,
    { clock, log: silent },
    { incoming: (leg) => core.rang(leg), busy: (isBusy) => link.setInCall(isBusy) },
  )
  // All that is looked at before there are transports.
  const device = Promise.resolve({ recvRtpCapabilities: {} } as types.Device)
  const media = { device, playback: new Playback(silent), clock, log: silent }
  const core = new AgentCore({ link, legs, devices: new Devices(silent), clock, log: silent, media }, 'Ann', {
    over: () => {},
  })
  const opening = link.open()
  const socket = await api.socket()
  socket.answersPings = true
  await socket.welcomes()
  await opening
  const close = async (): Promise<void> => {
    const closing = core.dispose()
    clock.pass(1000)
    await closing
    await api.close()
  }
  return { agent: new ParleyCallAgent(core), core, api, socket, clock, close }
}

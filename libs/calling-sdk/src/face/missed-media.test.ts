/** What is told of a call's media when nobody seems to wait for it: lost, it would leave somebody unheard for ever. */
import { beforeEach, describe, expect, it } from '@jest/globals'
import { become, browser, joined, MediaDesk, sound } from '../../test/media-desk.ts'
import { TestClock } from '../../test/test-clock.ts'
import { ann, callId, view } from '../../test/views.ts'
import { Leg } from '../link/leg.ts'
import { silent } from '../log.ts'
import type { AgentParts } from './agent-parts.ts'
import { Devices } from './device-manager.ts'
import { Diagnostics } from './features/diagnostics.ts'
import { IncomingCore } from './incoming-call.ts'
import { OwnMedia } from './own-media.ts'

let here: Awaited<ReturnType<typeof browser>>
let desk: MediaDesk
let agent: AgentParts
let leg: Leg

beforeEach(async () => {
  here = await browser()
  desk = new MediaDesk()
  const clock = new TestClock()
  const playback = { play: () => ({ setMuted: () => {}, stop: () => {} }) }
  const media = { device: Promise.resolve(here.device), playback, clock, log: silent }
  // As much of an agent as media asks for.
  agent = { media, clock, log: silent, devices: new Devices(silent) } as unknown as AgentParts
  // A desk takes any verb.
  const request = (verb: string, body: object) => desk.ask(verb as never, body as never) as never
  leg = new Leg(callId(1), { isUp: true, user: ann, request }, { clock: new TestClock(), log: silent })
})

describe('a call that rings', () => {
  it('builds its media anew when the server was another one meanwhile, and no view says so', async () => {
    leg.see(view({ state: 'Ringing', direction: 'Incoming' }))
    const incoming = new IncomingCore(agent, leg, { answer: () => Promise.reject(new Error()), ended: () => {} })
    incoming.warmUp()
    ;(await desk.hears('media.join')).answers({ media: joined(1) })
    for (const asked of [await desk.next(), await desk.next()]) asked.answers({ id: asked.verb })
    become(here.transports, 'connected')
    leg.missedMedia()
    expect((await desk.hears('media.join')).body).toMatchObject({ join: { generation: 2 } })
  })
})

describe('a call that is placed', () => {
  it('hears a sound of which it is told before the reply to the start', async () => {
    const on = new Proxy({} as ConstructorParameters<typeof OwnMedia>[0]['on'], { get: () => () => {} })
    const options = { audioOptions: { muted: true } }
    const own = new OwnMedia({ agent, leg, options, diagnostics: new Diagnostics(), on })
    const consumer = sound()
    own.hear({ event: 'media.consumer', body: { callId: callId(1), generation: 1, consumer } })
    await own.use(joined(1))
    const asked = [await desk.next(), await desk.next()]
    expect(asked.find(({ verb }) => verb === 'media.receive')?.body).toMatchObject({ resume: [consumer.id] })
  })
})

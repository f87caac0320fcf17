/** From the moment at which a caller sends call.start to the moment at which the callee is told of the call. */
import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import type { Platform } from '../support/platform.ts'
import { Agent, frameOf, newUser } from './agent.ts'
import { Peer } from './peer.ts'
import { Reference } from './reference.ts'
import { lineOf, quantile, takeTurns, type Measured } from './rounds.ts'
import { makeTable, stateOf } from './platform-under-test.ts'

const rounds = 5
/** One after another: what is asked is how long one call takes to ring, not how many can. */
const callsPerRound = 80
/** Between two calls, so that what the last one left to be cleared away is not measured with the next. */
const pauseMs = 20

export async function ringTime(platform: Platform): Promise<Measured> {
  const [ann, bob] = [await newUser(platform), await newUser(platform)]
  const [caller, callee] = [await Agent.arrive(platform, ann), await Agent.arrive(platform, bob)]
  const sample = await oneCall(caller, callee)
  await makeTable(platform)
  const reference = await Reference.start('relay', {
    DATABASE_URL: platform.database.url,
    STATE: await stateOf(platform, sample.callId),
    INCOMING: sample.incoming,
  })
  const relayed = { from: await Peer.open(reference.socketUrl), to: await Peer.open(reference.socketUrl) }
  await relayed.to.ask(frameOf('hello', { user: bob.id }))

  const taken = await takeTurns(rounds, {
    ours: () => times(async () => (await oneCall(caller, callee)).tookMs),
    reference: () => times(() => oneRelay(relayed, caller.startOf(bob, randomUUID()))),
  })
  await Promise.all([caller.leave(), callee.leave(), relayed.from.close(), relayed.to.close()])
  await reference.stop()
  const share = (of: number) => ({
    ours: taken.ours.map((round) => quantile(round, of)),
    reference: taken.reference.map((round) => quantile(round, of)),
  })
  const all = { ours: [taken.ours.flat()], reference: [taken.reference.flat()] }
  const p99 = {
    ours: all.ours.map((one) => quantile(one, 0.99)),
    reference: all.reference.map((one) => quantile(one, 0.99)),
  }
  return {
    lines: [
      lineOf('startCall to incomingCall, median', share(0.5), inMs, { atMost: 1.5 }),
      lineOf(`startCall to incomingCall, 99th of 100`, p99, inMs, { atMost: 1.5 }),
    ],
    remarks: [`${rounds * callsPerRound} calls, one after another`],
  }
}

const inMs = (value: number): string => `${value.toFixed(1)} ms`

async function times(once: () => Promise<number>): Promise<number[]> {
  const all: number[] = []
  while (all.length < callsPerRound) {
    await delay(pauseMs)
    all.push(await once())
  }
  return all
}

async function oneCall(caller: Agent, callee: Agent): Promise<{ tookMs: number; callId: string; incoming: string }> {
  const callId = randomUUID()
  const rung = callee.peer.event('call.incoming')
  const fromMs = performance.now()
  const started = caller.startCall(callee.user, callId)
  const event = await rung
  const tookMs = performance.now() - fromMs
  const { body } = JSON.parse(event.toString()) as { body: object }
  await started
  const ended = callee.peer.event('call.ended')
  await caller.hangUp(callId)
  await ended
  return { tookMs, callId, incoming: JSON.stringify(body) }
}

async function oneRelay({ from, to }: { from: Peer; to: Peer }, start: object): Promise<number> {
  const rung = to.event('call.incoming')
  const frame = frameOf('call.start', start)
  const fromMs = performance.now()
  const replied = from.ask(frame)
  await rung
  const tookMs = performance.now() - fromMs
  await replied
  return tookMs
}

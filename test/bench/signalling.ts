/** Requests on the socket: those that change no call, and those that each commit a change of one. */
import { randomUUID } from 'node:crypto'
import type { Platform } from '../support/platform.ts'
import { Agent, frameOf, newUser } from './agent.ts'
import { Peer } from './peer.ts'
import { databasePids, makeTable, serverOf, stateOf } from './platform-under-test.ts'
import { rateOf, type Rate } from './rates.ts'
import { Reference } from './reference.ts'
import { lineOf, quantile, takeTurns, type Line, type Measured, type Taken } from './rounds.ts'

const rounds = 5
const roundMs = 2_000
/** So many clients ask at the same time; each waits for its reply before it asks again. */
const clients = 50

/** *ping*, beside a server that echoes the same frames. */
export async function requestsThatChangeNoCall(platform: Platform): Promise<Measured> {
  const reference = await Reference.start('echo')
  const user = await newUser(platform)
  const agents = await oneByOne(clients, () => Agent.arrive(platform, user))
  const echoed = await oneByOne(clients, () => Peer.open(reference.socketUrl))
  const ping = (): string => frameOf('ping', { seenSeq: 0 })
  const taken = await takeTurns(rounds, {
    ours: () =>
      rateOf(
        serverOf(platform),
        agents.map(
          ({ peer }) =>
            () =>
              peer.ask(ping()),
        ),
        roundMs,
      ),
    reference: () =>
      rateOf(
        { pid: reference.pid, databasePids: () => [] },
        echoed.map((peer) => () => peer.ask(ping())),
        roundMs,
      ),
  })
  await Promise.all([...agents.map((agent) => agent.leave()), ...echoed.map((peer) => peer.close())])
  await reference.stop()
  return { lines: [rateLine('requests that change no call, per processor second', taken, 0.8)], remarks: [load(taken)] }
}

/** *call.mute* of callers whose calls ring, beside a server that makes one commit for each such request. */
export async function requestsThatChangeACall(platform: Platform): Promise<Measured> {
  const ringing = await oneByOne(clients, () => ring(platform))
  const rows = ringing.map(() => randomUUID())
  const state = await stateOf(platform, ringing[0]?.callId ?? '')
  await makeTable(platform, rows, state)
  const reference = await Reference.start('commit', { DATABASE_URL: platform.database.url, STATE: state })
  const peers = await oneByOne(clients, () => Peer.open(reference.socketUrl))
  const taken = await takeTurns(rounds, {
    ours: () =>
      rateOf(
        serverOf(platform),
        ringing.map(({ caller, callId }) => muting(caller.peer, callId)),
        roundMs,
      ),
    reference: () =>
      rateOf(
        { pid: reference.pid, databasePids: () => databasePids(platform) },
        peers.map((peer, index) => muting(peer, rows[index] ?? '')),
        roundMs,
      ),
  })
  await Promise.all(ringing.flatMap(({ caller, callee }) => [caller.leave(), callee.leave()]))
  await Promise.all(peers.map((peer) => peer.close()))
  await reference.stop()
  const database = `PostgreSQL took ${databaseMs(taken.ours)} ms of processor time per request, for the reference ${databaseMs(taken.reference)} ms`
  return {
    lines: [rateLine('requests that change a call, per processor second', taken, 0.7)],
    remarks: [load(taken), database],
  }
}

/** One after another: of sockets that have not said hello, one address may have a few only. */
export async function oneByOne<T>(count: number, make: () => Promise<T>): Promise<T[]> {
  const made: T[] = []
  while (made.length < count) made.push(await make())
  return made
}

export function rateLine(what: string, { ours, reference }: Taken<Rate>, atLeast: number): Line {
  const perProcessorS = (rates: Rate[]): number[] => rates.map((rate) => rate.perProcessorS)
  const taken = { ours: perProcessorS(ours), reference: perProcessorS(reference) }
  return lineOf(what, taken, (rate) => Math.round(rate).toLocaleString('en'), { atLeast })
}

/** How hard the servers were driven. */
export function load({ ours, reference }: Taken<Rate>): string {
  const shown = (rates: Rate[]): string => Math.round(quantile(rates.map((rate) => rate.perS))).toLocaleString('en')
  return `driven at ${shown(ours)} requests a second, the reference at ${shown(reference)}`
}

function databaseMs(rates: Rate[]): string {
  return quantile(rates.map((rate) => rate.databaseMs)).toFixed(2)
}

type Ringing = { caller: Agent; callee: Agent; callId: string }

async function ring(platform: Platform): Promise<Ringing> {
  const [ann, bob] = [await newUser(platform), await newUser(platform)]
  const [caller, callee] = [await Agent.arrive(platform, ann), await Agent.arrive(platform, bob)]
  const callId = randomUUID()
  const rung = callee.peer.event('call.incoming')
  await caller.startCall(bob, callId)
  await rung
  return { caller, callee, callId }
}

function muting(peer: Peer, callId: string): () => Promise<Buffer> {
  let isMuted = false
  return () => {
    isMuted = !isMuted
    return peer.ask(frameOf('call.mute', { callId, isMuted }))
  }
}

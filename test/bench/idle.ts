/** What an agent that is connected and does nothing keeps of the process's memory. */
import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import type { Platform } from '../support/platform.ts'
import { Agent, newUser } from './agent.ts'
import { Peer } from './peer.ts'
import { Reference } from './reference.ts'
import { lineOf, type Measured } from './rounds.ts'
import { oneByOne } from './signalling.ts'

const agents = 1_000
/** Connected before the counting begins: the first ones make a process grow by what it keeps for all of them. */
const firstAgents = 300
const settleMs = 2_000

/** To be called first: what another benchmark has freed would hide what agents take. */
export async function idleAgents(platform: Platform): Promise<Measured> {
  const reference = await Reference.start('echo')
  const user = await newUser(platform)
  const ours = await bytesEach(platform.pid, () => Agent.arrive(platform, user))
  const bare = await bytesEach(reference.pid, () => Peer.open(reference.socketUrl))
  await Promise.all(ours.connected.map((agent) => agent.leave()))
  await Promise.all(bare.connected.map((peer) => peer.close()))
  await reference.stop()
  const perGiB = { ours: [2 ** 30 / ours.bytes], reference: [2 ** 30 / bare.bytes] }
  return {
    lines: [lineOf('idle agents per GiB', perGiB, (count) => Math.round(count).toLocaleString('en'), { atLeast: 0.5 })],
    remarks: [`${agents} of them: ${kiB(ours.bytes)} each, a bare socket ${kiB(bare.bytes)}`],
  }
}

async function bytesEach<T>(pid: number, connect: () => Promise<T>): Promise<{ bytes: number; connected: T[] }> {
  const first = await oneByOne(firstAgents, connect)
  await delay(settleMs)
  const before = residentBytes(pid)
  const counted = await oneByOne(agents, connect)
  await delay(settleMs)
  return { bytes: (residentBytes(pid) - before) / agents, connected: [...first, ...counted] }
}

function residentBytes(pid: number): number {
  const kiB = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return Number(kiB) * 1024
}

function kiB(bytes: number): string {
  return `${(bytes / 1024).toFixed(1)} KiB`
}

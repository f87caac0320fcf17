/** What an agent that is connected and does nothing keeps of the process's memory. */
import { freePorts } from '../support/ports.ts'
import { Agent, newUser } from './agent.ts'
import { inspectable, residentBytes } from './garbage.ts'
import { Peer } from './peer.ts'
import { startPlatform } from './platform-under-test.ts'
import { Reference } from './reference.ts'
import { lineOf, type Measured } from './rounds.ts'
import { oneByOne } from './signalling.ts'

const agents = 1_000
/** Connected before the counting begins: the first ones make a process grow by what it keeps for all of them. */
const firstAgents = 300

/** On a platform of its own: what other benchmarks have left would hide what agents take. */
export async function idleAgents(): Promise<Measured> {
  const [inspector, other] = [await freePorts(1), await freePorts(1)]
  const platform = await startPlatform(inspectable(inspector))
  const reference = await Reference.start('echo', inspectable(other))
  try {
    const user = await newUser(platform)
    const bare = await bytesEach(reference.pid, other, () => Peer.open(reference.socketUrl))
    const ours = await bytesEach(platform.pid, inspector, async () => (await Agent.arrive(platform, user)).peer)
    for (const peer of [...ours.connected, ...bare.connected]) peer.vanish()
    const perGiB = { ours: [2 ** 30 / ours.bytes], reference: [2 ** 30 / bare.bytes] }
    const show = (count: number): string => Math.round(count).toLocaleString('en')
    return {
      lines: [lineOf('idle agents per GiB', perGiB, show, { atLeast: 0.5 })],
      remarks: [`${agents} of them: ${kiB(ours.bytes)} each, a bare socket ${kiB(bare.bytes)}`],
    }
  } finally {
    await Promise.all([reference.stop(), platform.stop()])
  }
}

async function bytesEach(pid: number, inspectorPort: number, connect: () => Promise<Peer>) {
  const first = await oneByOne(firstAgents, connect)
  const before = await residentBytes(pid, inspectorPort)
  const counted = await oneByOne(agents, connect)
  const bytes = ((await residentBytes(pid, inspectorPort)) - before) / agents
  return { bytes, connected: [...first, ...counted] }
}

function kiB(bytes: number): string {
  return `${(bytes / 1024).toFixed(1)} KiB`
}

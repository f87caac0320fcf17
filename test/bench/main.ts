/** `npm run bench`: every number beside a reference that is measured in the same run, in turns with it. */
import { cpus, totalmem } from 'node:os'
import { readFileSync } from 'node:fs'
import type { Platform } from '../support/platform.ts'
import { startPlatform } from './platform-under-test.ts'
import type { Line, Measured } from './rounds.ts'
import { acceptToFirstSound } from './first-sound.ts'
import { idleAgents } from './idle.ts'
import { largeCall } from './large-call.ts'
import { phoneSound } from './phone-sound.ts'
import { ringTime } from './ring.ts'
import { sipCalls } from './sip-calls.ts'
import { requestsThatChangeACall, requestsThatChangeNoCall } from './signalling.ts'
import { table } from './table.ts'
import { tokens } from './tokens.ts'

// prettier-ignore
const benchmarks: Record<string, (platform: Platform) => Promise<Measured>> = {
  signalling: requestsThatChangeNoCall,
  calls:      requestsThatChangeACall,
  tokens,
  ring:       ringTime,
  sound:      acceptToFirstSound,
  large:      largeCall,
  phones:     phoneSound,
  sip:        sipCalls,
  idle:       idleAgents,
}

const asked = process.argv.slice(2)
const unknown = asked.find((name) => !(name in benchmarks))
if (unknown !== undefined)
  throw new Error(`There is no benchmark ${unknown}; there are ${Object.keys(benchmarks).join(', ')}.`)

const platform = await startPlatform()
try {
  const lines = await measureAll()
  console.log(`\n${machine()}\n\n${table(lines)}`)
} catch (error) {
  console.error(error)
  process.exitCode = 1
}
await platform.stop()
process.exit() // what a benchmark that failed has left open would keep us here

async function measureAll(): Promise<Line[]> {
  const lines: Line[] = []
  for (const [name, measure] of Object.entries(benchmarks)) {
    if (asked.length > 0 && !asked.includes(name)) continue
    const startedAt = performance.now()
    const measured = await measure(platform)
    lines.push(...measured.lines)
    console.log(`${name} (${((performance.now() - startedAt) / 1000).toFixed(0)} s)`)
    for (const remark of measured.remarks) console.log(`  ${remark}`)
  }
  return lines
}

function machine(): string {
  const all = cpus()
  const system = /^PRETTY_NAME="(.*)"$/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? 'Linux'
  const memoryGiB = Math.round(totalmem() / 2 ** 30)
  return `${all.length} cores (${all[0]?.model.trim() ?? 'unknown'}), ${memoryGiB} GiB, ${system}, Node ${process.version}`
}

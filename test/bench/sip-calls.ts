/**
 * SIP calls that are set up and torn down, by the processor time of the one who is called: our user agent, beside sipp as
 * the one who is called. Another sipp calls both, always in the same way: INVITE, 180, 200, ACK, BYE, 200.
 */
import { fork, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { freePorts } from '../support/ports.ts'
import { listeners, portOf, processorS } from '../support/processes.ts'
import { soonMs, until, within } from '../support/until.ts'
import { lineOf, quantile, takeTurns, type Measured, type Taken } from './rounds.ts'

const ip = '127.0.0.1'
const rounds = 5
const callsPerRound = 4_000
/** So many calls are up at a time: when one ends the next one begins. */
const callsAtOnce = 50
/** On a machine that stalls sipp itself loses one call in some thousands. */
const mostFailed = callsPerRound / 100
const roundLimitS = 120
const callerFile = fileURLToPath(new URL('sip-caller.xml', import.meta.url))

export async function sipCalls(): Promise<Measured> {
  const called: Called[] = []
  try {
    const ours = await ourAgent()
    called.push(ours)
    const reference = await sippThatIsCalled()
    called.push(reference)
    const taken = await takeTurns(rounds, { ours: () => callsTo(ours), reference: () => callsTo(reference) })
    const line = lineOf('SIP calls set up and torn down, per processor second', rates(taken), (rate) =>
      Math.round(rate).toLocaleString('en'),
    )
    return { lines: [line], remarks: [costs(taken)] }
  } finally {
    await Promise.all(called.map((one) => one.stop()))
  }
}

/** Somebody in a process of his own who accepts every call. */
type Called = { pid: number; port: number; stop: () => Promise<void> }

/** What a round took. */
type Round = { processorS: number; lastedS: number }

async function ourAgent(): Promise<Called> {
  const child = fork(fileURLToPath(new URL('sip-process.ts', import.meta.url)))
  const [port] = await within(soonMs, 'a user agent that listens', once(child, 'message'))
  return { pid: pidOf(child), port: Number(port), stop: () => end(child, () => child.disconnect()) }
}

async function sippThatIsCalled(): Promise<Called> {
  const { child, port } = await startSipp('uas', [])
  const pid = pidOf(child)
  // Asked politely it waits for its calls.
  const stop = (): Promise<void> => end(child, () => child.kill('SIGKILL'))
  try {
    await until('a sipp that listens', () =>
      listeners(pid).some((listener) => portOf(listener) === port) ? { found: true } : { sawOnly: 'its process' },
    )
  } catch (error) {
    await stop()
    throw error
  }
  return { pid, port, stop }
}

/** Calls him so many times. @throws when more than a few of these calls have failed */
async function callsTo({ pid, port }: Called): Promise<Round> {
  const [used, startedAt] = [processorS(pid), performance.now()]
  // prettier-ignore
  const { child } = await startSipp('uac', [
    '-users', `${callsAtOnce}`, '-m', `${callsPerRound}`,
    '-recv_timeout', '10000', '-timeout', `${roundLimitS}s`, '-timeout_error',
    `${ip}:${port}`,
  ])
  const ended = once(child, 'exit')
  const said = child.stdout === null ? '' : text(child.stdout)
  const [code] = await ended
  const round = { processorS: processorS(pid) - used, lastedS: (performance.now() - startedAt) / 1000 }
  const screen = await said
  const failed = Number(/Failed call\s*\|\s*\d+\s*\|\s*(\d+)(?![\s\S]*Failed call)/.exec(screen)?.[1])
  // 1: some calls have failed.
  if (code !== 0 && !(code === 1 && failed <= mostFailed)) throw new Error(`Calls went wrong:\n${screen.slice(-3_000)}`)
  return round
}

/** A sipp that calls, or its own scenario of one who is called, on a port that is free. */
async function startSipp(scenario: 'uac' | 'uas', more: readonly string[]) {
  const port = await freePorts(4)
  // Nothing is repeated: on a machine that stalls, sipp would take a repeated INVITE for a mistake and drop the call.
  // Buffers so large that nothing is lost make up for it. The watchdog would end a sipp that has stalled.
  // prettier-ignore
  const args = [
    ...(scenario === 'uac' ? ['-sf', callerFile] : ['-sn', scenario]),
    '-i', ip, '-p', `${port}`, '-mi', ip, '-mp', `${port + 2}`,
    '-nr', '-buff_size', '4194304', '-watchdog_interval', '0', '-nostdin',
  ]
  const stdout = scenario === 'uac' ? 'pipe' : 'ignore'
  const child = spawn('sipp', [...args, ...more], { stdio: ['ignore', stdout, 'ignore'] })
  await once(child, 'spawn')
  return { child, port }
}

function pidOf({ pid }: ChildProcess): number {
  if (pid === undefined) throw new Error('The process of the one who is called did not start.')
  return pid
}

async function end(child: ChildProcess, tell: () => void): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  tell()
  await within(soonMs, 'end of the one who is called', ended)
}

function rates({ ours, reference }: Taken<Round>): Taken<number> {
  const perProcessorS = (taken: Round[]): number[] => taken.map((round) => callsPerRound / round.processorS)
  return { ours: perProcessorS(ours), reference: perProcessorS(reference) }
}

function costs({ ours, reference }: Taken<Round>): string {
  const ofCall = (taken: Round[]): string => {
    const ms = (quantile(taken.map((round) => round.processorS)) / callsPerRound) * 1000
    const perS = callsPerRound / quantile(taken.map((round) => round.lastedS))
    return `${ms.toFixed(3)} ms of processor time for a call, at ${perS.toFixed(0)} calls a second`
  }
  return `ours takes ${ofCall(ours)}; sipp ${ofCall(reference)}`
}

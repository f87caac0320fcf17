import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { inRoot, node, root } from '../setup/places.mjs'
import { exitCode } from '../setup/signals.mjs'

/** Once Jest has written its results it has nothing to do; what keeps it running was left open by a test. */
const endsWithinMs = 15_000

/**
 * Runs one kind of tests with Jest, in a session of its own.
 *
 * @param {string} kind
 * @param {string[]} args
 * @param {{ env: NodeJS.ProcessEnv, resultDir: string, limitMs: number }} options
 * @returns {Promise<{ passed: number, failed: number, session: number, wasInterrupted: boolean }>} a suite that does not load, and a Jest that
 *   does not end or does not report, each count as one failed test
 */
export async function runJest(kind, args, { env, resultDir, limitMs }) {
  const resultFile = join(resultDir, `${kind}.json`)
  const jest = [
    inRoot('node_modules/jest/bin/jest.js'),
    ...args,
    '--passWithNoTests',
    '--json',
    '--outputFile',
    resultFile,
  ]
  const child = spawn(node, ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', ...jest], {
    cwd: root,
    env,
    // Ctrl-C reaches only us; we end the whole session, with all that the tests have started in it.
    detached: true,
    // Jest's own report goes to stderr. Its stdout would be the JSON that is also in the file.
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const exited = new Promise((resolve) => child.on('exit', (code, signal) => resolve(exitCode(code, signal))))
  const { interrupted, stopListening } = interruption()
  const stop = new AbortController()
  const code = await Promise.race([exited, interrupted, hangs(resultFile, limitMs, stop.signal)])
  stop.abort()
  stopListening()
  if (typeof code === 'string') {
    console.log(`${kind}: ${code}`)
    endGroup(child.pid)
    await exited
  }
  return { ...countResults(kind, resultFile, code), session: child.pid ?? 0, wasInterrupted: code === interruptedSays }
}

const interruptedSays = 'The tests were interrupted.'

/** Ctrl-C and a polite kill end the tests early, but what they started is still cleared away. */
function interruption() {
  let onSignal
  const interrupted = new Promise((resolve) => (onSignal = () => resolve(interruptedSays)))
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal)
  return { interrupted, stopListening: () => process.off('SIGINT', onSignal).off('SIGTERM', onSignal) }
}

/** Resolves with a sentence when Jest takes too long, or has its results and does not end. */
async function hangs(resultFile, limitMs, signal) {
  const tick = 500
  let reportedMs = 0
  for (let passedMs = 0; passedMs < limitMs; passedMs += tick) {
    await delay(tick, undefined, { signal }).catch(() => {})
    if (signal.aborted) return ''
    if (existsSync(resultFile)) reportedMs += tick
    if (reportedMs >= endsWithinMs) {
      return `Jest did not end within ${endsWithinMs / 1000} s of its last test; a test has left something open.`
    }
  }
  return `The tests did not end within ${limitMs / 60_000} minutes.`
}

function countResults(kind, resultFile, code) {
  if (!existsSync(resultFile)) {
    console.log(`${kind}: Jest reported nothing (${code}).`)
    return { passed: 0, failed: 1 }
  }
  const { numPassedTests, numFailedTests, numRuntimeErrorTestSuites } = JSON.parse(readFileSync(resultFile, 'utf8'))
  const failed = numFailedTests + numRuntimeErrorTestSuites
  const didNotEnd = typeof code === 'string' ? 1 : 0
  return { passed: numPassedTests, failed: code === 0 ? failed : Math.max(1, failed + didNotEnd) }
}

/** Kills Jest with its process group. What has left the group is found by survivors.mjs. */
function endGroup(pid) {
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // It has just ended by itself.
  }
}

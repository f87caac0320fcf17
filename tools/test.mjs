// `npm test`: sets up, builds, runs every kind of test, and ends with `N passed, N failed`.
//   node tools/test.mjs                      every kind that has tests
//   node tools/test.mjs unit flows           these kinds
//   node tools/test.mjs flows -t 'mute'      what follows the kinds goes to Jest
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { tell } from './setup/failure.mjs'
import { prepare } from './setup/prepare.mjs'
import { runJest } from './testing/jest.mjs'
import { endSurvivors } from './testing/survivors.mjs'

/**
 * Unit tests share nothing and run side by side. The others start whole servers and browsers and listen to sound:
 * each has the machine to itself. A kind that takes longer than its limit has hung.
 */
// prettier-ignore
const kinds = {
  unit:  { limitMs: 10 * 60_000, jest: ['--maxWorkers=2'] },
  flows: { limitMs: 40 * 60_000, jest: ['--runInBand'] },
  chaos: { limitMs: 40 * 60_000, jest: ['--runInBand'] },
  load:  { limitMs: 40 * 60_000, jest: ['--runInBand'] },
}

await tell(async () => {
  const { asked, forJest } = readArguments(process.argv.slice(2))
  // Unit tests read the sources and drive no browser.
  const whole = asked.some((kind) => kind !== 'unit')
  const env = await prepare({ worker: true, chromium: whole, farEnds: whole, built: whole })

  const testDir = mkdtempSync(join(tmpdir(), 'parley-test-'))
  // A PostgreSQL that a test runs under another user id has to get through to its own folder.
  chmodSync(testDir, 0o711)
  const count = { passed: 0, failed: 0 }
  const left = []
  try {
    for (const kind of asked) {
      const { limitMs, jest } = kinds[kind]
      const args = ['--selectProjects', kind, ...jest, ...forJest]
      const ran = await runJest(kind, args, { env: { ...env, PARLEY_TEST_DIR: testDir }, resultDir: testDir, limitMs })
      count.passed += ran.passed
      count.failed += ran.failed
      left.push(...(await endSurvivors({ testDir, session: ran.session })))
      if (ran.wasInterrupted) break
    }
  } finally {
    rmSync(testDir, { recursive: true, force: true, maxRetries: 5 })
  }
  const ranNothing = count.passed + count.failed === 0
  if (ranNothing) console.log('No tests ran.')
  else countSurvivors(left, count)

  console.log(`${count.passed} passed, ${count.failed} failed`)
  return count.failed === 0 && !ranNothing ? 0 : 1
})

function readArguments(args) {
  const firstOther = args.findIndex((arg) => !(arg in kinds))
  const named = firstOther < 0 ? args : args.slice(0, firstOther)
  return { asked: named.length > 0 ? named : Object.keys(kinds), forJest: firstOther < 0 ? [] : args.slice(firstOther) }
}

/** That the tests end what they start is a promise like the others, so it counts as one. */
function countSurvivors(left, count) {
  for (const { pid, command } of left) console.log(`Left running by the tests, ended now: ${pid} ${command}`)
  if (left.length === 0) count.passed += 1
  else count.failed += 1
}

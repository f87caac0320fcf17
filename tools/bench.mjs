// `npm run bench`: sets up, builds, and measures the platform beside bare references, in turns.
//   node tools/bench.mjs               everything, in about five minutes
//   node tools/bench.mjs ring sound    these benchmarks of test/bench/main.ts
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { tell } from './setup/failure.mjs'
import { inRoot, node, root } from './setup/places.mjs'
import { prepare } from './setup/prepare.mjs'
import { exitCode } from './setup/signals.mjs'
import { endSurvivors } from './testing/survivors.mjs'

await tell(async () => {
  const env = await prepare({ worker: true, chromium: true, farEnds: true })
  const testDir = mkdtempSync(join(tmpdir(), 'parley-bench-'))
  // A PostgreSQL under another user id has to get through to its own folder.
  chmodSync(testDir, 0o711)
  try {
    return await measure(testDir, env)
  } finally {
    await endSurvivors({ testDir, session: Number.NaN })
    rmSync(testDir, { recursive: true, force: true, maxRetries: 5 })
  }
})

/** @returns {Promise<number>} the exit code of the benchmarks */
async function measure(testDir, env) {
  const args = ['--conditions=@parley/source', '--disable-warning=ExperimentalWarning', inRoot('test/bench/main.ts')]
  const bench = spawn(node, [...args, ...process.argv.slice(2)], {
    cwd: root,
    env: { ...env, PARLEY_TEST_DIR: testDir },
    stdio: 'inherit',
  })
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM'])) process.on(signal, () => bench.kill(signal))
  const [code, signal] = await once(bench, 'exit')
  return exitCode(code, signal)
}

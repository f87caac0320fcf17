// `npm run check`: everything that can be said about the code without running it. `npm run fix` puts right what a
// machine can, then checks.
import { existsSync, readdirSync } from 'node:fs'
import { tell } from './setup/failure.mjs'
import { inRoot, node, toolEnv } from './setup/places.mjs'
import { prepare } from './setup/prepare.mjs'
import { run } from './setup/run.mjs'

const fix = process.argv.includes('--fix')

/** A tool out of node_modules, on our Node: its end decides, its output is shown when it found something. */
const tool =
  (path, ...args) =>
  () =>
    run(node, [inRoot('node_modules', path), ...args], { env: toolEnv })

/** In the order in which a finding is worth reading: a type error explains many a finding of the others. */
// prettier-ignore
const steps = {
  'build':      built,
  'types':      tool('ts7/bin/tsc', '-b', '--pretty'),
  'test types': tool('ts7/bin/tsc', '-p', 'tsconfig.test.json', '--pretty'),
  'tool types': tool('ts7/bin/tsc', '-p', 'tools/tsconfig.json', '--pretty'),
  'lint':       tool('.bin/oxlint', '--type-aware', '--deny-warnings', ...(fix ? ['--fix'] : [])),
  'boundaries': tool('.bin/depcruise', 'apps', 'libs', 'test', 'tools', '--config', '.dependency-cruiser.mjs'),
  'unused':     tool('.bin/knip', '--no-config-hints'),
  'format':     tool('.bin/oxfmt', fix ? '--write' : '--check', '.'),
  ...ownChecks(),
}

await tell(async () => {
  await prepare({ built: false })
  const failed = []
  for (const [name, check] of Object.entries(steps)) {
    const startedAt = performance.now()
    const { code, output } = await check()
    const time = `${((performance.now() - startedAt) / 1000).toFixed(1)} s`
    console.log(`${code === 0 ? 'ok    ' : 'FAILED'} ${name.padEnd(20)} ${time.padStart(7)}`)
    if (code !== 0) failed.push(name)
    if (code !== 0 || name in ownChecks()) console.log(indent(output))
  }
  console.log(failed.length === 0 ? 'All checks passed.' : `Failed: ${failed.join(', ')}`)
  return failed.length === 0 ? 0 : 1
})

/** The build first: what compares sizes or generated tables reads its results. */
async function built() {
  try {
    await prepare({})
    return { code: 0, output: '' }
  } catch (error) {
    return { code: 1, output: error.message }
  }
}

/** Each script in tools/checks is a check that only this project has; what it prints is always shown. */
function ownChecks() {
  const folder = inRoot('tools/checks')
  const scripts = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.mjs')) : []
  return Object.fromEntries(
    scripts.map((name) => [
      name.replace('.mjs', ''),
      () => run(node, [inRoot('tools/checks', name)], { env: toolEnv }),
    ]),
  )
}

function indent(text) {
  return text.trimEnd().replace(/^/gm, '    ')
}

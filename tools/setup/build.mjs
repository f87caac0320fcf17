import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { SetupFailure } from './failure.mjs'
import { inRoot, node, toolEnv } from './places.mjs'
import { run } from './run.mjs'
import { contentStamp, stampOf } from './stamp.mjs'

/**
 * Builds every package with Nx, which knows what depends on what and keeps what it has built. Asking Nx takes a second
 * even when nothing has changed, so unchanged sources are noticed here.
 *
 * @throws {SetupFailure} with what the compiler says
 */
export async function ensureBuild() {
  const wanted = sourcesStamp()
  if (stampOf('build').matches(wanted) && packages().every((folder) => existsSync(join(folder, 'dist')))) return
  console.log('Building ...')
  const startedAt = Date.now()
  const nx = [inRoot('node_modules/nx/dist/bin/nx.js'), 'run-many', '-t', 'build', '--outputStyle=stream']
  const { code, output } = await run(node, nx, { env: toolEnv })
  if (code !== 0) throw new SetupFailure(`the build failed:\n${findings(output)}`)
  console.log(`Built in ${((Date.now() - startedAt) / 1000).toFixed(1)} s.`)
  stampOf('bundle-sizes').write(sizesIn(output))
  stampOf('build').write(wanted)
}

/** What the last build said about the bundles, one per line. */
export const bundleSizes = () => stampOf('bundle-sizes').read()

/** What the compilers say, without what npm and Nx say around it; all of it when it was Nx that failed. */
function findings(output) {
  const text = stripVTControlCharacters(output)
  const said = text.split('\n').filter((line) => /^@parley\/[\w-]+: (?!> |npm )/.test(line))
  return said.length > 0 ? said.join('\n') : text
}

/** The lines in which vite tells a bundle's size; Nx puts the package's name before each. */
function sizesIn(output) {
  const lines = stripVTControlCharacters(output).split('\n')
  return lines.filter((line) => line.includes('gzip')).join('\n')
}

const packages = () =>
  ['libs', 'apps'].flatMap((group) => readdirSync(inRoot(group)).map((name) => inRoot(group, name)))

/** Names, sizes and times of all that goes into a build. */
function sourcesStamp() {
  const sources = [...packages(), inRoot('prisma')].flatMap(filesUnder)
  return [...sources.map(nameSizeTime), contentStamp(rootInputs.map((name) => inRoot(name)))].join('\n')
}

const rootInputs = ['package-lock.json', 'tsconfig.base.json', 'nx.json']
const notSources = new Set(['node_modules', 'dist', 'generated', 'test'])

function filesUnder(folder) {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (notSources.has(entry.name) || entry.name.endsWith('.test.ts')) return []
    const path = join(folder, entry.name)
    return entry.isDirectory() ? filesUnder(path) : [path]
  })
}

function nameSizeTime(file) {
  const { size, mtimeMs } = statSync(file)
  return `${file} ${size} ${mtimeMs}`
}

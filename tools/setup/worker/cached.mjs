import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { cacheDir, inRoot } from '../places.mjs'
import { run } from '../run.mjs'
import { recipeHash } from './recipe.mjs'

/** All workers of this user, whatever the clone. */
export const workersDir = join(cacheDir, 'mediasoup-worker')

/**
 * The folder of the one worker that fits: this mediasoup, this machine's system and C library, this recipe. A binary
 * made on a newer Debian does not load on an older one.
 */
export function workerDir() {
  const { ID, VERSION_ID } = osRelease()
  const { header } = /** @type {{ header: { glibcVersionRuntime: string } }} */ (process.report.getReport())
  const { version } = JSON.parse(readFileSync(inRoot('node_modules/mediasoup/package.json'), 'utf8'))
  const system = [process.platform, process.arch, ID, VERSION_ID, `glibc${header.glibcVersionRuntime}`].join('-')
  return join(workersDir, `${version}-${system}-${recipeHash()}`)
}

/** @returns {Record<string, string>} */
export function osRelease() {
  const lines = readFileSync('/etc/os-release', 'utf8').matchAll(/^(\w+)="?(.*?)"?$/gm)
  return Object.fromEntries([...lines].map(([, name, value]) => [name, value]))
}

/** Without its environment variable a mediasoup worker ends with status 41; that it does means that it loads. */
export async function isWorker(file) {
  return (await run(file, [], { env: {}, limitMs: 10_000 })).code === 41
}

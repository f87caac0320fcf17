import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The clone that these scripts stand in. */
export const root = fileURLToPath(new URL('../../', import.meta.url))

/** @param {string[]} parts */
export const inRoot = (...parts) => join(root, ...parts)

/** Node 24 out of the npm package. The Node that runs these scripts may be older, so the app never runs on it. */
export const node = inRoot('node_modules/.bin/node')

/** Where the set-up notes what it has done. npm leaves names with a dot alone, and `npm ci` wipes it with the rest. */
export const stampDir = inRoot('node_modules/.parley')

/** What is dear to make and belongs to no clone. */
export const cacheDir = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'parley')

/** The environment for tools from npm: their own Node and binaries first, and none of them phoning home. */
export const toolEnv = {
  ...process.env,
  PATH: [inRoot('node_modules/.bin'), process.env.PATH].join(delimiter),
  NX_NO_CLOUD: 'true',
  NX_DAEMON: 'false',
  NX_TUI: 'false',
  CHECKPOINT_DISABLE: '1',
  PRISMA_HIDE_UPDATE_MESSAGE: '1',
  // The schema engine cannot be had everywhere and `prisma generate` only asks that it is there. No migrate command
  // may run with this stub: it would print nothing and look fine.
  PRISMA_SCHEMA_ENGINE_BINARY: '/bin/true',
}

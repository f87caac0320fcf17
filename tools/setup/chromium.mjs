import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { installPackages } from './debian.mjs'
import { SetupFailure } from './failure.mjs'
import { succeeds } from './run.mjs'

/**
 * Finds the browser that the tests drive; as root, installs Debian's.
 *
 * @returns {Promise<string>} the path of a Chromium that starts
 */
export async function ensureChromium() {
  const named = process.env.CHROMIUM_BIN
  if (named) {
    if (await succeeds(named, '--version')) return named
    throw new SetupFailure(`CHROMIUM_BIN names ${named}, which does not start; unset it or name a Chromium.`)
  }
  const found = await installedChromium()
  if (found) return found
  await installPackages(['chromium'], 'the tests in a real browser')
  const installed = await installedChromium()
  if (installed) return installed
  throw new SetupFailure('Chromium was installed but does not start; try `chromium --version`.')
}

async function installedChromium() {
  const folders = (process.env.PATH ?? '').split(delimiter)
  for (const name of ['chromium', 'chromium-browser', 'google-chrome']) {
    const path = folders.map((folder) => join(folder, name)).find(existsSync)
    if (path && (await succeeds(path, '--version'))) return path
  }
}

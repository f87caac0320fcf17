import { existsSync, readdirSync } from 'node:fs'
import { SetupFailure } from './failure.mjs'
import { inRoot, node } from './places.mjs'
import { run } from './run.mjs'
import { contentStamp, stampOf } from './stamp.mjs'

/**
 * Installs the npm packages. `npm install`, not `npm ci`: a lock file made where a registry lacks other platforms'
 * binaries does not name them, and `ci` calls such a lock out of step.
 */
export async function ensurePackages() {
  // npm writes that file last; without it an installation was never finished, or has been taken away.
  if (existsSync(inRoot('node_modules/.package-lock.json')) && stampOf('packages').matches(wanted())) return
  console.log('Installing npm packages (a minute or two the first time) ...')
  const install = ['install', '--include=dev', '--include=optional', '--no-audit', '--no-fund', '--loglevel=error']
  const { code, output } = await run('npm', install)
  if (code !== 0) {
    throw new SetupFailure(`npm could not install the packages; look to what it says, then start again:\n${output}`)
  }
  if (!existsSync(node)) {
    throw new SetupFailure(
      `the npm packages bring a Node 24 for Linux on x64 and arm64 only, and this is ${process.platform} on ${process.arch}.`,
    )
  }
  // Read again: npm writes the lock file.
  stampOf('packages').write(wanted())
}

/** What the packages follow from. */
function wanted() {
  const workspaces = ['apps', 'libs'].flatMap((group) => readdirSync(inRoot(group)).map((name) => `${group}/${name}`))
  const manifests = ['', ...workspaces].map((folder) => inRoot(folder, 'package.json'))
  return contentStamp([...manifests, inRoot('package-lock.json'), inRoot('.npmrc')])
}

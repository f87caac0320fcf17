import { SetupFailure } from './failure.mjs'
import { run, succeeds } from './run.mjs'

const isRoot = () => process.getuid?.() === 0

/**
 * Installs Debian packages when we are root, saying so first; otherwise fails with the one command that does it.
 *
 * @param {string[]} packages only those that are missing
 * @param {string} purpose what they are needed for, as it reads after "for"
 */
export async function installPackages(packages, purpose) {
  const install = ['install', '-y', '--no-install-recommends', ...packages]
  if (!(await succeeds('apt-get', '--version'))) {
    throw new SetupFailure(`for ${purpose}, install what Debian calls ${packages.join(' ')}, then start again.`)
  }
  if (!isRoot()) {
    const command = `sudo apt-get update && sudo apt-get ${install.join(' ')}`
    throw new SetupFailure(
      `for ${purpose}, Debian packages are missing. Run this once, then start again:\n\n  ${command}\n`,
    )
  }
  console.log(`Installing Debian packages for ${purpose}: ${packages.join(' ')}`)
  await updatePackageLists()
  const installed = await run('apt-get', install, { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } })
  if (installed.code !== 0) {
    throw new SetupFailure(`apt-get could not install ${packages.join(' ')}; it said:\n${installed.output}`)
  }
}

/** Fetches the lists of what Debian has: old ones name files that the mirrors have dropped. */
export async function updatePackageLists() {
  if (!isRoot()) {
    throw new SetupFailure('the lists of Debian packages are missing. Run `sudo apt-get update`, then start again.')
  }
  const updated = await run('apt-get', ['update'])
  if (updated.code !== 0) {
    throw new SetupFailure(`apt-get could not fetch the package lists; it said:\n${updated.output}`)
  }
}

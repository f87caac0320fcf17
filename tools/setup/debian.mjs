import { SetupFailure } from './failure.mjs'
import { run, succeeds } from './run.mjs'

const isRoot = () => process.getuid?.() === 0

/** Debian packages that only root can install, and we are not root. */
export class MissingPackages extends SetupFailure {
  /**
   * @param {string[]} packages
   * @param {string[]} purposes what they are needed for, as it reads after "for"
   */
  constructor(packages, purposes) {
    const command = `sudo apt-get update && sudo apt-get ${install(packages).join(' ')}`
    const sentence = `for ${purposes.join(' and for ')}, Debian packages are missing. Run this once, then start again:`
    super(`${sentence}\n\n  ${command}\n`)
    this.packages = packages
    this.purposes = purposes
  }

  /** What several steps miss, as one command. */
  static all(several) {
    const of = (name) => several.flatMap((one) => one[name])
    return new MissingPackages(of('packages'), of('purposes'))
  }
}

/**
 * Installs Debian packages when we are root, saying so first.
 *
 * @param {string[]} packages only those that are missing
 * @param {string} purpose what they are needed for, as it reads after "for"
 * @throws {MissingPackages} when we are not root
 */
export async function installPackages(packages, purpose) {
  if (!(await succeeds('apt-get', '--version'))) {
    throw new SetupFailure(`for ${purpose}, install what Debian calls ${packages.join(' ')}, then start again.`)
  }
  if (!isRoot()) throw new MissingPackages(packages, [purpose])
  console.log(`Installing Debian packages for ${purpose}: ${packages.join(' ')}`)
  await updatePackageLists()
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const installed = await run('apt-get', install(packages), { env })
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

function install(packages) {
  return ['install', '-y', '--no-install-recommends', ...packages]
}

import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { installPackages } from './debian.mjs'
import { SetupFailure } from './failure.mjs'

/** The far ends of phone calls in tests, what makes their certificates, and the Debian packages that have them. */
const farEnds = {
  baresip: ['baresip-core'],
  sipp: ['sip-tester'],
  kamailio: ['kamailio', 'kamailio-tls-modules', 'kamailio-extra-modules'],
  openssl: ['openssl'],
}

/** Finds the telephones, callers and proxies that the tests of phone calls start; as root, installs Debian's. */
export async function ensureFarEnds() {
  const missing = Object.entries(farEnds).filter(([program]) => !isInstalled(program))
  if (missing.length === 0) return
  const packages = missing.flatMap(([, names]) => names)
  await installPackages(packages, 'the tests of phone calls')
  const [still] = missing.find(([program]) => !isInstalled(program)) ?? []
  if (still !== undefined) throw new SetupFailure(`${still} was installed but cannot be found; look for it in PATH.`)
}

function isInstalled(program) {
  // Debian puts servers where only root's PATH looks.
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin']
  return folders.some((folder) => existsSync(join(folder, program)))
}

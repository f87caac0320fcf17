import { ensureBuild } from './build.mjs'
import { ensureChromium } from './chromium.mjs'
import { MissingPackages } from './debian.mjs'
import { ensureFarEnds } from './far-ends.mjs'
import { withLock } from './lock.mjs'
import { ensurePackages } from './packages.mjs'
import { inRoot } from './places.mjs'
import { ensurePostgres } from './postgres.mjs'
import { ensurePrisma } from './prisma.mjs'
import { ensureWorker } from './worker/worker.mjs'

/**
 * From whatever is there to a clone that is built and can run. Every step looks first and does nothing when there is
 * nothing to do; all of them together then take a fraction of a second.
 *
 * @param {{ worker?: boolean, chromium?: boolean, farEnds?: boolean, built?: boolean }} needs what is needed beside the
 *   packages
 * @returns {Promise<NodeJS.ProcessEnv>} the environment in which the app or its tests run
 * @throws {SetupFailure}
 */
export function prepare({ worker = false, chromium = false, farEnds = false, built = true }) {
  const waitingFor = 'another start in this folder that is setting up'
  return withLock(inRoot('tools'), { waitingFor }, async () => {
    await ensurePackages()
    await ensurePostgres()
    await ensurePrisma()
    const programs = await ensurePrograms({
      ...(worker && { MEDIASOUP_WORKER_BIN: ensureWorker }),
      ...(chromium && { CHROMIUM_BIN: ensureChromium }),
      // Found by their names, where Debian puts them: there is no variable for them.
      ...(farEnds && { FAR_ENDS: ensureFarEnds }),
    })
    if (built) await ensureBuild()
    return { ...process.env, ...programs }
  })
}

/** Asks for everything before it gives up, so that whoever has to install Debian packages does it once. */
async function ensurePrograms(wanted) {
  const found = {}
  const missing = []
  for (const [variable, ensure] of Object.entries(wanted)) {
    try {
      const path = await ensure()
      if (path !== undefined) found[variable] = path
    } catch (error) {
      if (!(error instanceof MissingPackages)) throw error
      missing.push(error)
    }
  }
  if (missing.length > 0) throw MissingPackages.all(missing)
  return found
}

import { ensureBuild } from './build.mjs'
import { ensureChromium } from './chromium.mjs'
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
 * @param {{ worker?: boolean, chromium?: boolean, built?: boolean }} needs what is needed beside the packages
 * @returns {Promise<NodeJS.ProcessEnv>} the environment in which the app or its tests run
 * @throws {SetupFailure}
 */
export function prepare({ worker = false, chromium = false, built = true }) {
  const waitingFor = 'another start in this folder that is setting up'
  return withLock(inRoot('tools'), { waitingFor }, async () => {
    await ensurePackages()
    await ensurePostgres()
    await ensurePrisma()
    const env = { ...process.env }
    if (worker) env.MEDIASOUP_WORKER_BIN = await ensureWorker()
    if (chromium) env.CHROMIUM_BIN = await ensureChromium()
    if (built) await ensureBuild()
    return env
  })
}

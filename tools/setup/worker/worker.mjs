// The mediasoup worker: a C++ program that forwards the media of calls, one process per core. npm brings its sources
// only; this finds a binary that runs here, or makes one. Where it may come from, in order: what the environment
// names, what mediasoup's own install script left, our cache, the official prebuilt one, its sources.
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { SetupFailure } from '../failure.mjs'
import { withLock } from '../lock.mjs'
import { isWorker, workerDir, workersDir } from './cached.mjs'
import { compileWorker } from './compile.mjs'
import { downloadWorker, installedWorker } from './download.mjs'

/**
 * @returns {Promise<string>} the path of a worker that loads on this machine
 * @throws {SetupFailure}
 */
export async function ensureWorker() {
  const named = process.env.MEDIASOUP_WORKER_BIN
  if (named) {
    if (await isWorker(named)) return named
    throw new SetupFailure(
      `MEDIASOUP_WORKER_BIN names ${named}, which is no mediasoup worker that runs here; unset it.`,
    )
  }
  const installed = await installedWorker()
  if (installed) return installed

  const file = join(workerDir(), 'mediasoup-worker')
  if (await isWorker(file)) return file
  await makeWorkerDir()
  return withLock(workersDir, { waitingFor: 'another start that makes the mediasoup worker' }, async () => {
    if (await isWorker(file)) return file
    if (!(await downloadWorker(file))) await compileWorker(file)
    if (await isWorker(file)) return file
    throw new SetupFailure(`the mediasoup worker at ${file} does not run on this machine; its log is beside it.`)
  })
}

async function makeWorkerDir() {
  try {
    await mkdir(workerDir(), { recursive: true })
  } catch (error) {
    throw new SetupFailure(
      `the mediasoup worker cannot be kept (${error.message}); set XDG_CACHE_HOME to a folder of yours.`,
    )
  }
}

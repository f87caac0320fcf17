import { copyFile, rename } from 'node:fs/promises'
import { inRoot, node } from '../places.mjs'
import { run } from '../run.mjs'
import { isWorker } from './cached.mjs'

const release = inRoot('node_modules/mediasoup/worker/out/Release/mediasoup-worker')

/** The worker that mediasoup's own install script has left, if somebody let it run. */
export const installedWorker = async () => ((await isWorker(release)) ? release : undefined)

/**
 * Fetches the official prebuilt worker with mediasoup's own script, which checks what it got.
 *
 * @param {string} file where the worker shall be
 * @returns {Promise<boolean>} false when there is none for this machine, or it cannot be reached
 */
export async function downloadWorker(file) {
  console.log('Looking for the prebuilt mediasoup worker (up to 30 s) ...')
  await run(node, ['npm-scripts.mjs', 'postinstall'], {
    cwd: inRoot('node_modules/mediasoup'),
    // Without a Python the script cannot go on to its own build, which downloads even more.
    env: { ...process.env, PYTHON: '/bin/false' },
    // The script itself waits for ever where a firewall swallows packets.
    limitMs: 30_000,
  })
  if (!(await isWorker(release))) return false
  await copyFile(release, `${file}.part`)
  await rename(`${file}.part`, file)
  return true
}

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { SetupFailure } from './failure.mjs'

/**
 * Holds a lock while `work` runs, so that two starts at once do not do the same thing twice. The lock is the kernel's
 * (flock on a file or folder that exists), held by a child that ends when our end of its pipe closes: nothing stays
 * locked after a kill -9.
 *
 * @template T
 * @param {string} path
 * @param {{ waitingFor: string, limitS?: number }} options `waitingFor` is told when somebody else holds the lock
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withLock(path, { waitingFor, limitS = 1800 }, work) {
  const holder = spawn('flock', ['--timeout', String(limitS), path, 'sh', '-c', 'echo held; exec cat'], {
    stdio: ['pipe', 'pipe', 'inherit'],
    // Its own process group: Ctrl-C in the terminal ends us, and our end ends it.
    detached: true,
  })
  const ended = new Promise((resolve) => holder.on('error', resolve).on('exit', resolve))
  const notice = setTimeout(() => console.log(`Waiting for ${waitingFor} ...`), 500)
  const held = await Promise.race([once(holder.stdout, 'data').then(() => true), ended.then(() => false)])
  clearTimeout(notice)
  if (!held) {
    throw new SetupFailure(`${waitingFor} did not end within ${limitS / 60} minutes; end it and start again.`)
  }
  try {
    return await work()
  } finally {
    holder.stdin.end()
    await ended
  }
}

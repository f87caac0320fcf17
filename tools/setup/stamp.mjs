import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { stampDir } from './places.mjs'

/**
 * A note of what a step was done for: when the same stamp comes again, the step is skipped. A step writes it only
 * after it has succeeded.
 *
 * @param {string} step
 */
export function stampOf(step) {
  const file = join(stampDir, step)
  return {
    /** @param {string} stamp */
    matches: (stamp) => existsSync(file) && readFileSync(file, 'utf8') === stamp,
    read: () => (existsSync(file) ? readFileSync(file, 'utf8') : ''),
    /** @param {string} stamp */
    write(stamp) {
      mkdirSync(stampDir, { recursive: true })
      writeFileSync(file, stamp)
    },
  }
}

/** One hash over the names and contents of files; a file that is not there counts as such. */
export function contentStamp(files) {
  const hash = createHash('sha256')
  for (const file of files)
    hash
      .update(`${file}\0`)
      .update(existsSync(file) ? readFileSync(file) : '-')
      .update('\0')
  return hash.digest('hex')
}

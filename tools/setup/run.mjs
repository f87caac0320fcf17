import { spawn } from 'node:child_process'
import { root } from './places.mjs'
import { exitCode } from './signals.mjs'

/**
 * @typedef {object} Ended
 * @property {number} code the exit code; 128 + the signal's number when a signal ended it; 127 when it never started
 * @property {string} output what it wrote to both of its outputs, in order
 */

/**
 * Runs a program to its end and never throws for what the program did.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {object} [options]
 * @param {string} [options.cwd] the clone's root unless given
 * @param {NodeJS.ProcessEnv} [options.env]
 * @param {(text: string) => void} [options.onOutput] hears each piece of output as it comes
 * @param {number} [options.limitMs] after this it is killed; 30 minutes unless given
 * @returns {Promise<Ended>}
 */
export function run(command, args, { cwd = root, env = process.env, onOutput, limitMs = 1_800_000 } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    // Whoever ends us ends what we wait for; otherwise a compiler would go on for minutes with nobody waiting.
    const stop = (signal) => {
      child.kill(signal)
      process.exit(exitCode(null, signal))
    }
    process.on('SIGINT', stop).on('SIGTERM', stop)
    const limit = setTimeout(() => {
      child.kill('SIGKILL')
      // What it has started may hold these open; nobody waits for that.
      child.stdout.destroy()
      child.stderr.destroy()
    }, limitMs)
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        output += text
        onOutput?.(text)
      })
    }
    const end = (code) => {
      clearTimeout(limit)
      process.off('SIGINT', stop).off('SIGTERM', stop)
      resolve({ code, output })
    }
    child.on('error', (error) => {
      output += `${error.message}\n`
      end(127)
    })
    child.on('close', (code, signal) => end(exitCode(code, signal)))
  })
}

/** Whether a program starts and ends well. */
export const succeeds = async (command, ...args) => (await run(command, args, { limitMs: 30_000 })).code === 0

import { constants } from 'node:os'

/** @typedef {import('node:child_process').ChildProcess['signalCode']} Signal */

/**
 * A child's end as one number, in the way a shell tells it.
 *
 * @param {number | null} code
 * @param {Signal} signal
 */
export const exitCode = (code, signal) => code ?? 128 + (signal ? constants.signals[signal] : 0)

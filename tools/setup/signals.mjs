import { constants } from 'node:os'

/**
 * A child's end as one number, in the way a shell tells it.
 *
 * @param {number | null} code
 * @param {NodeJS.Signals | null} signal
 */
export const exitCode = (code, signal) => code ?? 128 + (signal ? constants.signals[signal] : 0)

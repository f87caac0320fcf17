/** What an app may give to hear what the SDK does (ACS: AzureLogger, as far as we use it). */
export type Logger = {
  error(...args: unknown[]): void
  warning(...args: unknown[]): void
  info(...args: unknown[]): void
  verbose(...args: unknown[]): void
}

/** Event names with ids as fields: `log.info('leg.ended', { callId })`. Tokens and what people say are never written. */
export type Log = Record<'error' | 'warn' | 'info' | 'debug', (event: string, fields?: Record<string, unknown>) => void>

const write =
  (to: ((...args: unknown[]) => void) | undefined) =>
  (event: string, fields: Record<string, unknown> = {}): void =>
    to?.(`parley ${event}`, fields)

/** Writes to the app's logger; without one only errors (bugs, on either side) reach the console. */
export function logTo(logger: Logger | undefined): Log {
  return {
    // oxlint-disable-next-line no-console -- an app without a logger must still hear of a bug
    error: write(logger === undefined ? (...args) => console.error(...args) : (...args) => logger.error(...args)),
    warn: write(logger && ((...args) => logger.warning(...args))),
    info: write(logger && ((...args) => logger.info(...args))),
    debug: write(logger && ((...args) => logger.verbose(...args))),
  }
}

/** For parts that are used without anybody listening. */
export const silent: Log = { error: () => {}, warn: () => {}, info: () => {}, debug: () => {} }

/** What the process says to the person who started it. */
import { inspect } from 'node:util'
import type { ApiNode, Settings } from '@parley/api'

/** The page to open, how an app connects, and how it gets a token. */
export function sayReady(
  settings: Settings,
  { https, http, caFile }: ApiNode['connectionStrings'],
  sip: readonly string[],
): void {
  const lines = [
    '',
    'Parley is ready.',
    '',
    ...(settings.isDemoOn ? [`  Open in two windows   ${settings.publicUrl}/`] : []),
    `  API reference         ${settings.publicUrl}/docs`,
    ...(sip.length === 0 ? [] : [`  Telephones (SIP)      ${sip.join('  ')}`]),
    '',
    '  Connection strings for a server app that uses @azure/communication-identity:',
    `    ${https}`,
    ...(caFile === undefined ? [] : [`      start that app with NODE_EXTRA_CA_CERTS=${caFile}`]),
    `    ${http}`,
    '      needs { allowInsecureConnection: true }',
    '',
    "  A token for a browser: await client.createUserAndToken(['voip'])",
    '  Ctrl-C stops it.',
    '',
  ]
  process.stdout.write(`${lines.join('\n')}\n`)
}

/** Why it did not start: our own errors say it in one sentence, anything else is shown whole. */
export function sayWhyNot(error: unknown): void {
  if (isPortTaken(error)) {
    const which = error.port === undefined ? 'A port' : `Port ${error.port}`
    process.stderr.write(`${which} is taken by another program: stop that one, or set PORT.\n`)
    return
  }
  const isOurs = error instanceof Error && !['Error', 'TypeError', 'RangeError', 'AggregateError'].includes(error.name)
  process.stderr.write(`${isOurs ? error.message : `Parley could not start: ${inspect(error)}`}\n`)
}

function isPortTaken(error: unknown): error is Error & { port?: number } {
  return error instanceof Error && 'code' in error && error.code === 'EADDRINUSE'
}

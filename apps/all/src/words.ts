/** What the process says to the person who started it. */
import type { ApiNode, Settings } from '@parley/api'

/** The page to open, how an app connects, and how it gets a token. */
export function sayReady(settings: Settings, { https, http, caFile }: ApiNode['connectionStrings']): void {
  const lines = [
    '',
    'Parley is ready.',
    '',
    ...(settings.isDemoOn ? [`  Open in two windows   ${settings.publicUrl}/`] : []),
    `  API reference         ${settings.publicUrl}/docs`,
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
  console.log(lines.join('\n'))
}

/** Why it did not start, in one sentence where we know it. */
export function sayWhyNot(error: unknown): void {
  if (error instanceof Error && error.name !== 'Error' && error.name !== 'TypeError') console.error(error.message)
  else console.error('Parley could not start:', error)
}

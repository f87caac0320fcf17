/** What a browser may do with our pages: run and load what we serve, connect to us, and nothing inline. */
import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import helmet from 'helmet'
import { isLoopbackHost } from '../loopback.ts'

/** Headers by name, the same for every answer of a kind. */
export type Headers = Readonly<Record<string, string>>

/** What goes with our pages, with the page at /docs, and with everything else, which is data and no page at all. */
export type SecurityHeaders = { page: Headers; docs: Headers; data: Headers }

/** Made once, because nothing in them depends on a request: putting them together anew costs as much as a door. */
export function securityHeaders(publicUrl: string): SecurityHeaders {
  const page = policy(publicUrl)
  return {
    page: headersOf(publicUrl, page),
    docs: headersOf(publicUrl, { ...page, ...docsStyles }),
    data: only(headersOf(publicUrl, noPage), [
      'content-security-policy',
      'strict-transport-security',
      'x-content-type-options',
    ]),
  }
}

/** Names of directives to their sources, as the header has them. */
type Policy = Record<string, string[]>

function policy(publicUrl: string): Policy {
  return {
    'default-src': ["'none'"],
    'script-src': ["'self'"],
    'style-src': ["'self'"],
    'img-src': ["'self'", 'data:'],
    'font-src': ["'self'"],
    'media-src': ["'self'", 'blob:'],
    // The page may be open under another name of this machine than the one that tokens carry.
    'connect-src': ["'self'", publicUrl, 'ws:', 'wss:'],
    'manifest-src': ["'self'"],
    'base-uri': ["'none'"],
    'form-action': ["'self'"],
    'frame-ancestors': ["'none'"],
    'object-src': ["'none'"],
  }
}

/** Swagger's page brings its styles inline. */
const docsStyles: Policy = { 'style-src': ["'self'", "'unsafe-inline'"] }

/** Data that a browser shows all the same may do nothing. */
const noPage: Policy = { 'default-src': ["'none'"], 'frame-ancestors': ["'none'"] }

/** What helmet writes, read off an answer that goes nowhere. */
function headersOf(publicUrl: string, directives: Policy): Headers {
  const { protocol, hostname } = new URL(publicUrl)
  const request = new IncomingMessage(new Socket())
  const response = new ServerResponse(request)
  const write = helmet({
    contentSecurityPolicy: { useDefaults: false, directives },
    // Browsers would turn to https for every port of the name: right for a site, wrong for localhost and its http door.
    strictTransportSecurity: protocol === 'https:' && !isLoopbackHost(hostname),
  })
  write(request, response, (error?: unknown) => {
    if (error !== undefined) throw new Error('helmet refuses the policy.', { cause: error })
  })
  return Object.fromEntries(Object.entries(response.getHeaders()).map(([name, value]) => [name, String(value)]))
}

function only(headers: Headers, names: readonly string[]): Headers {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => names.includes(name)))
}

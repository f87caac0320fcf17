/** What a browser may do with our pages: run and load what we serve, connect to us, and nothing inline. */
import helmet from '@fastify/helmet'
import type { NestFastifyApplication } from '@nestjs/platform-fastify'
import { isLoopbackHost } from '../loopback.ts'

export async function setSecurityHeaders(app: NestFastifyApplication, publicUrl: string): Promise<void> {
  const { protocol, hostname } = new URL(publicUrl)
  await app.register(helmet, {
    contentSecurityPolicy: { useDefaults: false, directives: policy(publicUrl) },
    // Browsers would turn to https for every port of the name: right for a site, wrong for localhost and its http door.
    strictTransportSecurity: protocol === 'https:' && !isLoopbackHost(hostname),
  })
  const docsPolicy = headerOf({ ...policy(publicUrl), ...docsStyles })
  app
    .getHttpAdapter()
    .getInstance()
    .addHook('onRequest', (request, reply, done) => {
      if (isDocs(request.url)) reply.header('content-security-policy', docsPolicy)
      done()
    })
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

function isDocs(url: string): boolean {
  return /^\/docs(?:[/?]|$)/.test(url)
}

function headerOf(policy: Policy): string {
  return Object.entries(policy)
    .map(([name, sources]) => [name, ...sources].join(' '))
    .join(';')
}

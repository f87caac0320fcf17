/** What every request meets before and after its door. */
import rateLimit from '@fastify/rate-limit'
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify'
import type { FastifyError, FastifyReply } from 'fastify'
import type { Registry } from 'prom-client'
import { httpLimits, type HttpLimits } from '../http-limits.ts'
import type { Settings } from '../settings.ts'
import { acsErrorOfStatus, internalError } from './acs-error.ts'
import { sendAcsError } from './acs-error.filter.ts'
import { measureRequests } from './health/metrics.ts'
import { serveOpenApi } from './openapi.ts'
import { allowOrigins } from './origins.ts'
import { servePages } from './pages/pages.ts'
import { keepRawBodies, maxBodyBytes } from './raw-body.ts'
import { securityHeaders, type SecurityHeaders } from './security-headers.ts'

/** Nest's face of the HTTP server, with the limits of ours. */
export function restAdapter(limits: HttpLimits = httpLimits): FastifyAdapter {
  return new FastifyAdapter({
    skipMiddie: true, // we have no middleware, and looking for it costs every request
    bodyLimit: maxBodyBytes,
    requestTimeout: limits.requestTimeout,
    http: limits,
    // A URL that cannot be decoded never reaches Nest.
    frameworkErrors: (error: FastifyError, _request: unknown, reply: FastifyReply) =>
      sendAcsError(reply, acsErrorOfStatus(error.statusCode ?? 500, error) ?? internalError()),
  })
}

/** To be called once, before the application listens: plugins see only the routes that come after them. */
export async function configureRest(
  app: NestFastifyApplication,
  { settings, metrics }: { settings: Settings; metrics: Registry },
): Promise<void> {
  allowOrigins(app, settings)
  const headers = securityHeaders(settings.publicUrl)
  setHeaders(app, headers)
  keepRawBodies(app)
  measureRequests(app, metrics)
  await app.register(rateLimit, {
    global: false,
    errorResponseBuilder: () => acsErrorOfStatus(429) ?? internalError(),
  })
  await servePages(app, settings, headers.page)
  serveOpenApi(app, settings.publicUrl)
}

/** What every answer carries until its door says otherwise. What holds tokens is never kept by a cache. */
function setHeaders(app: NestFastifyApplication, { data, docs }: SecurityHeaders): void {
  app
    .getHttpAdapter()
    .getInstance()
    .addHook('onRequest', (request, reply, done) => {
      reply.headers(isDocs(request.url) ? docs : data).header('cache-control', 'no-store')
      // ACS: it comes back as it was sent.
      const id = request.headers['x-ms-client-request-id']
      if (typeof id === 'string' && /^[\x21-\x7e]{1,128}$/.test(id)) reply.header('x-ms-client-request-id', id)
      done()
    })
}

function isDocs(url: string): boolean {
  return /^\/docs(?:[/?]|$)/.test(url)
}

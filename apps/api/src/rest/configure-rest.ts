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
import { setSecurityHeaders } from './security-headers.ts'

/** Nest's face of the HTTP server, with the limits of ours. */
export function restAdapter(limits: HttpLimits = httpLimits): FastifyAdapter {
  return new FastifyAdapter({
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
  await setSecurityHeaders(app, settings.publicUrl)
  echoRequestIds(app)
  keepRawBodies(app)
  measureRequests(app, metrics)
  await app.register(rateLimit, {
    global: false,
    errorResponseBuilder: () => acsErrorOfStatus(429) ?? internalError(),
  })
  await servePages(app, settings)
  serveOpenApi(app, settings.publicUrl)
}

/** ACS: x-ms-client-request-id comes back as it was sent. What holds tokens is never kept by a cache. */
function echoRequestIds(app: NestFastifyApplication): void {
  app
    .getHttpAdapter()
    .getInstance()
    .addHook('onRequest', (request, reply, done) => {
      reply.header('cache-control', 'no-store')
      const id = request.headers['x-ms-client-request-id']
      if (typeof id === 'string' && /^[\x21-\x7e]{1,128}$/.test(id)) reply.header('x-ms-client-request-id', id)
      done()
    })
}

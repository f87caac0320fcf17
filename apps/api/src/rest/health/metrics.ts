/** Metrics in Prometheus' form: the process, and the REST doors. Others put theirs into the same registry. */
import type { NestFastifyApplication } from '@nestjs/platform-fastify'
import { collectDefaultMetrics, Histogram, Registry } from 'prom-client'

/** Makes the registry of this process. */
export function createMetrics(): Registry {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  return registry
}

/** Counts and times the requests of every door, by route: a path would hold ids. */
export function measureRequests(app: NestFastifyApplication, registry: Registry): void {
  const seconds = new Histogram({
    name: 'parley_http_request_seconds',
    help: 'HTTP requests by method, route and status, and how long they took',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.005, 0.025, 0.1, 0.5, 2.5],
    registers: [registry],
  })
  app
    .getHttpAdapter()
    .getInstance()
    .addHook('onResponse', (request, reply, done) => {
      const route = request.routeOptions.url ?? 'none'
      seconds.observe({ method: request.method, route, status: reply.statusCode }, reply.elapsedTime / 1000)
      done()
    })
}

/** The doors for those who run the platform: is it there, is it ready, how is it doing, and which keys sign tokens. */
import { Controller, Get, Header, HttpStatus, Inject, Res, UseGuards } from '@nestjs/common'
import type { PublicJwk } from '@parley/identity'
import type { FastifyReply } from 'fastify'
import * as z from 'zod/mini'
import { Describes } from '../openapi.ts'
import { MetricsGuard } from './metrics.guard.ts'
import { readinessOf } from './readiness.ts'
import { HEALTH_PARTS, type HealthParts } from './health-parts.ts'

const Health = z.object({ status: z.literal('ok') })
const Ready = z.object({ status: z.enum(['ready', 'notReady']), failed: z.array(z.string()) })
type Ready = z.infer<typeof Ready>
const Jwks = z.object({ keys: z.array(z.record(z.string(), z.string())) })

@Controller()
export class HealthController {
  constructor(@Inject(HEALTH_PARTS) private readonly parts: HealthParts) {}

  @Get('health')
  @Describes('The process is there', undefined, [200, Health])
  health(): z.infer<typeof Health> {
    return { status: 'ok' }
  }

  @Get('ready')
  @Describes('What the process depends on is there; 503 names what is not', undefined, [200, Ready])
  async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<Ready> {
    const { isReady, failed } = await readinessOf(this.parts.checks, this.parts.log)
    reply.status(isReady ? HttpStatus.OK : HttpStatus.SERVICE_UNAVAILABLE)
    return { status: isReady ? 'ready' : 'notReady', failed }
  }

  @Get('metrics')
  @UseGuards(MetricsGuard)
  @Describes('Metrics as Prometheus reads them; for this machine, or with the access key', undefined, [200])
  async metrics(@Res({ passthrough: true }) reply: FastifyReply): Promise<string> {
    reply.type(this.parts.metrics.contentType)
    return this.parts.metrics.metrics()
  }

  @Get('.well-known/jwks.json')
  @Header('cache-control', 'public, max-age=300')
  @Describes('The public keys that tokens are signed with (RFC 7517)', undefined, [200, Jwks])
  jwks(): { keys: PublicJwk[] } {
    return this.parts.signingKeys.jwks()
  }
}

/**
 * The HTTP doors: ACS's identity API for server apps, the demo's doors, those for operators, and the pages. Controllers
 * are thin; the thought is in plain classes, made here out of ready parts. What concerns every request (raw bodies,
 * error form, origins, headers, limits) is in configureRest.
 */
import { Module, type DynamicModule } from '@nestjs/common'
import { APP_FILTER } from '@nestjs/core'
import type { SigningKeys, Tokens } from '@parley/identity'
import type { ResourceId } from '@parley/protocol'
import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import type { Settings } from '../settings.ts'
import type { TokenCheck } from '../socket/token-check.ts'
import { AcsErrorFilter } from './acs-error.filter.ts'
import { Demo } from './demo/demo.ts'
import { DemoController } from './demo/demo.controller.ts'
import type { People } from './demo/people.ts'
import { HEALTH_PARTS, type HealthParts } from './health/health-parts.ts'
import { HealthController } from './health/health.controller.ts'
import { MetricsReaders } from './health/metrics.guard.ts'
import type { ReadinessCheck } from './health/readiness.ts'
import { Identities } from './identities/identities.ts'
import { IdentitiesController } from './identities/identities.controller.ts'
import type { IdentityStore } from './identities/identity-store.ts'
import type { TokensVoid } from './identities/tokens-void.ts'
import { OUR_ORIGINS } from './origins.ts'
import { Signatures } from './signed-request.guard.ts'

export type RestParts = {
  settings: Settings
  resourceId: ResourceId
  /** Primary first. */
  accessKeys: readonly Uint8Array[]
  signingKeys: SigningKeys
  tokens: Tokens
  tokenCheck: TokenCheck
  identityStore: IdentityStore
  tokensVoid: TokensVoid
  people: People
  checks: readonly ReadinessCheck[]
  metrics: Registry
  log: Logger
  /** Milliseconds since 1970, by the clock that signed requests are held to. */
  now: () => number
}

@Module({})
export class RestModule {
  static register(parts: RestParts): DynamicModule {
    const {
      settings,
      resourceId,
      accessKeys,
      tokens,
      identityStore: store,
      tokensVoid,
      tokenCheck,
      people,
      now,
    } = parts
    const identities = new Identities({ resourceId, tokens, store, tokensVoid })
    const signatures = new Signatures({ accessKeys, now })
    const healthParts: HealthParts = parts
    return {
      module: RestModule,
      controllers: [IdentitiesController, HealthController, ...(settings.isDemoOn ? [DemoController] : [])],
      providers: [
        { provide: APP_FILTER, useValue: new AcsErrorFilter(parts.log) },
        { provide: Signatures, useValue: signatures },
        { provide: MetricsReaders, useValue: new MetricsReaders({ accessKeys, signatures }) },
        { provide: OUR_ORIGINS, useValue: settings },
        { provide: Identities, useValue: identities },
        { provide: Demo, useValue: new Demo({ identities, tokenCheck, people }) },
        { provide: HEALTH_PARTS, useValue: healthParts },
      ],
    }
  }
}

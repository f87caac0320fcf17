/** What the doors for operators need; a token of its own, so that Nest can tell it from other values. */
import type { SigningKeys } from '@parley/identity'
import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import type { ReadinessCheck } from './readiness.ts'

export const HEALTH_PARTS = Symbol('HealthParts')

export type HealthParts = {
  checks: readonly ReadinessCheck[]
  signingKeys: SigningKeys
  metrics: Registry
  log: Logger
}

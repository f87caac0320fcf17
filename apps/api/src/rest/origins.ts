/**
 * Who may ask from a web page. ACS's doors are for any origin: apps live elsewhere, and what counts is the signature.
 * The demo's doors give identities to whoever asks, so they hear pages of this server and of this machine only; any
 * other web page that its owner happens to visit could help itself.
 */
import { Inject, type CanActivate, type ExecutionContext } from '@nestjs/common'
import type { NestFastifyApplication } from '@nestjs/platform-fastify'
import type { FastifyRequest } from 'fastify'
import { isLoopbackHost } from '../loopback.ts'
import type { Settings } from '../settings.ts'
import { AcsError } from './acs-error.ts'
import { isForwarded } from './forwarded.ts'

type Where = Pick<Settings, 'publicUrl' | 'host' | 'isDemoForAll'>

/** The settings that say which origins are ours, and whom the demo is for. */
export const OUR_ORIGINS = Symbol('OurOrigins')

const acsHeaders = [
  ...['authorization', 'content-type', 'accept', 'x-ms-date', 'x-ms-content-sha256', 'x-ms-client-request-id'],
  ...['x-ms-useragent', 'repeatability-request-id', 'repeatability-first-sent'],
]

/** Answers preflights, and lets pages read what they may ask for. Never with credentials: nothing here is a cookie. */
export function allowOrigins(app: NestFastifyApplication, settings: Where): void {
  const common = { strictPreflight: false, maxAge: 600 }
  const anywhere = {
    ...common,
    origin: '*',
    methods: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
    allowedHeaders: acsHeaders,
    exposedHeaders: ['x-ms-error-code', 'x-ms-client-request-id', 'retry-after'],
  }
  const nowhere = { ...common, origin: false }
  app.enableCors({
    delegator: (request, done) => {
      const { origin } = request.headers
      const isWelcome = origin !== undefined && (!isDemoDoor(request) || isOurs(origin, settings))
      done(null, isWelcome ? anywhere : nowhere)
    },
  })
}

/**
 * Keeps pages of other origins out of a door, and, while the demo is on by itself alone, people out who come through a
 * proxy on this machine: nobody said that it is for them, and identities can cost money where there is a trunk.
 */
export class OurOriginGuard implements CanActivate {
  constructor(@Inject(OUR_ORIGINS) private readonly settings: Where) {}

  /** @throws AcsError 403 */
  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<FastifyRequest>()
    if (isForwarded(request) && !this.settings.isDemoForAll)
      throw new AcsError(403, 'Forbidden', 'The demo is for this machine. Start with DEMO=on to give it to others.')
    const { origin } = request.headers
    if (origin === undefined || isOurs(origin, this.settings)) return true
    throw new AcsError(403, 'Forbidden', 'Pages of other origins may not ask here. Ask from your server.')
  }
}

function isDemoDoor({ url }: FastifyRequest): boolean {
  return url.startsWith('/demo/')
}

/** The host decides, not Host: a name that somebody points to this machine is still his. */
function isOurs(origin: string | undefined, { publicUrl, host }: Where): boolean {
  const asking = URL.parse(origin ?? '')?.hostname
  if (asking === undefined) return false
  return isLoopbackHost(asking) || asking === new URL(publicUrl).hostname || asking === host
}

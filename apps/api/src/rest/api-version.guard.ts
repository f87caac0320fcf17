/** ACS's api-version: every request names one, and learns which there are. */
import { applyDecorators, UseGuards, type CanActivate, type ExecutionContext } from '@nestjs/common'
import { ApiQuery } from '@nestjs/swagger'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { AcsError } from './acs-error.ts'
import { Refuses } from './openapi.ts'

/** Doors, or one door, of which each request names one of these versions. */
export function ApiVersions(versions: readonly string[]): ClassDecorator & MethodDecorator {
  return applyDecorators(
    UseGuards(new ApiVersionGuard(versions)),
    ApiQuery({ name: 'api-version', enum: [...versions] }),
    Refuses({ 400: 'The api-version is missing or not known, or what is asked cannot be read.' }),
  )
}

class ApiVersionGuard implements CanActivate {
  constructor(private readonly versions: readonly string[]) {}

  /** @throws AcsError 400 */
  canActivate(context: ExecutionContext): boolean {
    const http = context.switchToHttp()
    const supported = this.versions.join(', ')
    http.getResponse<FastifyReply>().header('api-supported-versions', supported)
    const { query } = http.getRequest<FastifyRequest<{ Querystring: Record<string, unknown> }>>()
    const version = query['api-version']
    if (version === undefined || version === '') {
      throw new AcsError(400, 'MissingApiVersionParameter', 'The api-version query parameter is missing.')
    }
    if (typeof version === 'string' && this.versions.includes(version)) return true
    throw new AcsError(400, 'UnsupportedApiVersionValue', `This api-version is not known here. Known: ${supported}.`)
  }
}

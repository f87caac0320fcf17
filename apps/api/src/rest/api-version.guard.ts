/** ACS's api-version: every request names one, and learns which there are. */
import type { CanActivate, ExecutionContext } from '@nestjs/common'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { AcsError } from './acs-error.ts'

export class ApiVersionGuard implements CanActivate {
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

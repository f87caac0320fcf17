/** Gives every error of the REST doors ACS's form; what is our own fault is logged with its cause and told without. */
import { Catch, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Logger } from 'pino'
import { acsErrorOf, internalError, type AcsError } from './acs-error.ts'

@Catch()
export class AcsErrorFilter implements ExceptionFilter {
  constructor(private readonly log: Logger) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp()
    const reply = http.getResponse<FastifyReply>()
    const told = acsErrorOf(error)
    if (told === undefined) this.#logFault(error, http.getRequest<FastifyRequest>())
    if (!reply.sent) sendAcsError(reply, told ?? internalError())
  }

  #logFault(error: unknown, request: FastifyRequest): void {
    // The route, not the path: a path holds user ids.
    const route = `${request.method} ${request.routeOptions.url ?? '(no route)'}`
    this.log.error({ err: error, route }, 'request.failed')
  }
}

/** Answers with an error, in ACS's form. */
export function sendAcsError(reply: FastifyReply, error: AcsError): void {
  reply
    .code(error.status)
    .headers({ ...error.headers, 'x-ms-error-code': error.code })
    .type('application/json; charset=utf-8')
    .send(error.body())
}

import type { FastifyRequest } from 'fastify'

/** Whether a reverse proxy asks for somebody else, and says so: who it is cannot be told by the address then. */
export function isForwarded({ headers }: FastifyRequest): boolean {
  return headers['x-forwarded-for'] !== undefined || headers['forwarded'] !== undefined
}

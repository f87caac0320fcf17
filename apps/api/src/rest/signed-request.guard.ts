/** Lets in what is signed with an access key of the resource. */
import { applyDecorators, Inject, UseGuards, type CanActivate, type ExecutionContext } from '@nestjs/common'
import { ApiSecurity } from '@nestjs/swagger'
import { verifyRequest, type SignatureProblem } from '@parley/identity'
import type { FastifyRequest } from 'fastify'
import { AcsError } from './acs-error.ts'
import { Refuses, signature } from './openapi.ts'
import { rawBodyOf } from './raw-body.ts'

export type SignatureParts = {
  /** Primary first. */
  accessKeys: readonly Uint8Array[]
  now: () => number
}

/** Checks the signature of a request as Fastify hands it on. */
export class Signatures {
  constructor(private readonly parts: SignatureParts) {}

  /** @throws AcsError 401 */
  check(request: FastifyRequest): void {
    const { method, raw } = request
    // As they came: decoded paths and joined headers are not what was signed.
    const received = { method, target: raw.url ?? '', rawHeaders: raw.rawHeaders, body: rawBodyOf(request) }
    const checked = verifyRequest(received, this.parts.accessKeys, this.parts.now())
    if (checked.ok) return
    throw new AcsError(401, 'Denied', sentences[checked.problem], { headers: { 'www-authenticate': 'HMAC-SHA256' } })
  }
}

class SignedRequestGuard implements CanActivate {
  constructor(@Inject(Signatures) private readonly signatures: Signatures) {}

  canActivate(context: ExecutionContext): boolean {
    this.signatures.check(context.switchToHttp().getRequest<FastifyRequest>())
    return true
  }
}

/** Doors for server apps: each request is signed. */
export function Signed(): ClassDecorator {
  return applyDecorators(
    UseGuards(SignedRequestGuard),
    ApiSecurity(signature),
    Refuses({ 401: 'The request is not signed with an access key.' }),
  )
}

// prettier-ignore
const sentences: Readonly<Record<SignatureProblem, string>> = {
  missing:         'The request is not signed. Sign it with an access key.',
  malformed:       'The Authorization header is no HMAC-SHA256 signature over x-ms-date, host and x-ms-content-sha256.',
  duplicateHeader: 'A signed header came twice.',
  noDate:          'The x-ms-date header is missing.',
  badDate:         'The x-ms-date header is no HTTP date.',
  dateTooFar:      'The x-ms-date header is more than 5 minutes away from the time here. Set the clock.',
  bodyChanged:     'The x-ms-content-sha256 header is not the hash of the body.',
  wrongSignature:  'The signature does not fit the request. Check the access key.',
}

/** Metrics are for this machine and for whoever has the access key, by a signature or as a bearer token. */
import { createHash, timingSafeEqual } from 'node:crypto'
import { Inject, type CanActivate, type ExecutionContext } from '@nestjs/common'
import type { FastifyRequest } from 'fastify'
import { bearerTokenIn } from '../bearer.ts'
import { isForwarded } from '../forwarded.ts'
import { isLoopbackAddress } from '../../loopback.ts'
import type { Signatures } from '../signed-request.guard.ts'

/** Who may read the metrics. */
export class MetricsReaders {
  constructor(private readonly parts: { accessKeys: readonly Uint8Array[]; signatures: Signatures }) {}

  /** @throws AcsError 401 */
  check(request: FastifyRequest): void {
    const isFromThisMachine = isLoopbackAddress(request.socket.remoteAddress) && !isForwarded(request)
    if (!isFromThisMachine && !this.#isAccessKey(request)) this.parts.signatures.check(request)
  }

  #isAccessKey({ headers }: FastifyRequest): boolean {
    const given = digest(Buffer.from(bearerTokenIn(headers.authorization) ?? '', 'base64'))
    return this.parts.accessKeys.some((key) => timingSafeEqual(digest(key), given))
  }
}

export class MetricsGuard implements CanActivate {
  constructor(@Inject(MetricsReaders) private readonly readers: MetricsReaders) {}

  canActivate(context: ExecutionContext): boolean {
    this.readers.check(context.switchToHttp().getRequest<FastifyRequest>())
    return true
  }
}

/** Makes lengths equal, so that the comparison takes the same time for each. */
function digest(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest()
}

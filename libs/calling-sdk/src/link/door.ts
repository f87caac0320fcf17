import { asUserId, type UserId } from '@parley/protocol'
import { failed } from '../calling-error.ts'

/** What a client reads out of a token: where the platform is, who the user is and when the token ends. */
export type Door = {
  /** Origin of the server that made the token. */
  origin: string
  userId: UserId
  /** Milliseconds since 1970, by the server's clock. */
  expiresAt: number
}

/**
 * Reads a token, which is a JWT, without checking it: that is the server's business. Throws *badToken* for anything
 * that names no platform and no user.
 */
export function doorOf(token: string): Door {
  const claims = claimsOf(token)
  const userId = typeof claims['skypeid'] === 'string' ? asUserId(`8:${claims['skypeid']}`) : undefined
  const origin = typeof claims['iss'] === 'string' ? originOf(claims['iss']) : undefined
  if (userId === undefined || origin === undefined) throw failed('badToken')
  return { origin, userId, expiresAt: typeof claims['exp'] === 'number' ? claims['exp'] * 1000 : Infinity }
}

function claimsOf(token: string): Record<string, unknown> {
  try {
    const payload = (token.split('.')[1] ?? '').replaceAll('-', '+').replaceAll('_', '/')
    const bytes = Uint8Array.from(atob(payload), (char) => char.charCodeAt(0))
    const claims: unknown = JSON.parse(new TextDecoder().decode(bytes))
    return typeof claims === 'object' && claims !== null ? { ...claims } : {}
  } catch (cause) {
    throw failed('badToken', { cause })
  }
}

function originOf(issuer: string): string | undefined {
  const url = URL.canParse(issuer) ? new URL(issuer) : undefined
  return url?.protocol === 'http:' || url?.protocol === 'https:' ? url.origin : undefined
}

/** The same place as a WebSocket's address. */
export const socketUrl = (origin: string, path: string): string => origin.replace(/^http/, 'ws') + path

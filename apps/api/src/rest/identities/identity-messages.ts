/** The bodies of the identity doors, as ACS's identity API 2023-10-01 has them. Absent may be written as null there. */
import { tokenLifetimeMin, tokenScopes, type IssuedToken } from '@parley/identity'
import * as z from 'zod/mini'
import { notAnObject } from '../raw-body.ts'

const { least, most, unsaid } = tokenLifetimeMin
const scopesSay = `must be a list of ${tokenScopes.join(', ')}.`
const expirySays = `expiresInMinutes must be a whole number from ${least} to ${most}.`

const Scopes = z
  .array(z.enum(tokenScopes, `Each of scopes ${scopesSay}`), `scopes ${scopesSay}`)
  .check(z.maxLength(2 * tokenScopes.length, `scopes ${scopesSay}`))
const ExpiresInMinutes = z.nullish(
  z.number(expirySays).check(z.int(expirySays), z.gte(least, expirySays), z.lte(most, expirySays)),
)

/** What a token may carry beside ACS's contract. */
const Parley = z.nullish(
  z.object(
    {
      /** Its holder may send media without a browser: for integration tests and bots. */
      plainMedia: z.optional(z.boolean('parley.plainMedia must be true or false.')),
    },
    'parley must be an object.',
  ),
)

export const CreateIdentity = z.object(
  { createTokenWithScopes: z.nullish(Scopes), expiresInMinutes: ExpiresInMinutes, parley: Parley },
  notAnObject,
)
export type CreateIdentity = z.infer<typeof CreateIdentity>

export const IssueToken = z.object(
  {
    scopes: Scopes.check(z.minLength(1, 'scopes must name at least one scope.')),
    expiresInMinutes: ExpiresInMinutes,
    parley: Parley,
  },
  notAnObject,
)
export type IssueToken = z.infer<typeof IssueToken>

export const AccessToken = z.object({ token: z.string(), expiresOn: z.iso.datetime() })
export type AccessToken = z.infer<typeof AccessToken>

export const CreatedIdentity = z.object({
  identity: z.object({ id: z.string() }),
  accessToken: z.optional(AccessToken),
})
export type CreatedIdentity = z.infer<typeof CreatedIdentity>

/** What a token shall allow beside its scopes, and for how many minutes, where the body says it or not. */
export function wishIn({ expiresInMinutes, parley }: Pick<IssueToken, 'expiresInMinutes' | 'parley'>): {
  lifetimeMin: number
  mayUsePlainMedia: boolean
} {
  return { lifetimeMin: expiresInMinutes ?? unsaid, mayUsePlainMedia: parley?.plainMedia ?? false }
}

export function accessTokenOf({ token, expiresAt }: IssuedToken): AccessToken {
  return { token, expiresOn: new Date(expiresAt).toISOString() }
}

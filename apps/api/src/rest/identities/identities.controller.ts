/** ACS's identity API (facts: @azure/communication-identity): the same paths, bodies and answers. */
import { Body, Controller, Delete, HttpCode, Inject, Param, Post } from '@nestjs/common'
import { ApiVersions } from '../api-version.guard.ts'
import { Describes } from '../openapi.ts'
import { JsonBody } from '../raw-body.ts'
import { Signed } from '../signed-request.guard.ts'
import { Identities } from './identities.ts'
import { AccessToken, accessTokenOf, CreatedIdentity, CreateIdentity, IssueToken, wishIn } from './identity-messages.ts'

/** What the released clients of the last years send. */
export const identityApiVersions = ['2021-03-07', '2022-06-01', '2022-10-01', '2023-10-01'] as const

/** ACS's identity doors call a body that breaks a rule so; its other doors say BadRequest. */
const invalid = 'ValidationError'

@Controller('identities')
// Evaluated upwards: the signature is checked first.
@ApiVersions(identityApiVersions)
@Signed()
export class IdentitiesController {
  constructor(@Inject(Identities) private readonly identities: Identities) {}

  @Post()
  @Describes('Makes an identity, and a token for it when scopes are given', CreateIdentity, [201, CreatedIdentity])
  async create(@Body(new JsonBody(CreateIdentity, invalid)) body: CreateIdentity): Promise<CreatedIdentity> {
    const scopes = [...new Set(body.createTokenWithScopes)]
    if (scopes.length === 0) return { identity: { id: (await this.identities.create()).user } }
    const { user, issued } = await this.identities.createWithToken({ scopes, ...wishIn(body) })
    return { identity: { id: user }, accessToken: accessTokenOf(issued) }
  }

  // Two colons write one: a single one would begin a parameter.
  @Post(':id/::issueAccessToken')
  @HttpCode(200)
  @Describes('Issues a token', IssueToken, [200, AccessToken])
  async issueAccessToken(
    @Param('id') id: string,
    @Body(new JsonBody(IssueToken, invalid)) body: IssueToken,
  ): Promise<AccessToken> {
    const wish = { scopes: [...new Set(body.scopes)], ...wishIn(body) }
    return accessTokenOf(await this.identities.issueToken(id, wish))
  }

  @Post(':id/::revokeAccessTokens')
  @HttpCode(204)
  @Describes('Voids every token issued so far and ends what was opened with one', undefined, [204])
  async revokeAccessTokens(@Param('id') id: string): Promise<void> {
    await this.identities.revokeTokens(id)
  }

  @Delete(':id')
  @HttpCode(204)
  @Describes('Deletes an identity; its id is never given out again', undefined, [204])
  async delete(@Param('id') id: string): Promise<void> {
    await this.identities.delete(id)
  }
}

/** The demo: an identity for whoever says a name, and who else is here. */
import type { UserId } from '@parley/protocol'
import { Refused } from '@parley/protocol'
import type { TokenCheck } from '../../agents/token-check.ts'
import { bearerTokenIn } from '../bearer.ts'
import type { Identities } from '../identities/identities.ts'
import { accessTokenOf } from '../identities/identity-messages.ts'
import type { DemoIdentity, Person } from './demo-messages.ts'
import type { People } from './people.ts'

const tokenLifetimeMin = 60

export class Demo {
  constructor(private readonly parts: { identities: Identities; tokenCheck: TokenCheck; people: People }) {}

  /** Makes an identity of this name, with a token that may call for an hour. */
  async newIdentity(displayName: string): Promise<DemoIdentity> {
    const wish = { scopes: ['voip' as const], lifetimeMin: tokenLifetimeMin }
    const { user, issued } = await this.parts.identities.createWithToken(wish)
    return { user, displayName, ...accessTokenOf(issued) }
  }

  /** Who else is here. @throws Refused 'unauthenticated' | 'forbidden' */
  async peopleFor(authorization: string | undefined): Promise<Person[]> {
    const { user: asking } = await this.#caller(authorization)
    const present = await this.parts.people.present()
    return present.flatMap(({ user, displayName }) =>
      user === asking ? [] : [{ user, displayName: displayName ?? user }],
    )
  }

  async #caller(authorization: string | undefined): Promise<{ user: UserId }> {
    const token = bearerTokenIn(authorization)
    if (token === undefined) throw new Refused('unauthenticated')
    return this.parts.tokenCheck.check(token)
  }
}

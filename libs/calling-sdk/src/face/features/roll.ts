/** Who is in a call, as features name people: by identifier, and once each. */
import type { CallView, LegId, RawId } from '@parley/protocol'
import type { FeatureContext } from '../contract/features.ts'
import type { CommunicationIdentifier, CommunicationUserIdentifier } from '../contract/identifiers.ts'
import { rawIdOf } from '../identifiers.ts'

/** Only users raise hands and send reactions. */
export const userOf = (id: RawId): CommunicationUserIdentifier & { kind: 'communicationUser' } => ({
  kind: 'communicationUser',
  communicationUserId: id,
})

/** Whose leg it is; undefined for one that has gone. */
export function ownerOf(leg: LegId, context: FeatureContext): RawId | undefined {
  const now = context.view()
  return now?.legId === leg ? context.self : now?.participants.find(({ legIds }) => legIds.includes(leg))?.id
}

/** The body's field for some participants. Nobody in particular is everybody. */
export const some = (people: readonly CommunicationIdentifier[]): { who?: RawId[] } =>
  people.length === 0 ? {} : { who: people.map(rawIdOf) }

type Mark = 'hand' | 'spotlight'
type Update = { added: RawId[]; removed: RawId[] }

/** Who bears a mark (a raised hand, the spotlight), in the order in which they got it. */
export class Marked {
  list: RawId[] = []
  private readonly mark: Mark
  private readonly self: RawId

  constructor(context: FeatureContext, mark: Mark) {
    this.self = context.self
    this.mark = mark
    const now = context.view()
    if (now !== undefined) this.see(now)
  }

  see({ participants, ...own }: CallView): Update {
    const before = this.list
    this.list = [{ ...own, id: this.self, state: own.state as string }, ...participants]
      .flatMap(({ id, state, [this.mark]: at }) => (at === undefined || state === 'Disconnected' ? [] : { id, at }))
      .toSorted((a, b) => a.at - b.at)
      .map(({ id }) => id)
    return {
      added: this.list.filter((id) => !before.includes(id)),
      removed: before.filter((id) => !this.list.includes(id)),
    }
  }
}

import type { CommunicationUserIdentifier, MicrosoftTeamsUserIdentifier } from '../contract/identifiers.ts'
import type { Emitter } from '../emitter.ts'
import { rawIdOf } from '../identifiers.ts'
import { ofCall } from './feature.ts'
import { Marked, userOf } from './roll.ts'

type User = ReturnType<typeof userOf>
type Events = {
  raisedHandEvent: (args: { identifier: User }) => void
  loweredHandEvent: (args: { identifier: User }) => void
}

/** ACS: RaiseHand. */
export const RaiseHand = ofCall('RaiseHand', (context, events: Emitter<Events>, until) => {
  const { self } = context
  const hands = new Marked(context, 'hand')
  const say = (event: keyof Events, ids: typeof hands.list): void => {
    for (const id of ids) events.emit(event, { identifier: userOf(id) })
  }
  until(
    context.onView((view) => {
      const { added, removed } = hands.see(view)
      say('raisedHandEvent', added)
      say('loweredHandEvent', removed)
    }),
  )
  const raise = async (isUp: boolean): Promise<void> => void (await context.ask('call.raiseHand', { isUp }))
  return {
    raiseHand: () => raise(true),
    lowerHand: () => raise(false),
    /** One's own is lowered in one's own right. */
    lowerHands: async (people: (CommunicationUserIdentifier | MicrosoftTeamsUserIdentifier)[]): Promise<void> => {
      const ids = people.map(rawIdOf)
      const who = ids.filter((id) => id !== self)
      if (who.length < ids.length) await raise(false)
      if (who.length > 0) await context.ask('call.lowerHands', { who })
    },
    lowerAllHands: async (): Promise<void> => {
      if (hands.list.includes(self)) await raise(false)
      await context.ask('call.lowerHands', {})
    },
    /** The first one up comes first; `order` counts from 1. */
    getRaisedHands: () => hands.list.map((id, at) => ({ identifier: userOf(id), order: at + 1 })),
  }
})

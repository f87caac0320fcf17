import { maxSpotlit, type RawId } from '@parley/protocol'
import type { CollectionUpdatedEvent } from '../contract/events.ts'
import type { CommunicationIdentifier } from '../contract/identifiers.ts'
import type { Emitter } from '../emitter.ts'
import { identifierOf, rawIdOf } from '../identifiers.ts'
import { ofCall } from './feature.ts'
import { Marked } from './roll.ts'

type Spotlit = { identifier: CommunicationIdentifier; order?: number }

/** ACS: Spotlight. Too many are refused by the server, in the words that apps look for. */
export const Spotlight = ofCall(
  'Spotlight',
  (context, events: Emitter<{ spotlightChanged: CollectionUpdatedEvent<Spotlit> }>, until) => {
    const spotlit = new Marked(context, 'spotlight')
    const shown = (ids: RawId[]): Spotlit[] =>
      ids.map((id) => {
        const at = spotlit.list.indexOf(id)
        return { identifier: identifierOf(id), ...(at < 0 ? {} : { order: at + 1 }) }
      })
    until(
      context.onView((view) => {
        const { added, removed } = spotlit.see(view)
        if (added.length + removed.length > 0)
          events.emit('spotlightChanged', { added: shown(added), removed: shown(removed) })
      }),
    )
    const turn = async (isOn: boolean, people: CommunicationIdentifier[] = []): Promise<void> => {
      const who = people.length === 0 ? [context.self] : people.map(rawIdOf)
      await context.ask('call.spotlight', { isOn, who })
    }
    return {
      maxParticipantsToSpotlight: maxSpotlit,
      /** Oneself, when nobody is named. */
      startSpotlight: (people?: CommunicationIdentifier[]) => turn(true, people),
      stopSpotlight: (people?: CommunicationIdentifier[]) => turn(false, people),
      stopAllSpotlight: async (): Promise<void> => void (await context.ask('call.spotlight', { isOn: false })),
      getSpotlightedParticipants: () => shown(spotlit.list),
    }
  },
)

import type { PropertyChangedEvent } from '../contract/events.ts'
import type { CommunicationIdentifierKind } from '../contract/identifiers.ts'
import type { Emitter } from '../emitter.ts'
import { identifierOf } from '../identifiers.ts'
import { ofCall } from './feature.ts'
import { ownerOf } from './roll.ts'

type Info = { speakersList: readonly CommunicationIdentifierKind[]; timestamp: Date }

/** ACS: DominantSpeakers. The others who spoke last, the latest first, each once. Not oneself: there is no tile to show. */
export const DominantSpeakers = ofCall(
  'DominantSpeakers',
  (context, events: Emitter<{ dominantSpeakersChanged: PropertyChangedEvent }>, until) => {
    let dominantSpeakers: Info = { speakersList: [], timestamp: new Date() }
    let known = ''
    until(
      context.onSpeakers(({ lately }) => {
        const ids = new Set(lately.flatMap((leg) => ownerOf(leg, context) ?? []))
        ids.delete(context.self)
        const now = [...ids].join()
        if (now === known) return
        known = now
        dominantSpeakers = { speakersList: [...ids].map(identifierOf), timestamp: new Date() }
        events.emit('dominantSpeakersChanged')
      }),
    )
    return {
      get dominantSpeakers(): Info {
        return dominantSpeakers
      },
    }
  },
)

import type { LegId, RawId } from '@parley/protocol'
import type { FeatureContext } from '../contract/features.ts'
import type { CommunicationIdentifierKind } from '../contract/identifiers.ts'
import type { Emitter } from '../emitter.ts'
import { identifierOf } from '../identifiers.ts'
import { ofCall } from './feature.ts'

export type RealTimeTextInfo = {
  /** The same for all that replaces one another. */
  sequenceId: number
  sender: {
    readonly identifier: CommunicationIdentifierKind
    readonly displayName?: string
    readonly endpointDetails: { participantId: string }[]
  }
  text: string
  resultType: 'Partial' | 'Final'
  /** When the first of it came. */
  receivedTimestamp: Date
  updatedTimestamp: Date
  isLocal: boolean
}
type Events = { realTimeTextReceived: (info: RealTimeTextInfo) => void }
type Text = { sequence: number; text: string; isFinal: boolean }

/** ACS: RealTimeText. Text while it is typed; one's own is heard too, once it is on its way. */
export const RealTimeText = ofCall('RealTimeText', (context, events: Emitter<Events>, until) => {
  const begun = new Map<string, Date>()
  let next = 0
  const show = (from: RawId, legId: LegId, { sequence, text, isFinal }: Text, isLocal: boolean): void => {
    const updatedTimestamp = new Date()
    const key = `${legId} ${sequence}`
    const receivedTimestamp = begun.get(key) ?? updatedTimestamp
    if (isFinal) begun.delete(key)
    else begun.set(key, receivedTimestamp)
    const resultType = isFinal ? 'Final' : 'Partial'
    const sender = senderOf(context, from, legId)
    events.emit('realTimeTextReceived', {
      sequenceId: sequence,
      sender,
      text,
      resultType,
      receivedTimestamp,
      updatedTimestamp,
      isLocal,
    })
  }
  until(context.onSaid(({ from, legId, saying }) => saying.kind === 'text' && show(from, legId, saying, false)))
  return {
    /** What is sent until `finalized` replaces what was sent before; then a new text begins. */
    sendRealTimeText: async (text: string, finalized = false): Promise<void> => {
      const mine = { sequence: next, text, isFinal: finalized }
      if (finalized) next++
      await context.ask('call.say', { saying: { kind: 'text', ...mine } })
      const legId = context.view()?.legId
      if (legId !== undefined) show(context.self, legId, mine, true)
    },
  }
})

function senderOf(context: FeatureContext, from: RawId, legId: LegId): RealTimeTextInfo['sender'] {
  const displayName = context.person(from)?.displayName
  return {
    identifier: identifierOf(from),
    ...(displayName === undefined ? {} : { displayName }),
    endpointDetails: [{ participantId: legId }],
  }
}

import type { RawId, Saying } from '@parley/protocol'
import type { Emitter } from '../emitter.ts'
import { ofCall } from './feature.ts'
import { userOf } from './roll.ts'

type Kind = Extract<Saying, { kind: 'reaction' }>['reaction']
type Message = { reactionType: Kind }
type Events = { reaction: (args: { identifier: ReturnType<typeof userOf>; reactionMessage: Message }) => void }

/** ACS: Reaction. One's own is heard too, once it is on its way. */
export const Reaction = ofCall('Reaction', (context, events: Emitter<Events>, until) => {
  const show = (from: RawId, reactionType: Kind): void =>
    events.emit('reaction', { identifier: userOf(from), reactionMessage: { reactionType } })
  until(context.onSaid(({ from, saying }) => saying.kind === 'reaction' && show(from, saying.reaction)))
  return {
    sendReaction: async ({ reactionType: reaction }: Message): Promise<void> => {
      await context.ask('call.say', { saying: { kind: 'reaction', reaction } })
      show(context.self, reaction)
    },
  }
})

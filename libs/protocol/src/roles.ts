/** Who may do what in a call, by name. Which role has which right is a rule of libs/call. */
import * as z from 'zod/mini'

/** The role of a room's participant (ACS: ParticipantRole). Outside rooms nobody has one. */
export const Role = z.enum(['Presenter', 'Collaborator', 'Attendee', 'Consumer'])
export type Role = z.infer<typeof Role>

/** What a participant may do. The SDK makes ACS's capabilities of these. */
export const Right = z.enum([
  'speak',
  'sendPicture',
  'shareScreen',
  'hold',
  'add',
  'remove',
  'endForAll',
  'muteOthers',
  'forbidMedia',
  'admit',
  'spotlightOthers',
  'lowerOthersHands',
  'raiseHand',
  'react',
  'write',
  'transfer',
  'dialOut',
])
export type Right = z.infer<typeof Right>

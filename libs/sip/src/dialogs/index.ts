/**
 * Dialogs (RFC 3261 section 12) and what happens inside of them: one file for each mechanism, with the section that it
 * comes from. dialog.ts is where to begin. Nothing here sends by itself or knows an app; agent does and does.
 */
export { Dialog } from './dialog.ts'
export { dialogKey, dialogKeyOf } from './dialog-key.ts'
export { descriptionIn, sdpType, type DescriptionBody } from './description-body.ts'
export { pauseAfterGlare, retryAfterOverlap } from './glare.ts'
export { dtmfRelayType, readInfoDigit, writeInfoDigit, type InfoDigit } from './info-digit.ts'
export { isReliable, ReliableReceiver, ReliableSender } from './reliable-provisionals.ts'
export { replaceable, replacesIn, withoutHeaders, withReplaces } from './replaces.ts'
export {
  answerTimer,
  askForTimer,
  isIntervalTooSmall,
  leastIntervalIn,
  SessionTimer,
  termsFromResponse,
} from './session-timer.ts'
export { readStatusFragment, sipfragType, writeStatusFragment } from './sipfrag.ts'
export { Success } from './success.ts'
export { wayInside } from './way.ts'

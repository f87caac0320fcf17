import type { Phone } from '../phone.ts'

/** What a person can want. The views call these and nothing else. */
export type Intents = Pick<
  Phone,
  | 'signIn'
  | 'leave'
  | 'reconnect'
  | 'call'
  | 'giveUpDialling'
  | 'answer'
  | 'decline'
  | 'hangUp'
  | 'mute'
  | 'camera'
  | 'press'
  | 'dismissEnd'
  | 'dismissTrouble'
  | 'startGroup'
  | 'forgetPlace'
  | 'copyLink'
  | 'join'
  | 'dial'
  | 'checkDevices'
  | 'dismissCheck'
  | 'wish'
>

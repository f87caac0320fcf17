/** The node of the phone network: holds phones, speaks SIP with trunks and telephones, and carries their sound. */
export { BadSetting, readSipSettings, type SipSettings } from './settings.ts'
export { SipNode, type SipCounts, type SipParts } from './sip-node.ts'
export { PhoneMedia } from './media/index.ts'

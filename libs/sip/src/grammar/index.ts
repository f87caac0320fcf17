/**
 * The grammar of SIP: RFC 3261 section 25, tolerant where RFC 4475 says so. Written by hand and read forwards only, so
 * that no input takes longer than its length. It knows texts and nothing of messages.
 */
export { isOf, may } from './characters.ts'
export { nameAddr, parseNameAddr, withParameter, writeNameAddr, type NameAddr } from './name-addr.ts'
export { escaped, noParameters, quote, unescaped, type Parameters } from './parameters.ts'
export { GrammarError, type Meter } from './reader.ts'
export {
  isSameUri,
  parseUri,
  sipUri,
  userOf,
  writeUri,
  type OtherUri,
  type SipUri,
  type TelUri,
  type Uri,
} from './uri.ts'

/** SIP messages: read out of bytes, written into bytes, their headers typed and read on demand. */
export { Framer, type Framed } from './framer.ts'
export { Headers, type ListKind, type SingleKind } from './headers.ts'
export * from './kinds/abilities.ts'
export * from './kinds/identity.ts'
export * from './kinds/routing.ts'
export {
  bodyOf,
  bodyText,
  noBody,
  responseTo,
  writeMessage,
  type Message,
  type Request,
  type Response,
  type ResponseParts,
} from './message.ts'
export { messageLimits, parseMessage, type MessageLimits, type Parsed, type ParseOptions } from './parse.ts'
export { reasonPhrase } from './status.ts'

/**
 * A SIP stack: grammar <- messages <- transports, transactions <- dialogs, with digest, sdp and the finding of servers
 * beside them. It knows nothing of Parley and can be used alone; docs/sip-stack.md shows a softphone.
 */
export * from './agent/index.ts'
export * from './digest/index.ts'
export * from './grammar/index.ts'
export * from './messages/index.ts'
export * from './sdp/index.ts'
export * from './servers/index.ts'
export * from './transactions/index.ts'
export * from './transports/index.ts'

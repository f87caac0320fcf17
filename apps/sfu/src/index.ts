/**
 * The media node: mediasoup workers, the routers of calls and the legs on them. It takes orders about opaque ids over
 * the bus, reports what happens to them, and decides nothing.
 */
export { sfuLimits, type SfuLimits } from './limits.ts'
export type { Counts } from './media-worker.ts'
export { SfuNode, type SfuParts } from './node.ts'
export { BadSetting, readSfuSettings, type SfuSettings } from './settings.ts'

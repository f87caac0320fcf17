/** The link to the api for agents that have no page: no DOM, no media, and none of ACS's names. */
export { CallingError, isError } from '../calling-error.ts'
export { silent } from '../log.ts'
export { pause, systemClock, type Clock } from './clock.ts'
export { doorOf, socketUrl } from './door.ts'
export { linkLimits, type CallEvent, type LinkLimits } from './link-options.ts'
export { Link } from './link.ts'

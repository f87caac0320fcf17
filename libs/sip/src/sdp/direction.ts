/** Who sends: RFC 3264 sections 5.1 and 6.1, and hold as section 8.4 tells it. */
import { hasAttribute, type MediaDescription, type SessionDescription } from './description.ts'

export type Direction = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive'
const directions: readonly Direction[] = ['sendrecv', 'sendonly', 'recvonly', 'inactive']

/** What the one who wrote the description wants to do with a medium. */
export function directionOf(session: SessionDescription, medium: MediaDescription): Direction {
  const stated =
    directions.find((one) => hasAttribute(medium, one)) ?? directions.find((one) => hasAttribute(session, one))
  // RFC 2543 put others on hold with an address of zeros; RFC 3264 section 8.4 wants it understood and not written.
  const address = (medium.connection ?? session.connection)?.address
  if (address === '0.0.0.0' || address === '::')
    return canReceive(stated ?? 'sendrecv') ? 'sendonly' : (stated ?? 'sendonly')
  return stated ?? 'sendrecv'
}

/** The same line as the other end sees it. */
export function mirrored(direction: Direction): Direction {
  if (direction === 'sendonly') return 'recvonly'
  return direction === 'recvonly' ? 'sendonly' : direction
}

/** Whether who says this sends. */
export function canSend(direction: Direction): boolean {
  return direction === 'sendrecv' || direction === 'sendonly'
}

/** Whether who says this wants to be sent to. */
export function canReceive(direction: Direction): boolean {
  return direction === 'sendrecv' || direction === 'recvonly'
}

/** What both want. */
export function commonDirection(one: Direction, other: Direction): Direction {
  const sends = canSend(one) && canSend(other)
  const receives = canReceive(one) && canReceive(other)
  if (sends) return receives ? 'sendrecv' : 'sendonly'
  return receives ? 'recvonly' : 'inactive'
}

/**
 * What the writer of a description wants to do with sound: of the first audio that is not refused. A description without
 * any says `inactive`.
 */
export function audioDirectionOf(session: SessionDescription): Direction {
  const audio = session.media.find(({ type, port }) => type === 'audio' && port !== 0)
  return audio === undefined ? 'inactive' : directionOf(session, audio)
}

/** The words in which promises are made and broken. */
import type { Leg } from '../src/index.ts'

export function promise(isKept: boolean, sentence: string): void {
  if (!isKept) throw new Error(`Broken promise: ${sentence}.`)
}

export function isLive(leg: Leg | undefined): boolean {
  return leg !== undefined && leg.state !== 'Disconnected'
}

/** Answered, or let in. */
export function isInCall(leg: Leg): boolean {
  return leg.state === 'Connecting' || leg.state === 'Connected' || leg.state === 'Reconnecting'
}

/** A bot alone is nobody. */
export function isPersonInCall(leg: Leg): boolean {
  return isInCall(leg) && leg.bot === undefined
}

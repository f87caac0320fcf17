/** How a phone asks api: in the name of its session, one thing after the other. */
import { askForPhone, BusError, type Bus, type PhoneAsker } from '@parley/bus'
import { phoneAskLimitMs, Refused, type PhoneAsk, type PhoneAskBody, type PhoneAskResult } from '@parley/protocol'

/** What has to be heard is said again after a pause, while the bus or api cannot take it. */
const pausesMs = [250, 1000, 4000]

export type Ask = <A extends PhoneAsk>(ask: A, body: PhoneAskBody<A>) => Promise<PhoneAskResult<A>>

export function askerFor(bus: Bus, by: PhoneAsker): Ask {
  return (ask, body) => askForPhone(bus, by, ask, body, { timeoutMs: phoneAskLimitMs })
}

/** Whether the same question may have an answer in a moment. */
function isPassing(error: unknown): boolean {
  if (error instanceof Refused) return error.failure === 'unavailable'
  return error instanceof BusError && error.kind !== 'closed' && error.kind !== 'malformed'
}

/** Asks until it is answered or refused. For what may be asked twice. */
export async function insist<T>(question: () => Promise<T>, isWanted: () => boolean): Promise<T> {
  for (const pauseMs of pausesMs) {
    try {
      return await question()
    } catch (error) {
      if (!isPassing(error) || !isWanted()) throw error
      await new Promise((resolve) => setTimeout(resolve, pauseMs))
    }
  }
  return question()
}

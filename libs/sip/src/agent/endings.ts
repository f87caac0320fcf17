/** How a session ends, before it is told. */
import { GrammarError } from '../grammar/index.ts'
import { Reason, type Message, type WithParameters } from '../messages/index.ts'
import { SipFailure } from './errors.ts'
import type { SessionEnd } from './session.ts'

export type Ending = Pick<SessionEnd, 'why'> & Partial<SessionEnd>

export function closed(): SipFailure {
  return new SipFailure('closed', 'the session is over')
}

/** RFC 3326; a header that cannot be read says nothing. */
export function reasonsIn({ headers }: Pick<Message, 'headers'>): readonly WithParameters[] {
  try {
    return headers.all(Reason)
  } catch (error) {
    if (error instanceof GrammarError) return []
    throw error
  }
}

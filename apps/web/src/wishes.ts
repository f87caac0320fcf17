/**
 * What a person can want of a call that takes one request to the SDK and has no story of its own. The call's own events
 * show what came of it; here only a refusal is told.
 */
import { CallingError, Features, type Call } from '@parley/calling-sdk'
import { troubleSentences, type Sentence } from './sentences.ts'
import type { ReactionKind } from './state.ts'

export type Wish =
  | {
      to: 'hold' | 'resume' | 'share' | 'stopSharing' | 'raiseHand' | 'lowerHand' | 'muteAll' | 'endForAll' | 'admitAll'
    }
  | { to: 'react'; kind: ReactionKind }
  | { to: 'add' | 'admit' | 'reject'; user: string }

/** Resolves with what to tell the person, if there is something. */
export async function carryOut(call: Call, wish: Wish): Promise<Sentence | undefined> {
  try {
    await ask(call, wish)
    return undefined
  } catch (error) {
    // Who closes the browser's choice of screens has changed his mind, and knows it.
    if (error instanceof CallingError && error.reason === 'screenDenied') return undefined
    return error instanceof CallingError ? { says: error.message, todo: undefined } : troubleSentences.wishFailed
  }
}

// prettier-ignore
function ask(call: Call, wish: Wish): unknown {
  switch (wish.to) {
    case 'hold':        return call.hold()
    case 'resume':      return call.resume()
    case 'share':       return call.startScreenSharing()
    case 'stopSharing': return call.stopScreenSharing()
    case 'raiseHand':   return call.feature(Features.RaiseHand).raiseHand()
    case 'lowerHand':   return call.feature(Features.RaiseHand).lowerHand()
    case 'react':       return call.feature(Features.Reaction).sendReaction({ reactionType: wish.kind })
    case 'muteAll':     return call.muteAllRemoteParticipants()
    case 'endForAll':   return call.hangUp({ forEveryone: true })
    case 'add':         return call.addParticipant({ communicationUserId: wish.user })
    case 'admit':       return call.lobby?.admit({ communicationUserId: wish.user })
    case 'admitAll':    return call.lobby?.admitAll()
    case 'reject':      return call.lobby?.reject({ communicationUserId: wish.user })
  }
}

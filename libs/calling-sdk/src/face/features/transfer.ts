import type { CallId, CallView, TransferView } from '@parley/protocol'
import { CallingError, failed } from '../../calling-error.ts'
import type { Call } from '../contract/call.ts'
import type { PropertyChangedEvent } from '../contract/events.ts'
import type { CommunicationIdentifier } from '../contract/identifiers.ts'
import { Emitter } from '../emitter.ts'
import { rawIdOf } from '../identifiers.ts'
import { type Listenable, listenable, ofCall } from './feature.ts'

export type TransferState = 'None' | TransferView['state']
/** One attempt to transfer a call. */
export type Transfer = Listenable<{ stateChanged: PropertyChangedEvent }> & {
  readonly state: TransferState
  /** Set before `state` becomes Failed. */
  readonly error?: { readonly code: number; readonly subCode?: number }
}
type Target =
  | { targetParticipant: CommunicationIdentifier }
  | { targetCallId: string }
  | { targetParticipantVoicemail: object }
type Events = { transferAccepted: (args: { targetCall: Call }) => void }

/** ACS: Transfer. Whoever transfers may hang up when it is Transferred. Nobody here has a voicemail. */
export const Transfer = ofCall('Transfer', (context, events: Emitter<Events>, until) => {
  let follow = (_view: CallView): void => {}
  until(
    context.onTransferAccepted((targetCall) => events.emit('transferAccepted', { targetCall })),
    context.onView((view) => follow(view)),
    context.onEnd(() => {
      const last = context.view()
      if (last !== undefined) follow(last)
    }),
  )
  return {
    transfer: (target: Target, _options?: object): Transfer => {
      const to = targetOf(target)
      const before = context.view()?.transfer?.id
      const { transfer, become } = begin()
      follow = ({ transfer: now }) => {
        if (now?.side === 'by' && now.id !== before) become(now.state, now.end)
      }
      const mine = follow
      context.ask('call.transfer', { to }).then(
        ({ call }) => mine(call),
        (error: unknown) => become('Failed', error instanceof CallingError ? error : { code: 500, subCode: 0 }),
      )
      return transfer
    },
  }
})

function targetOf(target: Target): TransferView['to'] {
  if ('targetParticipant' in target) return { user: rawIdOf(target.targetParticipant) }
  // The server knows our calls, and refuses what is none.
  if ('targetCallId' in target) return { callId: target.targetCallId as CallId }
  throw failed('notSupported')
}

type Why = { code: number; subCode: number } | undefined

function begin(): { transfer: Transfer; become: (state: TransferState, why: Why) => void } {
  const events = new Emitter<{ stateChanged: PropertyChangedEvent }>()
  const transfer: { -readonly [Key in keyof Transfer]: Transfer[Key] } = { state: 'None', ...listenable(events) }
  return {
    transfer,
    become: (state, why) => {
      // What is settled stays so.
      if (transfer.state === state || transfer.state === 'Transferred' || transfer.state === 'Failed') return
      if (why !== undefined) transfer.error = { code: why.code, subCode: why.subCode }
      transfer.state = state
      events.emit('stateChanged')
    },
  }
}

/**
 * Calls of one agent that others have transferred. The call that is to replace one begins here: it is placed, or, where
 * it leads into a call that goes on already, the ring out of that call is answered. The app is told before the old call
 * ends. That is the server's to do, once the new one is up; where it comes to nothing the old one goes on.
 */
import type { CallId, TransferView } from '@parley/protocol'
import type { Beginning, Leg } from '../link/leg.ts'
import type { Log } from '../log.ts'
import type { CallCore } from './call-core.ts'
import type { AcceptCallOptions, Call, CallerInfo } from './contract/call.ts'

type Ways = {
  start(how: Beginning, options: AcceptCallOptions, transferor: CallerInfo | undefined): Call
  accept(ringing: Leg, options: AcceptCallOptions, transferor: CallerInfo | undefined): Promise<Call>
  /** The call with this id, if it rings here. */
  ringing(callId: CallId): Leg | undefined
}

export class Transfers {
  private readonly log: Log
  private readonly ways: Ways
  /** Transfers into calls that have not rung yet, by the ids of these. */
  private readonly awaited = new Map<CallId, { core: CallCore; id: string }>()

  constructor(log: Log, ways: Ways) {
    this.log = log
    this.ways = ways
  }

  /** Begins the call that `core` was transferred to. */
  follow(core: CallCore, { id, to }: TransferView): void {
    if ('user' in to) {
      const transfer = { callId: core.callId, id }
      this.replace(core, this.ways.start({ to: [to.user], transfer }, optionsOf(core), transferorOf(core)))
      return
    }
    this.awaited.set(to.callId, { core, id })
    void core.ended.then(() => this.awaited.delete(to.callId))
    const ringing = this.ways.ringing(to.callId)
    if (ringing !== undefined) this.expects(ringing)
  }

  /** Whether this ring is the one out of a call that another was transferred to. It is answered then. */
  expects(ringing: Leg): boolean {
    const awaited = this.awaited.get(ringing.callId)
    this.awaited.delete(ringing.callId)
    if (awaited === undefined || !awaited.core.isBeingTransferred(awaited.id)) return false
    void this.accept(awaited.core, ringing)
    return true
  }

  private async accept(core: CallCore, ringing: Leg): Promise<void> {
    try {
      this.replace(core, await this.ways.accept(ringing, optionsOf(core), transferorOf(core)))
    } catch (error) {
      // The server's time for a transfer runs out, and the call that was to be replaced goes on.
      this.log.warn('transfer.notAccepted', { callId: core.id, error })
    }
  }

  private replace(core: CallCore, target: Call): void {
    core.noteTransfer(target)
    let wasConnected = false
    target.on('stateChanged', () => {
      wasConnected ||= target.state === 'Connected'
      if (target.state !== 'Disconnected' || wasConnected) return
      core.goOn().catch((error: unknown) => this.log.warn('transfer.notResumed', { callId: core.id, error }))
    })
  }
}

/** Who was muted stays so. */
function optionsOf(core: CallCore): AcceptCallOptions {
  return { audioOptions: { muted: core.own.voice.isMuted } }
}

/** Only calls of two are transferred: it was the other. */
function transferorOf({ people }: CallCore): CallerInfo | undefined {
  const [other] = people.list
  if (other === undefined) return undefined
  const { identifier, displayName } = other
  return { identifier, ...(displayName === undefined ? {} : { displayName }) }
}

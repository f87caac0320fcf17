/**
 * A phone is dialled: over one way after the other, as long as nothing shows that anybody has been reached. What a person
 * or his network has answered ends the call: nobody is dialled twice.
 */
import type { EpochMs } from '@parley/protocol'
import { RetryAfter, type InviteSession, type SessionEnd } from '@parley/sip'
import { reasonOfFailure } from './ends.ts'
import { ring } from './outgoing-ringing.ts'
import type { AgreedSound } from './phone-sdp.ts'
import type { Phone } from './phone.ts'
import type { Seat } from './seat.ts'
import type { Way, Ways } from './way.ts'

export type DialPlan = {
  phone: Phone
  seat: Seat
  /** The best first; those that are named together are rung together. */
  ways: readonly Ways[]
  until: EpochMs
  silenceLimitMs: number
}

/** A trunk that is alive says 100 at once; the next one is asked well before a caller wonders. */
const patienceMs = { withOthers: 3000, alone: 8000 }
/** Our clock may go ahead of the database's; api ends the ringing by itself. */
const clockSlackMs = 5000
/** What a trunk answers that cannot carry the call: nobody has been reached. */
const worthAnother = new Set([408, 500, 502, 503, 504])

export async function dialOut(plan: DialPlan): Promise<void> {
  try {
    await tryAll(plan)
  } catch (error) {
    plan.phone.ends('phoneFault')
    throw error
  }
}

async function tryAll(plan: DialPlan): Promise<void> {
  const { phone, ways } = plan
  for (const [n, together] of ways.entries()) {
    const isLast = n === ways.length - 1
    const rung = await ring({
      ...{ phone, ways: together, silenceLimitMs: plan.silenceLimitMs },
      ringLimitMs: Math.max(plan.until - Date.now(), 0) + clockSlackMs,
      patienceMs: isLast ? patienceMs.alone : patienceMs.withOthers,
      progressed: (status, hasMedia) => progresses(plan, status, hasMedia),
      failed: (way, end) => failed(plan, way, end),
      answered: (way, call) => answers(plan, way, call),
    })
    if (phone.isOver || rung.is === 'answered') return
    const { end, hasRung } = rung
    if (!isLast && !hasRung && mayGoOn(end)) continue
    const reason = end.why === 'failed' && together[0].trunk === undefined ? 'phoneAway' : reasonOfFailure(end)
    phone.ends(reason, end.why === 'rejected' ? end.status : undefined)
    return
  }
  phone.ends('trunkAway')
}

/** What a trunk says to a call, its operator should know. */
function failed({ phone }: DialPlan, way: Way, { why, status, failure, response }: SessionEnd): void {
  if (phone.isOver || way.trunk === undefined) return
  const told = { session: phone.session, trunk: way.trunk, why, status, error: failure?.message }
  phone.log.info(told, 'trunk.call_refused')
  const awayS = status === 503 ? response?.headers.readable(RetryAfter)?.seconds : undefined
  if (awayS !== undefined) way.isAway?.(awayS)
}

/** 180 and its like. The sound is brought to the call meanwhile, so that it flows at the answer. */
function progresses({ phone, seat }: DialPlan, status: number, hasMedia: boolean): void {
  seat.join()
  const { callId } = seat
  const { agreed } = phone
  if (hasMedia && agreed !== undefined) {
    phone.inOrder('early media', async () => {
      await phone.ask('phone.progress', { callId, progress: 'early', ...codecOf(agreed) })
      seat.says(agreed.track)
    })
  } else if (status === 180) {
    phone.inOrder('progress', () => phone.ask('phone.progress', { callId, progress: 'alerting' }))
  }
}

function answers({ phone, seat }: DialPlan, way: Way, call: InviteSession): void {
  const { callId } = seat
  const { trunk } = way
  phone.isAnsweredOver(way)
  seat.join()
  phone.inOrder('answer', async () => {
    try {
      await phone.ask('phone.progress', { callId, ...codecOf(phone.agreed), ...(trunk === undefined ? {} : { trunk }) })
      const { call: view } = await phone.ask('call.accept', { callId, isMuted: false })
      phone.isConnected(call)
      phone.seen(view)
    } catch (error) {
      // The call ended while the phone was being picked up; or nobody can say whether it did.
      phone.ends('phoneLost')
      throw error
    }
  })
  // Until api knows of the answer nobody else looks whether the phone has gone again.
  call.on('ended', () => phone.isUp || phone.ends('phoneHungUp'))
}

function codecOf(agreed: AgreedSound | undefined): { codec?: 'PCMU' | 'PCMA' } {
  const codec = agreed?.codec
  return codec === 'PCMU' || codec === 'PCMA' ? { codec } : {}
}

function mayGoOn({ why, status }: SessionEnd): boolean {
  return why === 'failed' || (why === 'rejected' && worthAnother.has(status ?? 500))
}

/**
 * A phone is dialled: over one way after the other, as long as nothing shows that anybody has been reached. What a person
 * or his network has answered ends the call: nobody is dialled twice.
 */
import type { EpochMs } from '@parley/protocol'
import { RetryAfter, type InviteSession, type SessionEnd } from '@parley/sip'
import { reasonOfFailure } from './ends.ts'
import { PhoneSdp, type AgreedSound } from './phone-sdp.ts'
import type { Phone } from './phone.ts'
import type { Seat } from './seat.ts'
import type { Way } from './way.ts'

export type DialPlan = {
  phone: Phone
  seat: Seat
  /** The best first. */
  ways: readonly Way[]
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
  for (const [n, way] of ways.entries()) {
    const isLast = n === ways.length - 1
    const tried = await tryOne(plan, way, isLast)
    if (phone.isOver || tried.is === 'answered') return
    const { end, hasRung } = tried
    if (way.trunk !== undefined) {
      const told = {
        session: phone.session,
        trunk: way.trunk,
        why: end.why,
        status: end.status,
        error: end.failure?.message,
      }
      phone.log.info(told, 'trunk.call_refused')
    }
    noteAbsence(way, end)
    if (!isLast && !hasRung && mayGoOn(end)) continue
    phone.ends(reasonOfFailure(end), end.why === 'rejected' ? end.status : undefined)
    return
  }
  phone.ends('trunkAway')
}

type Tried = { is: 'answered' } | { is: 'failed'; end: SessionEnd; hasRung: boolean }

/** Resolves when somebody has answered, or nobody will. */
function tryOne(plan: DialPlan, way: Way, isLast: boolean): Promise<Tried> {
  const { phone } = plan
  const { promise, resolve } = Promise.withResolvers<Tried>()
  const call = invite(plan, way)
  phone.isReachedBy(call)
  let hasRung = false
  const patience = setTimeout(
    () => {
      // Not even a 100: whether the INVITE has come there or not, it is given up, and a late answer is hung up on.
      if (call.state === 'trying') void call.terminate()
    },
    isLast ? patienceMs.alone : patienceMs.withOthers,
  )
  call.on('progress', ({ status, hasMedia }) => {
    hasRung = true
    progresses(plan, status, hasMedia)
  })
  call.on('confirmed', () => {
    clearTimeout(patience)
    answers(plan, way, call)
    resolve({ is: 'answered' })
  })
  call.on('ended', (end) => {
    clearTimeout(patience)
    resolve({ is: 'failed', end: hadPatience(end), hasRung })
  })
  return promise
}

function invite({ phone, until, silenceLimitMs }: DialPlan, way: Way): InviteSession {
  const { terms, address } = way
  const isTheirs = (one: string): boolean => way.isTheirs(one)
  const agreed = (sound: AgreedSound): void => phone.agrees(sound)
  const media = new PhoneSdp({ sound: phone.sound, terms, address, isTheirs, silenceLimitMs, agreed })
  const ringLimitMs = Math.max(until - Date.now(), 0) + clockSlackMs
  return phone.agent.invite({ ...way.invite, media, ringLimitMs })
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

function answers({ phone, seat }: DialPlan, { trunk }: Way, call: InviteSession): void {
  const { callId } = seat
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

/** The end that we brought about because nothing came. */
function hadPatience(end: SessionEnd): SessionEnd {
  return end.why === 'cancelled' && end.by === 'us' ? { ...end, why: 'failed' } : end
}

function mayGoOn({ why, status }: SessionEnd): boolean {
  return why === 'failed' || (why === 'rejected' && worthAnother.has(status ?? 500))
}

function noteAbsence(way: Way, { status, response }: SessionEnd): void {
  const seconds = status === 503 ? response?.headers.readable(RetryAfter)?.seconds : undefined
  if (seconds !== undefined) way.isAway?.(seconds)
}

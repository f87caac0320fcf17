/** What roles promise: nobody sends, hears or changes more than his role allows. Told here a second time, as a table. */
import type { Right, Role, Source } from '@parley/protocol'
import { grantOf, type Call, type CallEvent, type Leg } from '../src/index.ts'
import { isInCall, isLive, isPersonInCall, promise } from './promise.ts'
import { viewFor } from './views.ts'

const sourcesOf: Record<Role, Source[]> = {
  Presenter: ['microphone', 'camera', 'screen'],
  Collaborator: ['microphone', 'camera', 'screen'],
  Attendee: ['microphone', 'camera'],
  Consumer: [],
}
/** What nobody but a Presenter may do in a room. */
const ofPresenters: Right[] = ['add', 'remove', 'muteOthers', 'forbidMedia', 'admit', 'spotlightOthers', 'dialOut']

export function checkRights(call: Call, leg: Leg): void {
  const { send, paused, receive } = grantOf(call, leg)
  const flows = send.filter((source) => !paused.includes(source))
  const allowed = call.kind === 'room' ? sourcesOf[leg.role ?? 'Attendee'] : sourcesOf.Presenter
  const forbidden = call.forbidden.filter(({ user }) => user === leg.user).map(({ source }) => source)
  const isHeld = call.legs.some((one) => isInCall(one) && one.isHeld && (one === leg || call.kind === 'direct'))
  const early = call.kind === 'direct' && call.legs.some((one) => one.state === 'Ringing' && one.progress === 'early')
  const isEarly = early && (leg.state === 'Calling' || (leg.state === 'Ringing' && leg.progress === 'early'))
  const isCut = !isInCall(leg) || isHeld
  const mayOpen = isInCall(leg) || leg.state === 'Calling' || isEarly
  promise(
    !isCut || isEarly || (flows.length === 0 && !receive),
    'nothing flows before the answer, in the lobby or on hold',
  )
  promise(!isEarly || receive === (leg.state === 'Calling'), 'early media is heard by the caller alone')
  promise(!isEarly || flows.length === (leg.state === 'Calling' ? 0 : 1), 'early media comes from the phone alone')
  promise(isCut || receive, 'who is in the call hears it')
  promise(mayOpen || send.length === 0, 'who rings or waits opens no microphone')
  promise(!send.some((source) => !allowed.includes(source)), 'nobody sends what his role does not allow')
  promise(!send.some((source) => forbidden.includes(source)), 'nobody sends what he was forbidden')
  promise(!send.includes('screen') || call.sharing === leg.id, 'one shares at most')
  promise(call.sharing !== leg.id || (isInCall(leg) && allowed.includes('screen')), 'who shares is there, and may')
  promise(isCut || paused.includes('microphone') === leg.isMuted, 'who is muted is muted at the sfu')
  promise(!isInCall(leg) || leg.isMuted || send.includes('microphone'), 'who may not speak shows as muted')
  const leads = viewFor(call, leg).may.some((right) => ofPresenters.includes(right))
  promise(call.kind !== 'room' || leg.role === 'Presenter' || !leads, 'only Presenters have a Presenter’s rights')
}

/** In a room, who is no Presenter changes nobody but himself; when the last one leaves, those who ring stop. */
export function checkWhoMayChange(before: Call, call: Call, event: CallEvent): void {
  if (call.kind !== 'room' || !('session' in event) || event.type === 'sessionEnded') return
  const by = before.legs.find((leg) => isLive(leg) && leg.session === event.session)
  if (by === undefined || by.role === 'Presenter') return
  const others = (call: Call) => call.legs.filter((leg) => isLive(leg) && leg.user !== by.user)
  const now = others(call)
  const isLeftAlone = !call.legs.some(isPersonInCall)
  promise(isLeftAlone || others(before).every((leg) => now.includes(leg)), 'who is no Presenter changes no other')
  promise(now.length <= others(before).length, 'who is no Presenter brings nobody in')
  promise(call.forbidden === before.forbidden, 'who is no Presenter forbids nothing')
  for (const name of ['hands', 'spotlights'] as const) {
    const isOthers = ({ user }: { user: string }): boolean => user !== by.user
    const isSame = call[name].filter(isOthers).length === before[name].filter(isOthers).length
    promise(isLeftAlone || isSame, `who is no Presenter leaves others’ ${name} alone`)
  }
}

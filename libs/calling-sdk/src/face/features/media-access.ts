import type { CallView, Source } from '@parley/protocol'
import type { CommunicationIdentifier, CommunicationIdentifierKind } from '../contract/identifiers.ts'
import type { Emitter } from '../emitter.ts'
import { identifierOf } from '../identifiers.ts'
import { ofCall } from './feature.ts'
import { some } from './roll.ts'

type Permitted = { isAudioPermitted: boolean; isVideoPermitted: boolean }
type Access = Permitted & { participant: CommunicationIdentifierKind }
type Events = {
  mediaAccessChanged: (args: { mediaAccesses: Access[] }) => void
  meetingMediaAccessChanged: (args: { meetingMediaAccess: Permitted }) => void
}

/** ACS: MediaAccess. What the others may send; the meeting's is what at least one of them may. */
export const MediaAccess = ofCall('MediaAccess', (context, events: Emitter<Events>, until) => {
  let others = accessOf(context.view())
  let meeting = sum(others)
  until(
    context.onView((view) => {
      const [before, meetingBefore] = [others, meeting]
      others = accessOf(view)
      meeting = sum(others)
      if (!isSame(others, before)) events.emit('mediaAccessChanged', { mediaAccesses: others })
      if (!isSame(meeting, meetingBefore)) events.emit('meetingMediaAccessChanged', { meetingMediaAccess: meeting })
    }),
  )
  const permit =
    (source: 'microphone' | 'camera', isPermitted: boolean) =>
    async (people: CommunicationIdentifier[]): Promise<void> => {
      // Nobody is nobody here; everybody has a method of its own.
      if (people.length > 0) await context.ask('call.permit', { source, isPermitted, ...some(people) })
    }
  const permitAll = (source: 'microphone' | 'camera', isPermitted: boolean) => async (): Promise<void> =>
    void (await context.ask('call.permit', { source, isPermitted }))
  return {
    permitAudio: permit('microphone', true),
    forbidAudio: permit('microphone', false),
    permitVideo: permit('camera', true),
    forbidVideo: permit('camera', false),
    permitOthersAudio: permitAll('microphone', true),
    forbidOthersAudio: permitAll('microphone', false),
    permitOthersVideo: permitAll('camera', true),
    forbidOthersVideo: permitAll('camera', false),
    getAllOthersMediaAccess: () => others,
    getMeetingMediaAccess: () => meeting,
  }
})

const isSame = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)

function accessOf(view: CallView | undefined): Access[] {
  return (view?.participants ?? [])
    .filter(({ state }) => state !== 'Disconnected')
    .map(({ id, forbidden }) => {
      const may = (source: Source): boolean => !forbidden.includes(source)
      return { participant: identifierOf(id), isAudioPermitted: may('microphone'), isVideoPermitted: may('camera') }
    })
}

function sum(others: Access[]): Permitted {
  const may = (what: keyof Permitted): boolean => others.length === 0 || others.some((one) => one[what])
  return { isAudioPermitted: may('isAudioPermitted'), isVideoPermitted: may('isVideoPermitted') }
}

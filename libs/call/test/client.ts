/**
 * What clients make of a call when events are all that they hear: every leg's view, begun with the reply or the ring
 * that brought it, and kept up from then on. It always is the view of the call as it stands.
 */
import { isDeepStrictEqual } from 'node:util'
import type { AgentEvent, CallView, LegId, ParticipantView, SessionId } from '@parley/protocol'
import type { Call, Leg, Step } from '../src/index.ts'
import { isLive, promise } from './promise.ts'
import { viewFor } from './views.ts'

type Client = { leg: Leg; view: CallView; told: { event: AgentEvent['event']; version: number }[] }

export class Clients {
  private readonly byLeg = new Map<LegId, Client>()

  /** Takes what a step tells, and checks that all clients know the call as it is now. */
  follow({ call, effects }: Step): void {
    for (const leg of call.legs) {
      if (!this.byLeg.has(leg.id)) this.byLeg.set(leg.id, { leg, view: viewFor(call, leg), told: [] })
    }
    for (const effect of effects) if (effect.do === 'tell') this.hear(effect.sessions, effect.message)
    for (const leg of call.legs) this.check(call, leg)
  }

  /** What all legs were told from first to last: an end once, as the last word, in growing versions. */
  checkEnds(): void {
    for (const { leg, told } of this.byLeg.values()) {
      if (leg.session === undefined) {
        promise(told.length === 0, 'bots are told nothing')
        continue
      }
      const ends = told.filter(({ event }) => event === 'call.ended').length
      const inWords = `${leg.id} was told ${JSON.stringify(told)}`
      promise(
        ends === 1 && told.at(-1)?.event === 'call.ended',
        `each leg is told one end, the last of all; ${inWords}`,
      )
    }
  }

  private hear(sessions: SessionId[], message: AgentEvent): void {
    if (message.event === 'call.people') {
      for (const session of sessions) {
        const client = [...this.byLeg.values()].find(({ leg, view }) => leg.session === session && isGoingOn(view))
        if (client === undefined) throw new Error(`${session} has no leg, and is told of people.`)
        note(client, message.event, message.body.version)
        client.view = merged(client, message.body)
      }
    } else if ('call' in message.body) {
      const client = this.byLeg.get(message.body.call.legId)
      if (client === undefined) throw new Error(`${message.body.call.legId} is no leg, and is told of its call.`)
      note(client, message.event, message.body.call.version)
      client.view = message.body.call
    }
  }

  private check(call: Call, leg: Leg): void {
    if (!isLive(leg) || leg.session === undefined) return
    const known = this.byLeg.get(leg.id)?.view
    const isKnown = isDeepStrictEqual(comparable(known), comparable(viewFor(call, leg)))
    promise(isKnown, `who puts together what he was told knows the call; not so ${leg.id}: ${JSON.stringify(known)}`)
  }
}

function note({ leg, told }: Client, event: AgentEvent['event'], version: number): void {
  promise(version > (told.at(-1)?.version ?? 0), `versions grow; ${leg.id} was told old news`)
  told.push({ event, version })
}

/** An entry is all of a participant; one that has left is gone, and oneself is no participant. */
function merged({ leg, view }: Client, news: { version: number; participants: ParticipantView[] }): CallView {
  const people = new Map(view.participants.map((one) => [one.id, one]))
  for (const one of news.participants) {
    if (one.id === leg.user) continue
    if (one.state === 'Disconnected') people.delete(one.id)
    else people.set(one.id, one)
  }
  return { ...view, version: news.version, participants: [...people.values()] }
}

/** The version is the one that was told last, and the order of people says nothing. */
function comparable(view: CallView | undefined): unknown {
  const participants = view?.participants.toSorted((one, other) => (one.id < other.id ? -1 : 1))
  return { ...view, version: 0, participants }
}

function isGoingOn(view: CallView): boolean {
  return view.state !== 'Disconnected'
}

import type { CallView, Source } from '@parley/protocol'
import type { Leg, Said } from '../link/leg.ts'
import type { AgentParts } from './agent-parts.ts'
import type { CallPeople } from './call-people.ts'
import type { Call } from './contract/call.ts'
import type { FeatureContext } from './contract/features.ts'
import { Emitter } from './emitter.ts'
import type { Diagnostics } from './features/diagnostics.ts'
import type { OwnMedia, Speakers } from './own-media.ts'

type News = {
  view: (view: CallView) => void
  said: (said: Said) => void
  speakers: (speakers: Speakers) => void
  transferAccepted: (targetCall: Call) => void
  track: (source: Source) => void
  end: () => void
}
/** What a call tells its features. */
export class CallNews extends Emitter<News> {}

type Sources = {
  agent: AgentParts
  leg: Leg
  news: CallNews
  diagnostics: Diagnostics
  own: OwnMedia
  people: CallPeople
}

/** What the features of one call know of it. */
export function featureContext({ agent, leg, news, diagnostics, own, people }: Sources): FeatureContext {
  const follow =
    <E extends keyof News>(event: E) =>
    (listener: News[E]): (() => void) => {
      news.on(event, listener)
      return () => news.off(event, listener)
    }
  const { user } = agent.link
  return {
    diagnostics,
    clock: agent.clock,
    log: agent.log,
    // An agent has been connected before it has calls.
    self: user as NonNullable<typeof user>,
    get callId() {
      return leg.callId
    },
    view: () => leg.view,
    onView: follow('view'),
    onSaid: follow('said'),
    onSpeakers: follow('speakers'),
    onTransferAccepted: follow('transferAccepted'),
    onEnd: follow('end'),
    // All that asks about a call takes its id.
    ask: (verb, body) => leg.ask(verb, body as Parameters<typeof leg.ask<typeof verb>>[1]),
    stats: () => own.stats(),
    track: (source) => own.track(source),
    onTrack: follow('track'),
    isMuted: () => own.voice.isMuted,
    person: (id) => people.find(id),
  }
}

/** A call as features see it, without a link or media: it shows what a test says, and writes down what it is asked. */
import type { CallView, LegId, RawId, Saying, Source } from '@parley/protocol'
import type { RemoteParticipant } from '../src/face/contract/call.ts'
import type { CallFeatureFactory, FeatureContext } from '../src/face/contract/features.ts'
import { Emitter } from '../src/face/emitter.ts'
import { Diagnostics } from '../src/face/features/diagnostics.ts'
import { silent } from '../src/log.ts'
import type { MediaFigures } from '../src/media/media-figures.ts'
import { TestClock } from './test-clock.ts'
import { ann, bob, bobsLeg, view } from './views.ts'

type Said = Parameters<Parameters<FeatureContext['onSaid']>[0]>[0]
type Speakers = Parameters<Parameters<FeatureContext['onSpeakers']>[0]>[0]
type Events = {
  view: (view: CallView) => void
  said: (said: Said) => void
  speakers: (speakers: Speakers) => void
  transferAccepted: Parameters<FeatureContext['onTransferAccepted']>[0]
  track: (source: Source) => void
  end: () => void
}

export class FakeCall {
  readonly clock = new TestClock()
  readonly diagnostics = new Diagnostics()
  readonly news = new Emitter<Events>()
  /** Every request: its verb and its body. */
  readonly asked: [verb: string, body: object][] = []
  readonly tracks: Partial<Record<Source, MediaStreamTrack>> = {}
  isMuted = false
  /** What the server says to the next requests. */
  reply: () => Promise<unknown> = async () => ({})
  figures: MediaFigures | undefined
  private version = 1
  private now: CallView | undefined

  /** Nothing is known of a `new` call before it shows something. */
  constructor(first: CallView | 'new' = view()) {
    this.now = first === 'new' ? undefined : first
  }

  feature<T>(factory: CallFeatureFactory<T>): T {
    return factory.callApi(this.context())
  }

  /** The call is as the test says from now on. */
  shows(more: Partial<CallView>): void {
    this.now = view({ ...this.now, ...more, version: ++this.version })
    this.news.emit('view', this.now)
  }

  says(saying: Saying, from: RawId = bob, legId: LegId = bobsLeg): void {
    this.news.emit('said', { from, legId, saying })
  }

  changesTrack(source: Source, track: MediaStreamTrack | undefined): void {
    if (track === undefined) delete this.tracks[source]
    else this.tracks[source] = track
    this.news.emit('track', source)
  }

  mutes(isMuted: boolean): void {
    this.isMuted = isMuted
    this.news.emit('track', 'microphone')
  }

  /** Lets time pass in steps, and every answer arrive between them. */
  async passes(ms: number, step = 100): Promise<void> {
    for (let passed = 0; passed < ms; passed += step) {
      this.clock.pass(step)
      await new Promise((resolve) => setImmediate(resolve))
    }
  }

  context(): FeatureContext {
    const follow =
      <E extends keyof Events>(event: E) =>
      (listener: Events[E]) => {
        this.news.on(event, listener)
        return () => this.news.off(event, listener)
      }
    const ask = (verb: string, body: object): Promise<unknown> => {
      this.asked.push([verb, body])
      return this.reply()
    }
    return {
      diagnostics: this.diagnostics,
      clock: this.clock,
      log: silent,
      self: ann,
      callId: view().callId,
      view: () => this.now,
      onView: follow('view'),
      onSaid: follow('said'),
      onSpeakers: follow('speakers'),
      onTransferAccepted: follow('transferAccepted'),
      onEnd: follow('end'),
      ask: ask as FeatureContext['ask'], // a test's reply is whatever the test says
      stats: async () => this.figures,
      track: (source) => this.tracks[source],
      onTrack: follow('track'),
      isMuted: () => this.isMuted,
      person: (id) => (id === bob ? ({ displayName: 'Bob' } as RemoteParticipant) : undefined),
    }
  }
}

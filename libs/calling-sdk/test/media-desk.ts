/** The other end of a leg's media: takes what it asks, and a test answers. The browser's part is mediasoup-client's own stand-in. */
import type { ConsumerId, ConsumerOptions, JoinedMedia, ProducerId, Source, StreamView } from '@parley/protocol'
import { Device, FakeHandler, testFakeParameters, type types } from 'mediasoup-client'
import type { MediaWire } from '../src/media/media-wire.ts'
import { Inbox } from './inbox.ts'
import { bobsLeg } from './views.ts'

export type Asked = {
  verb: string
  body: Record<string, unknown>
  answers(ok?: unknown): void
  refuses(error: Error): void
}

export class MediaDesk implements MediaWire {
  readonly #asked = new Inbox<Asked>('a request about media')

  join: MediaWire['join'] = (generation) => this.#take('media.join', { generation }) as Promise<JoinedMedia>
  // A test gives the result that the verb asks for.
  ask: MediaWire['ask'] = (verb, body) => this.#take(verb, body) as never

  /** The next request, whatever it is. */
  next(): Promise<Asked> {
    return this.#asked.next()
  }

  async hears(verb: string): Promise<Asked> {
    const asked = await this.#asked.next()
    if (asked.verb !== verb) throw new Error(`Waited for ${verb}, and heard ${asked.verb}.`)
    return asked
  }

  /** Hears a request and answers it. */
  async grants(verb: string, ok: unknown = {}): Promise<Asked> {
    const asked = await this.hears(verb)
    asked.answers(ok)
    return asked
  }

  get unheard(): string[] {
    return this.#asked.rest.map(({ verb }) => verb)
  }

  #take(verb: string, body: object): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#asked.put({ verb, body: { ...body }, answers: (ok) => resolve(ok ?? {}), refuses: reject })
    })
  }
}

/** A browser, and every transport that is made in it. */
export async function browser(): Promise<{ device: types.Device; transports: types.Transport[] }> {
  const generateNativeRtpCapabilities = () => withG711(testFakeParameters.generateNativeRtpCapabilities())
  const parameters = { ...testFakeParameters, generateNativeRtpCapabilities }
  const device = new Device({ handlerFactory: FakeHandler.createFactory(parameters) })
  await device.load({ routerRtpCapabilities: withG711(testFakeParameters.generateRouterRtpCapabilities()) })
  const transports: types.Transport[] = []
  device.observer.on('newtransport', (transport) => transports.push(transport))
  return { device, transports }
}

/** What telephones speak, and every browser does, too. */
function withG711({ codecs = [], ...more }: types.RtpCapabilities): types.RtpCapabilities {
  const laws = [
    { mimeType: 'audio/PCMU', preferredPayloadType: 0 },
    { mimeType: 'audio/PCMA', preferredPayloadType: 8 },
  ] as const
  const g711 = laws.map((law) => ({ ...law, kind: 'audio' as const, clockRate: 8_000, channels: 1, rtcpFeedback: [] }))
  return { ...more, codecs: [...codecs, ...g711] }
}

/** Brings transports into a state, as a network would. */
export function become(transports: types.Transport[], state: types.ConnectionState): void {
  for (const { handler } of transports) (handler as FakeHandler).setConnectionState(state) // made by the factory above
}

let count = 0

export function sound(): ConsumerOptions {
  return consumer('microphone', 'audio/opus')
}

export function picture(streamId: ProducerId): ConsumerOptions {
  return { ...consumer('camera', 'video/VP8'), producerId: streamId }
}

export function stream(name: string): StreamView {
  return { streamId: name as ProducerId, legId: bobsLeg, source: 'camera' }
}

function consumer(source: Source, codecMimeType: string): ConsumerOptions {
  const { kind, rtpParameters } = testFakeParameters.generateConsumerRemoteParameters({ codecMimeType })
  const id = `consumer-${++count}` as ConsumerId
  // mediasoup's own shape, which the wire carries as it is.
  const parameters = rtpParameters as unknown as Record<string, unknown>
  return {
    id,
    producerId: `producer-${count}` as ProducerId,
    kind,
    rtpParameters: parameters,
    legId: bobsLeg,
    source,
  }
}

/** What the server gives to a leg that joins. */
export function joined(generation: number, more: Partial<JoinedMedia> = {}): JoinedMedia {
  const media = {
    generation,
    send: testFakeParameters.generateTransportRemoteParameters(),
    receive: testFakeParameters.generateTransportRemoteParameters(),
    consumers: [],
    warmth: { ...testFakeParameters.generateDataConsumerRemoteParameters(), label: 'warmth', protocol: '' },
    streams: [],
    ...more,
  }
  // mediasoup's own shapes, which the wire carries as they are.
  return media as unknown as JoinedMedia
}

/** A track that nothing comes out of. */
export function track(kind: 'audio' | 'video'): MediaStreamTrack {
  const it = Object.assign(new EventTarget(), {
    kind,
    id: `track-${++count}`,
    enabled: true,
    readyState: 'live',
    stop: () => {
      it.readyState = 'ended'
    },
  })
  // As much of a track as the library looks at.
  return it as unknown as MediaStreamTrack
}

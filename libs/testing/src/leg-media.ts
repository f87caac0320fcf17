/**
 * The media of one leg, over one plain transport: follows what the server offers to hear and see, as the SDK does, says
 * what is heard, and sends a voice. Built anew, with the next generation, when the server has lost it.
 */
import { randomInt } from 'node:crypto'
import {
  type CallId,
  type CallView,
  type ConsumerId,
  type ConsumerOptions,
  type EventBody,
  type LegId,
  type PlainMedia,
  ProducerId,
  type RequestBody,
  type RequestResult,
  type Right,
  type RtpCapabilities,
  type RtpParameters,
  type Source,
  type StreamView,
  type Verb,
} from '@parley/protocol'
import { type Link, isError } from '@parley/calling-sdk/link'
import { asksForPicture, ssrcOf, writePictureLoss, writeReport } from '@parley/rtp'
import { cameraOf, capabilitiesOf, codecOf, microphoneOf, pictureTypeOf, voiceShapeOf } from './capabilities.ts'
import { Camera } from './media/camera.ts'
import { Ear, type Hearing } from './media/ear.ts'
import { Eye, type Sight } from './media/eye.ts'
import { Mouth } from './media/mouth.ts'
import { Outgoing } from './media/outgoing.ts'
import type { Pacer } from './media/pacer.ts'
import type { Film } from './media/pictures.ts'
import { newKeys, PlainLine } from './media/plain-line.ts'
import type { Voice } from './media/voice.ts'

export type MediaEvent = {
  [E in 'media.consumer' | 'media.consumerClosed' | 'media.streams']: { event: E; body: EventBody<E> }
}['media.consumer' | 'media.consumerClosed' | 'media.streams']

type Parts = {
  callId: CallId
  link: Link
  pacer: Pacer
  server: RtpCapabilities
  cname: string
  /** Told of what should not happen, and of nothing that the server may well answer. */
  onFault(error: unknown): void
}

/** Every two seconds: a plain transport that nothing comes over is taken for dead after ten. */
const reportTicks = 100

/** What a participant says and shows whenever the call allows it; without them he listens and watches. */
export type Show = { voice?: Voice | undefined; film?: Film | undefined }

/** What is sent over one line. */
type Sending = { voice: Outgoing; mouth: Mouth; picture: Outgoing; camera: Camera }

/** One sound or picture that is received. */
type Received = { options: ConsumerOptions; sense: Ear | Eye }
type Picture = { legId: LegId; source: Source; sight: Sight }

export class LegMedia {
  readonly #parts: Parts
  readonly #ssrc = { voice: randomInt(1, 2 ** 31), picture: randomInt(2 ** 31, 2 ** 32 - 1) }
  readonly #keys = newKeys()
  readonly #received = new Map<ConsumerId, Received>()
  readonly #bySsrc = new Map<number, Ear | Eye>()
  readonly #streams = new Map<ProducerId, StreamView>()
  readonly #reportPhase = randomInt(reportTicks)
  #generation = 0
  #line: PlainLine | undefined
  /** By their key two answers are told apart: each transport has its own. */
  #theirKey: string | undefined
  #sending: Sending | undefined
  #stopTicks = () => {}
  /** What came while the line was not there yet. */
  #early: MediaEvent[] = []
  #toResume: ConsumerId[] = []
  #resuming: Promise<void> | undefined
  #show: Show = {}
  /** What the server takes from us; a promise while it is asked. */
  readonly #produced = new Map<Source, Promise<ProducerId | undefined>>()
  #isClosed = false

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** Builds the media, or builds it anew when the server has lost it. */
  async join(): Promise<void> {
    this.#takeDown()
    this.#generation += 1
    const media = await this.#ask('media.joinPlain', {
      rtpCapabilities: capabilitiesOf(this.#parts.server),
      srtpParameters: this.#keys,
    })
    if (this.#isClosed) return
    await this.#raise(media.media)
  }

  /** Events were missed: asks what there is now. A server that was started again has made it anew. */
  async catchUp(): Promise<void> {
    const { media } = await this.#ask('media.joinPlain', {
      rtpCapabilities: capabilitiesOf(this.#parts.server),
      srtpParameters: this.#keys,
    })
    if (this.#isClosed) return
    if (media.srtpParameters.keyBase64 !== this.#theirKey) {
      this.#takeDown()
      return this.#raise(media)
    }
    const still = new Set(media.consumers.map(({ id }) => id))
    for (const [id, { options }] of this.#received) if (options.kind === 'audio' && !still.has(id)) this.#drop(id)
    this.#offer(media)
  }

  take(event: MediaEvent): void {
    if (this.#isClosed || event.body.generation !== this.#generation) return
    if (this.#line === undefined) return void this.#early.push(event)
    if (event.event === 'media.consumer') this.#hearAlso([event.body.consumer])
    else if (event.event === 'media.consumerClosed') this.#drop(event.body.consumerId)
    else {
      for (const id of event.body.removed) this.#streams.delete(id)
      for (const stream of event.body.added) this.#streams.set(stream.streamId, stream)
    }
  }

  /** Takes what is to be said and shown. */
  setShow(show: Show, view: CallView | undefined): void {
    this.#show = show
    if (view !== undefined) this.follow(view)
  }

  get hasVoice(): boolean {
    return this.#show.voice !== undefined
  }

  /** Speaks and shows, or does not, as the call says. */
  follow(view: CallView): void {
    const isTalking = view.state === 'Connecting' || view.state === 'Connected'
    const maySend = (right: Right, source: Source): boolean =>
      isTalking && view.may.includes(right) && !view.forbidden.includes(source)
    const voice = maySend('speak', 'microphone') ? this.#show.voice : undefined
    const film = maySend('sendPicture', 'camera') ? this.#show.film : undefined
    this.#sending?.mouth.speak(view.isMuted ? undefined : voice)
    this.#sending?.camera.show(film)
    this.#settle('microphone', voice !== undefined, false)
    // Who shows nothing any more says so; a voice is muted.
    this.#settle('camera', film !== undefined, this.#show.film === undefined)
  }

  /** What each leg that is heard sounds like. */
  async hear(legs?: ReadonlySet<LegId>): Promise<Map<LegId, Hearing>> {
    const heard = new Map<LegId, Hearing>()
    for (const { options, sense } of this.#received.values()) {
      const isAsked = legs === undefined || legs.has(options.legId)
      if (isAsked && sense instanceof Ear && sense.packets > 0)
        heard.set(options.legId, await sense.hear(() => performance.now()))
    }
    return heard
  }

  /** Pictures that may be watched. */
  get streams(): readonly StreamView[] {
    return [...this.#streams.values()]
  }

  /** What is seen of each picture that is watched. */
  see(): Picture[] {
    const now = performance.now()
    return [...this.#received.values()].flatMap(({ options: { legId, source }, sense }) =>
      sense instanceof Eye ? [{ legId, source, sight: sense.see(now) }] : [],
    )
  }

  /** Asks for a picture. */
  async watch(streamId: ProducerId): Promise<void> {
    const { consumer } = await this.#ask('media.watch', { streamId })
    this.#hearAlso([consumer])
    await this.#resuming
  }

  /** Stops a picture. */
  async unwatch(streamId: ProducerId): Promise<void> {
    const watched = [...this.#received.values()].find(({ options }) => options.producerId === streamId)
    if (watched === undefined) return
    this.#drop(watched.options.id)
    await this.#ask('media.unwatch', { consumerId: watched.options.id })
  }

  close(): void {
    this.#isClosed = true
    this.#takeDown()
  }

  async #raise(media: PlainMedia): Promise<void> {
    const line = await PlainLine.open(
      media,
      { ours: this.#keys, theirs: media.srtpParameters },
      {
        rtp: (packet) => this.#bySsrc.get(ssrcOf(packet))?.take(packet, performance.now()),
        rtcp: (packet) => this.#readReport(packet),
      },
    )
    if (this.#isClosed) return line.close()
    this.#line = line
    this.#theirKey = media.srtpParameters.keyBase64
    const voice = new Outgoing(line, { ssrc: this.#ssrc.voice, ...voiceShapeOf(this.#parts.server) })
    const picture = new Outgoing(line, { ssrc: this.#ssrc.picture, payloadType: pictureTypeOf(this.#parts.server) })
    const sending = { voice, mouth: new Mouth(voice), picture, camera: new Camera(picture) }
    this.#sending = sending
    // The server learns from it where we are.
    sending.mouth.breathe(0)
    this.#stopTicks = this.#parts.pacer.listen((tick) => {
      sending.mouth.tick(tick)
      sending.camera.tick(tick)
      if (tick % reportTicks === this.#reportPhase) this.#report(line, sending)
    })
    this.#offer(media)
    const early = this.#early
    this.#early = []
    for (const event of early) this.take(event)
  }

  #offer({ consumers, streams }: PlainMedia): void {
    this.#streams.clear()
    for (const stream of streams) this.#streams.set(stream.streamId, stream)
    this.#hearAlso(consumers)
  }

  #takeDown(): void {
    this.#stopTicks()
    this.#line?.close()
    this.#line = undefined
    this.#sending = undefined
    this.#produced.clear()
    this.#received.clear()
    this.#bySsrc.clear()
    this.#streams.clear()
    this.#early = []
    this.#toResume = []
  }

  /** Sets up what is new among these, and says so. */
  #hearAlso(consumers: readonly ConsumerOptions[]): void {
    const line = this.#line
    if (line === undefined) return
    for (const options of consumers) {
      const ssrc = ssrcOfConsumer(options)
      if (this.#received.has(options.id) || ssrc === undefined) continue
      const sense = senseFor(options, ssrc, line)
      if (sense === undefined) continue
      this.#received.set(options.id, { options, sense })
      this.#bySsrc.set(ssrc, sense)
      this.#toResume.push(options.id)
    }
    this.#resuming ??= this.#resume().finally(() => (this.#resuming = undefined))
  }

  /** One request for all that came meanwhile. */
  async #resume(): Promise<void> {
    await Promise.resolve() // more of them come in the same turn
    while (this.#toResume.length > 0 && !this.#isClosed) {
      const resume = this.#toResume.splice(0, mostAtOnce)
      await this.#try('media.receive', { resume })
    }
  }

  #drop(id: ConsumerId): void {
    const received = this.#received.get(id)
    if (received === undefined) return
    this.#received.delete(id)
    this.#toResume = this.#toResume.filter((other) => other !== id)
    const ssrc = ssrcOfConsumer(received.options)
    if (ssrc !== undefined && this.#bySsrc.get(ssrc) === received.sense) this.#bySsrc.delete(ssrc)
  }

  /** Has the server take a track, or take it no more, and forgets one that the call does not allow. */
  #settle(source: 'microphone' | 'camera', isWanted: boolean, isOver: boolean): void {
    const produced = this.#produced.get(source)
    if (isWanted && produced === undefined && this.#line !== undefined) {
      this.#produced.set(source, this.#produce(source))
    } else if (!isWanted && produced !== undefined) {
      this.#produced.delete(source)
      if (isOver) void produced.then((producerId) => producerId && this.#try('media.unsend', { producerId }))
    }
  }

  async #produce(source: 'microphone' | 'camera'): Promise<ProducerId | undefined> {
    const { server, cname } = this.#parts
    const [kind, rtpParameters] =
      source === 'microphone'
        ? (['audio', microphoneOf(voiceShapeOf(server), this.#ssrc.voice, cname)] as const)
        : (['video', cameraOf(pictureTypeOf(server), this.#ssrc.picture, cname)] as const)
    const taken = await this.#try('media.send', { track: { source, kind, rtpParameters } })
    if (taken === undefined) this.#produced.delete(source)
    return taken && ProducerId.parse(taken.id)
  }

  #report(line: PlainLine, { voice, picture }: Sending): void {
    const senses = [...this.#bySsrc]
    const reports = senses.map(([, sense]) => sense.report())
    const say = (rtcp: Buffer): void => line.send(line.sender.protectRtcp(rtcp))
    say(writeReport(voice.ssrc, this.#parts.cname, reports, voice.sent))
    if (picture.sent !== undefined) say(writeReport(picture.ssrc, this.#parts.cname, [], picture.sent))
    for (const [ssrc, sense] of senses) {
      const isTorn = sense instanceof Eye && reports.some((report) => report.ssrc === ssrc && report.lostShare > 0)
      if (isTorn) say(writePictureLoss(voice.ssrc, ssrc))
    }
  }

  /** Only who shows something is asked for anything. */
  #readReport(packet: Buffer): void {
    if (this.#show.film === undefined || this.#line === undefined) return
    const report = this.#line.receiver.openRtcp(packet)
    if (report !== undefined && asksForPicture(report, this.#ssrc.picture)) this.#sending?.camera.beginAnew()
  }

  #ask<V extends MediaVerb>(verb: V, body: Mine<V>): Promise<RequestResult<V>> {
    const { link, callId } = this.#parts
    // Mine<V> is the body of V without exactly these two fields.
    return link.request(verb, { ...body, callId, generation: this.#generation } as unknown as RequestBody<V>)
  }

  /** Asks; undefined when it is refused: the server may see the call differently by now, and its next view tells how. */
  async #try<V extends MediaVerb>(verb: V, body: Mine<V>): Promise<RequestResult<V> | undefined> {
    try {
      return await this.#ask(verb, body)
    } catch (error) {
      const isExpected = isError(error, 'mediaRefused', 'unknownMedia', 'staleMedia', 'unknownCall')
      if (!isExpected && !this.#isClosed) this.#parts.onFault(error)
      return undefined
    }
  }
}

/** As many consumers as the server takes in one request. */
const mostAtOnce = 64

type MediaVerb = Exclude<Extract<Verb, `media.${string}`>, 'media.join'>
type Mine<V extends MediaVerb> = Omit<RequestBody<V>, 'callId' | 'generation'>

function senseFor({ kind, rtpParameters }: ConsumerOptions, ssrc: number, line: PlainLine): Ear | Eye | undefined {
  if (kind === 'video') return new Eye(ssrc)
  const codec = codecOf(parametersOf(rtpParameters).codecs[0]?.mimeType ?? '')
  return codec && new Ear(ssrc, codec, line.receiver)
}

function ssrcOfConsumer({ rtpParameters }: ConsumerOptions): number | undefined {
  return parametersOf(rtpParameters).encodings?.[0]?.ssrc
}

/** Made by the server's own mediasoup. */
function parametersOf(rtpParameters: ConsumerOptions['rtpParameters']): RtpParameters {
  return rtpParameters as unknown as RtpParameters
}

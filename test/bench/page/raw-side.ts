/**
 * A side of a call that is made by mediasoup-client alone, over a bare socket to references/media.ts: what a join costs
 * when there is no platform. Bundled, and run in the page.
 */
import { Device, type types } from 'mediasoup-client'
import type { MediaEvent, MediaVerbs } from '../references/media-messages.ts'
import type { Side } from './side.ts'

type Waiting = (reply: never) => void
type Built = { send: types.Transport; receive: types.Transport }

const waiting = new Map<number, Waiting>()
const listeners = new Map<MediaEvent['event'], (body: never) => void>()
let socket: WebSocket | undefined
let device: Device | undefined
let built: Promise<Built> | undefined
let ended = Promise.withResolvers<void>()

function ask<V extends keyof MediaVerbs>(verb: V, body: MediaVerbs[V]['body']): Promise<MediaVerbs[V]['result']> {
  const id = waiting.size + 1
  socket?.send(JSON.stringify({ id, verb, body }))
  return new Promise((resolve) => waiting.set(id, resolve))
}

function take(text: string): void {
  const frame = JSON.parse(text)
  if ('re' in frame) waiting.get(frame.re)?.(frame.ok as never) // the verb that was asked says what it is
  else listeners.get(frame.event)?.(frame.body as never)
}

function on<E extends MediaEvent['event']>(
  event: E,
  listener: (body: Extract<MediaEvent, { event: E }>['body']) => void,
): void {
  listeners.set(event, listener)
}

/** Both transports, with what brings them up before there is a sound to send or to hear. */
async function build(): Promise<Built> {
  if (device === undefined) throw new Error('Nobody has arrived.')
  const options = await ask('transports', { rtpCapabilities: device.recvRtpCapabilities })
  const send = device.createSendTransport(options.send)
  const receive = device.createRecvTransport(options.receive)
  for (const transport of [send, receive]) {
    transport.on('connect', ({ dtlsParameters }, done, failed) => {
      void settle(ask('connect', { transportId: transport.id, dtlsParameters }), done, failed)
    })
  }
  send.on('produce', ({ kind, rtpParameters }, done, failed) => {
    void settle(ask('produce', { kind, rtpParameters }), done, failed)
  })
  send.on('producedata', ({ sctpStreamParameters }, done, failed) => {
    void settle(ask('produceData', { sctpStreamParameters }), done, failed)
  })
  return { send, receive }
}

/** The library's way of waiting is two callbacks. */
async function settle<T>(asked: Promise<T>, done: (value: T) => void, failed: (error: Error) => void): Promise<void> {
  try {
    done(await asked)
  } catch (error) {
    failed(error as Error) // the library's own, or ours
  }
}

async function warm(): Promise<void> {
  built ??= build()
  const { send, receive } = await built
  await Promise.all([send.produceData(), receive.consumeData(await ask('warmth', {}))])
}

async function speak(): Promise<void> {
  built ??= build()
  const { send } = await built
  const [track] = (await navigator.mediaDevices.getUserMedia({ audio: true })).getAudioTracks()
  if (track === undefined) throw new Error('There is no microphone.')
  await send.produce({ track })
}

async function hear(options: types.ConsumerOptions): Promise<void> {
  built ??= build()
  const { receive } = await built
  await receive.consume(options)
  await ask('resume', { consumerId: options.id ?? '' })
}

const mine: Side = {
  async arrive({ server, who }) {
    const opening = new WebSocket(server)
    socket = opening
    opening.addEventListener('message', ({ data }) => take(String(data)))
    await new Promise((resolve) => opening.addEventListener('open', resolve))
    const { rtpCapabilities } = await ask('hello', { who })
    device = await Device.factory()
    await device.load({ routerRtpCapabilities: rtpCapabilities })
    on('consumer', (options) => void hear(options))
    on('ended', () => {
      void built?.then(({ send, receive }) => [send, receive].forEach((transport) => transport.close()))
      built = undefined
      ended.resolve()
    })
  },

  async call(whom) {
    ended = Promise.withResolvers()
    void ask('call', { whom })
    await Promise.all([speak(), warm()])
  },

  accept(afterMs) {
    const { promise, resolve, reject } = Promise.withResolvers<number>()
    const take = async () => {
      ended = Promise.withResolvers()
      if (afterMs > 0) {
        await warm()
        await new Promise((later) => setTimeout(later, afterMs))
      }
      const acceptedAt = performance.timeOrigin + performance.now()
      await Promise.all([ask('accept', {}), speak()])
      resolve(acceptedAt)
    }
    on('ring', () => void take().catch(reject))
    return promise
  },

  async hangUp() {
    await ask('end', {})
  },

  ended: () => ended.promise,
}
globalThis.side = mine

import { afterEach, beforeEach, expect, it } from '@jest/globals'
import { failed } from '../../calling-error.ts'
import { silent } from '../../log.ts'
import type { MediaFigures } from '../../media/media-figures.ts'
import { FakeCall } from '../../../test/fake-call.ts'
import type { Call, CallState } from '../contract/call.ts'
import type { CallClientFeatureContext, CallFeatureFactory } from '../contract/features.ts'
import type { PreCallFindings } from '../contract/pre-call-test.ts'
import { Emitter } from '../emitter.ts'
import { PreCallTest } from './pre-call-test.ts'
import { sentencesOf } from './pre-call-sentences.ts'

const inside = new FakeCall()
const tokenCredential = { getToken: async () => ({ token: 'token', expiresOnTimestamp: 0 }), dispose: () => {} }

let called: unknown
let disposed: number
let events: Emitter<{ stateChanged: () => void }>
let call: { state: CallState }
let opens: () => Promise<void>

// Node has a navigator, and no devices.
beforeEach(() => {
  called = undefined
  disposed = 0
  opens = async () => {}
  events = new Emitter()
  const devices = ['audioinput', 'audioinput', 'videoinput'].map((kind) => ({ kind }))
  Object.defineProperty(navigator, 'mediaDevices', {
    configurable: true,
    value: { enumerateDevices: async () => devices },
  })
  Object.defineProperty(navigator, 'permissions', {
    configurable: true,
    value: { query: async ({ name }: { name: string }) => ({ state: name === 'camera' ? 'denied' : 'granted' }) },
  })
})
afterEach(() => {
  Reflect.deleteProperty(navigator, 'mediaDevices')
  Reflect.deleteProperty(navigator, 'permissions')
})

/** A client whose service answers, with a call that the test moves on. */
function client(): CallClientFeatureContext {
  const made = {
    state: 'Connecting' as CallState,
    callEndReason: { code: 480, subCode: 10037, message: 'They are not connected right now.' },
    muteIncomingAudio: async () => {},
    feature: <T>(factory: CallFeatureFactory<T>) => factory.callApi(inside.context()),
    on: (event: 'stateChanged', listener: () => void) => events.on(event, listener),
  }
  call = made
  return {
    clock: inside.clock,
    log: silent,
    openAgent: async () => {
      await opens()
      return {
        startCall: (people) => {
          called = people
          return made as unknown as Call // all that the test looks at
        },
        dispose: async () => void disposed++,
      }
    },
  }
}
function become(state: CallState): void {
  call.state = state
  events.emit('stateChanged')
}
const figures = (packets: number, packetsLost: number, protocol: string): MediaFigures => ({
  sent: [],
  received: [{ id: 'echo', source: 'microphone', bytes: packets, packets, packetsLost, jitterMs: 4 }],
  transports: [{ id: 'out', direction: 'send', protocol, roundTripTimeMs: 30 }],
})
const trial = (signal?: AbortSignal) =>
  PreCallTest.callClientApi(client()).run({ tokenCredential, ...(signal === undefined ? {} : { signal }) })

it('calls the echo bot and says how good it was', async () => {
  const testing = trial()
  await inside.passes(200)
  become('Connected')
  for (let second = 1; second <= 5; second++) {
    inside.figures = figures(second * 100, second > 2 ? 10 : 0, 'tcp')
    await inside.passes(1000)
  }
  const result = await testing
  expect(called).toEqual([{ id: '8:echo123' }])
  expect(result).toMatchObject({
    devices: { microphones: 2, cameras: 1 },
    permissions: { microphone: 'granted', camera: 'denied' },
    service: { isReached: true },
    media: { isReached: true, protocol: 'tcp', roundTripTimeMs: 30, jitterMs: 4 },
    quality: 1,
  })
  expect(result.media.lossRatio).toBeCloseTo(0.03, 1)
  expect(disposed).toBe(1)
})

it('says so when the token is not accepted', async () => {
  opens = () => Promise.reject(failed('badToken'))
  const result = await trial()
  expect(result.service).toEqual({ isReached: false, problem: 'The access token was not accepted.' })
  expect(result.quality).toBe(3)
})

it('says so when the bot does not come', async () => {
  const testing = trial()
  await inside.passes(200)
  become('Disconnected')
  expect((await testing).media).toEqual({ isReached: false, problem: 'They are not connected right now.' })
  expect(disposed).toBe(1)
})

it('takes ten seconds at most, and lets go of an agent that comes late', async () => {
  const late = Promise.withResolvers<void>()
  opens = () => late.promise
  const testing = trial()
  await inside.passes(9600)
  expect((await testing).service).toEqual({ isReached: false })
  late.resolve()
  await inside.passes(100)
  expect([called, disposed]).toEqual([undefined, 1])
})

it('is called off by its signal', async () => {
  const abort = new AbortController()
  const testing = trial(abort.signal)
  const outcome = expect(testing).rejects.toThrow('enough')
  await inside.passes(200)
  abort.abort(new Error('enough'))
  await inside.passes(600)
  await outcome
  expect(disposed).toBe(1)
})

it('has a sentence for whatever hinders calls', () => {
  const fine: PreCallFindings = {
    isBrowserSupported: true,
    devices: { microphones: 1, cameras: 1, speakers: 1 },
    permissions: { microphone: 'granted', camera: 'granted' },
    service: { isReached: true },
    media: { isReached: true, protocol: 'udp', lossRatio: 0.2, roundTripTimeMs: 31.4 },
    quality: 1,
  }
  expect(sentencesOf(fine)).toEqual(['Everything is ready for calls.'])
  expect(sentencesOf({ ...fine, quality: 3 })).toEqual([
    'The network is too bad for calls: 20 % of the sound is lost, and the way there and back takes 31 ms.',
  ])
  const worst = {
    ...fine,
    media: { isReached: false },
    devices: { microphones: 0, cameras: 1, speakers: 0 },
    permissions: { microphone: 'prompt', camera: 'prompt' },
  } as const
  expect(sentencesOf(worst)).toEqual([
    'Sound does not get through to the calling service. A firewall may be in the way.',
    'No microphone was found.',
    'The browser will ask whether the camera may be used.',
    'No speaker was found.',
  ])
})

/**
 * What a person does on his page: calls by the SDK alone, as an app would. Runs in the page; every change that the
 * SDK tells is noted, in order, through the binding `note`. More than one person may sit at one desk.
 */
import type {
  Call,
  CallAgent,
  CallClient,
  IncomingCall,
  LocalVideoStream,
  RemoteParticipant,
  RemoteVideoStream,
  VideoStreamRenderer,
  VideoStreamRendererView,
} from '@parley/calling-sdk'
import type { Picture } from './eyes.ts'

export type EndReason = { code: number; subCode?: number; message?: string }

/** What a page notes. `call` and `ring` count the person's calls and incoming calls, from 0. */
export type Note = { who: string } & (
  | { what: 'connection'; state: string; reason?: string }
  | { what: 'rung'; ring: number; callId: string; from: string; displayName: string }
  | { what: 'ringEnded'; ring: number; reason: EndReason }
  | { what: 'state'; call: number; callId: string; state: string; reason?: EndReason }
  | { what: 'id'; call: number; callId: string }
  | { what: 'muted'; call: number; isMuted: boolean }
  | { what: 'participantCame' | 'participantLeft'; call: number; id: string }
  | { what: 'participantState'; call: number; id: string; state: string }
  | { what: 'participantMuted'; call: number; id: string; isMuted: boolean }
  | { what: 'picture'; call: number; id: string; type: string; isAvailable: boolean }
  | { what: 'calls'; added: number; removed: number }
  | { what: 'told'; event: string; data: unknown }
)

/** How a request to the SDK came out. An Error loses its `code` on the way out of a page, so it travels as data. */
export type Outcome<T> = { ok: T } | { error: { message: string; code?: number; subCode?: number } }

type Start = {
  muted?: boolean
  withPicture?: boolean
  /** The number that phones are shown (ACS: alternateCallerId). */
  showing?: string
}
/** Where people meet, as join() takes it. */
export type Locator = { groupId: string } | { roomId: string }
/** What is in the hands of someone who does something with the SDK that has no word here. */
export type Hands = {
  /** His call that he is in, or was in last. */
  readonly call: Call
  readonly agent: CallAgent
  readonly client: CallClient
  readonly sdk: typeof import('@parley/calling-sdk')
  /** What stays from one time to the next. */
  readonly kept: Map<string, unknown>
  /** Another of the call's people. */
  readonly participant: (id: string) => RemoteParticipant
  /** Notes something, for Person.isToldOf. */
  readonly tell: (event: string, data?: unknown) => void
}

/** Everything that can be asked of a desk. `who` is the name of the person. */
export type Desk = {
  arrive(who: string, options: { sdkUrl: string; displayName?: string }): Promise<void>
  /** Returns the number of the call. */
  startCall(
    who: string,
    callees: (string | { id: string } | { phoneNumber: string })[],
    options?: Start,
  ): Promise<number>
  join(who: string, place: Locator, options?: Start): Promise<number>
  /** Runs a function of one's own on the page; `source` is its text. */
  act(who: string, call: number, source: string, arg: unknown): Promise<unknown>
  accept(who: string, ring: number, options?: Start): Promise<number>
  reject(who: string, ring: number): Promise<void>
  hangUp(who: string, call: number): Promise<void>
  mute(who: string, call: number): Promise<void>
  unmute(who: string, call: number): Promise<void>
  startVideo(who: string, call: number): Promise<void>
  stopVideo(who: string, call: number): Promise<void>
  /** Shows the picture of the other side in a view of this size, or makes the view that is there so large. */
  view(who: string, call: number, size: { width: number; height: number }): Promise<void>
  /** What the view shows, once it has been seen to move. */
  watch(who: string, call: number): Promise<Picture>
  /** The size in which the picture arrives at the moment. */
  pictureSize(who: string, call: number): Promise<{ width: number; height: number }>
  closeView(who: string, call: number): Promise<void>
  isMuted(who: string, call: number): Promise<boolean>
  /** Follows the newest call of the agent, which it began by itself. */
  followNewest(who: string): Promise<number>
  callCount(who: string): Promise<number>
  dispose(who: string): Promise<void>
}

declare global {
  var desk: Desk
  /** Bindings that Playwright puts into the page. */
  var note: (note: Note) => Promise<void>
  var freshToken: (who: string) => Promise<{ token: string; expiresOnTimestamp: number }>
}

export function desk(): void {
  type Place = {
    client: CallClient
    agent: CallAgent
    sdk: typeof import('@parley/calling-sdk')
    calls: Call[]
    rings: IncomingCall[]
    camera?: LocalVideoStream
    kept: Map<string, unknown>
    views: Map<number, { renderer: VideoStreamRenderer; view: VideoStreamRendererView }>
  }
  const places = new Map<string, Place>()

  function placeOf(who: string): Place {
    const place = places.get(who)
    if (place === undefined) throw new Error(`${who} has not arrived on this page.`)
    return place
  }

  function callOf(who: string, call: number): Call {
    const found = placeOf(who).calls[call]
    if (found === undefined) throw new Error(`${who} has no call number ${call}.`)
    return found
  }

  function ringOf(who: string, ring: number): IncomingCall {
    const found = placeOf(who).rings[ring]
    if (found === undefined) throw new Error(`${who} was not rung ${ring + 1} times.`)
    return found
  }

  function idOf(identifier: RemoteParticipant['identifier'] | undefined): string {
    if (identifier === undefined) return 'unknown'
    if ('phoneNumber' in identifier) return `4:${identifier.phoneNumber}`
    return 'communicationUserId' in identifier ? identifier.communicationUserId : 'unknown'
  }

  /** A plain copy: what the SDK hands out may be more than can leave the page. */
  function plain(reason: EndReason | undefined): EndReason {
    if (reason === undefined) return { code: Number.NaN }
    const { code, subCode, message } = reason
    return { code, ...(subCode === undefined ? {} : { subCode }), ...(message === undefined ? {} : { message }) }
  }

  function followRing(who: string, incoming: IncomingCall): void {
    const ring = placeOf(who).rings.push(incoming) - 1
    const { identifier, displayName = '' } = incoming.callerInfo
    void note({ who, what: 'rung', ring, callId: incoming.id, from: idOf(identifier), displayName })
    incoming.on('callEnded', ({ callEndReason }) => {
      void note({ who, what: 'ringEnded', ring, reason: plain(callEndReason) })
    })
  }

  function followCall(who: string, call: Call): number {
    const number = placeOf(who).calls.push(call) - 1
    const noteState = () => {
      const { id: callId, state } = call
      const ended = state === 'Disconnected' ? { reason: plain(call.callEndReason) } : {}
      void note({ who, what: 'state', call: number, callId, state, ...ended })
    }
    noteState()
    call.on('stateChanged', noteState)
    call.on('idChanged', () => void note({ who, what: 'id', call: number, callId: call.id }))
    call.on('mutedByOthers', () => void note({ who, what: 'told', event: 'mutedByOthers', data: null }))
    call.on('dtmfReceived', ({ tone, sender }) => {
      void note({ who, what: 'told', event: 'dtmfReceived', data: { tone, from: idOf(sender) } })
    })
    call.on('roleChanged', () => void note({ who, what: 'told', event: 'roleChanged', data: call.role }))
    call.on('isMutedChanged', () => void note({ who, what: 'muted', call: number, isMuted: call.isMuted }))
    for (const participant of call.remoteParticipants) followParticipant(who, number, participant)
    call.on('remoteParticipantsUpdated', ({ added, removed }) => {
      for (const participant of added) followParticipant(who, number, participant)
      for (const { identifier } of removed) {
        void note({ who, what: 'participantLeft', call: number, id: idOf(identifier) })
      }
    })
    return number
  }

  function followParticipant(who: string, call: number, participant: RemoteParticipant): void {
    const id = idOf(participant.identifier)
    void note({ who, what: 'participantCame', call, id })
    const noteState = () => void note({ who, what: 'participantState', call, id, state: participant.state })
    noteState()
    participant.on('stateChanged', noteState)
    participant.on('isMutedChanged', () => {
      void note({ who, what: 'participantMuted', call, id, isMuted: participant.isMuted })
    })
    const followPicture = (stream: RemoteVideoStream) => {
      const { mediaStreamType: type } = stream
      const notePicture = () => void note({ who, what: 'picture', call, id, type, isAvailable: stream.isAvailable })
      notePicture()
      stream.on('isAvailableChanged', notePicture)
    }
    participant.videoStreams.forEach(followPicture)
    participant.on('videoStreamsUpdated', ({ added, removed }) => {
      added.forEach(followPicture)
      for (const { mediaStreamType: type } of removed) {
        void note({ who, what: 'picture', call, id, type, isAvailable: false })
      }
    })
  }

  async function cameraOf(who: string): Promise<LocalVideoStream> {
    const place = placeOf(who)
    if (place.camera !== undefined) return place.camera
    const devices = await place.client.getDeviceManager()
    const [camera] = await devices.getCameras()
    if (camera === undefined) throw new Error('The device manager knows no camera.')
    place.camera = new place.sdk.LocalVideoStream(camera)
    return place.camera
  }

  async function mediaOptions(who: string, { muted = false, withPicture = false }: Start = {}) {
    return {
      audioOptions: { muted },
      ...(withPicture ? { videoOptions: { localVideoStreams: [await cameraOf(who)] } } : {}),
    }
  }

  function videoIn(view: VideoStreamRendererView): HTMLVideoElement {
    const { target } = view
    const video = target instanceof HTMLVideoElement ? target : target.querySelector('video')
    if (video === null) throw new Error('The view has no video element.')
    return video
  }

  function viewOf(who: string, call: number) {
    const shown = placeOf(who).views.get(call)
    if (shown === undefined) throw new Error(`${who} shows no picture of call ${call}.`)
    return shown
  }

  globalThis.desk = {
    async arrive(who, { sdkUrl, displayName }) {
      const sdk = (await import(sdkUrl)) as typeof import('@parley/calling-sdk') // the bundle of that package
      const client = new sdk.CallClient()
      const credential = { getToken: () => freshToken(who), dispose: () => {} }
      const agent = await client.createCallAgent(credential, displayName === undefined ? {} : { displayName })
      places.set(who, { client, agent, sdk, calls: [], rings: [], kept: new Map(), views: new Map() })
      agent.on('incomingCall', ({ incomingCall }) => followRing(who, incomingCall))
      agent.on('callsUpdated', ({ added, removed }) => {
        void note({ who, what: 'calls', added: added.length, removed: removed.length })
      })
      agent.on('connectionStateChanged', ({ newValue, reason }) => {
        void note({ who, what: 'connection', state: newValue, ...(reason === undefined ? {} : { reason }) })
      })
    },

    async startCall(who, callees, options) {
      const media = await mediaOptions(who, options)
      const identifiers = callees.map((one) => (typeof one === 'string' ? { communicationUserId: one } : one))
      const shown = options?.showing === undefined ? {} : { alternateCallerId: { phoneNumber: options.showing } }
      return followCall(who, placeOf(who).agent.startCall(identifiers, { ...media, ...shown }))
    },
    async join(who, place, options) {
      const media = await mediaOptions(who, options)
      return followCall(who, placeOf(who).agent.join(place, media))
    },
    async act(who, call, source, arg) {
      const { agent, client, sdk, kept } = placeOf(who)
      const hands: Hands = {
        // Not looked for before somebody asks: some things are done without a call.
        get call() {
          return callOf(who, call)
        },
        agent,
        client,
        sdk,
        kept,
        participant: (id) => {
          const found = callOf(who, call).remoteParticipants.find(({ identifier }) => idOf(identifier) === id)
          if (found === undefined) throw new Error(`${who} sees no ${id}.`)
          return found
        },
        tell: (event, data) => void note({ who, what: 'told', event, data }),
      }
      // eslint-disable-next-line typescript/no-implied-eval -- the text is that of a function of the test
      const act = new Function(`return (${source})`)() as (hands: Hands, arg: unknown) => unknown
      return act(hands, arg)
    },
    async accept(who, ring, options) {
      const media = await mediaOptions(who, options)
      return followCall(who, await ringOf(who, ring).accept(media))
    },
    reject: (who, ring) => ringOf(who, ring).reject(),
    hangUp: (who, call) => callOf(who, call).hangUp(),
    mute: (who, call) => callOf(who, call).mute(),
    unmute: (who, call) => callOf(who, call).unmute(),
    startVideo: async (who, call) => callOf(who, call).startVideo(await cameraOf(who)),
    stopVideo: async (who, call) => callOf(who, call).stopVideo(await cameraOf(who)),

    async view(who, call, { width, height }) {
      const { views, sdk } = placeOf(who)
      if (!views.has(call)) {
        const stream = callOf(who, call)
          .remoteParticipants.flatMap((participant) => participant.videoStreams)
          .find(({ isAvailable }) => isAvailable)
        if (stream === undefined) throw new Error('The other side shows no picture.')
        const renderer = new sdk.VideoStreamRenderer(stream)
        views.set(call, { renderer, view: await renderer.createView({ scalingMode: 'Fit' }) })
      }
      const { target } = viewOf(who, call).view
      const frame = target.parentElement ?? document.body.appendChild(document.createElement('div'))
      Object.assign(frame.style, { width: `${width}px`, height: `${height}px` })
      if (target.parentElement === null) frame.append(target)
    },
    watch: (who, call) => eyes.watch(videoIn(viewOf(who, call).view)),
    async pictureSize(who, call) {
      const { videoWidth: width, videoHeight: height } = videoIn(viewOf(who, call).view)
      return { width, height }
    },
    async closeView(who, call) {
      const { renderer, view } = viewOf(who, call)
      placeOf(who).views.delete(call)
      view.target.parentElement?.remove()
      renderer.dispose()
    },

    isMuted: async (who, call) => callOf(who, call).isMuted,
    async followNewest(who) {
      const newest = placeOf(who).agent.calls.at(-1)
      if (newest === undefined) throw new Error(`${who} has no call.`)
      return followCall(who, newest)
    },
    callCount: async (who) => placeOf(who).agent.calls.length,
    dispose: async (who) => placeOf(who).agent.dispose(),
  }
}

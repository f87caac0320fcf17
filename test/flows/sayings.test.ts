/** What is said in a call beside sound and picture, what is kept of it, and the features that are not there. */
import { beforeAll, describe, expect, it } from '@jest/globals'
import type { Hands } from '../support/page/desk.ts'
import type { Person } from '../support/person.ts'
import { signedRest } from '../support/rest.ts'
import { roomMeets, twoInACall } from '../support/situations.ts'
import { setStage } from '../support/stage.ts'

const stage = setStage({}, { leaveAfter: 'all' })
let ann: Person
let bob: Person
let cat: Person
let dan: Person

beforeAll(async () => {
  const { here } = await roomMeets(stage, { ann: 'Presenter', bob: 'Attendee', cat: 'Attendee', dan: 'Consumer' })
  ;({ ann, bob, cat, dan } = here)
}, 60_000)

describe('RealTimeText', () => {
  const writes = ({ call, sdk }: Hands, { text, isFinal }: { text: string; isFinal: boolean }) =>
    call.feature(sdk.Features.RealTimeText).sendRealTimeText(text, isFinal)

  it('what somebody types replaces itself on every side until it is final; then a new text begins', async () => {
    for (const one of [ann, bob, cat, dan]) {
      await one.does(({ call, sdk, tell }) => {
        call.feature(sdk.Features.RealTimeText).on('realTimeTextReceived', (info) => {
          const { text, resultType, sequenceId, isLocal, sender, receivedTimestamp, updatedTimestamp } = info
          const isInOrder = receivedTimestamp.getTime() <= updatedTimestamp.getTime()
          tell('sender', { ...sender, receivedAt: receivedTimestamp.getTime(), isInOrder })
          tell('text', { text, resultType, sequenceId, isLocal })
        })
      })
    }
    for (const [text, isFinal] of [
      ['H', false],
      ['Hello', false],
      ['Hello, Ann.', true],
      ['B', false],
      ['Bye.', true],
    ] as const) {
      await bob.does(writes, { text, isFinal })
    }
    for (const one of [ann, bob, cat, dan]) {
      const isLocal = one === bob
      await one.isToldAll('text', [
        { text: 'H', resultType: 'Partial', sequenceId: 0, isLocal },
        { text: 'Hello', resultType: 'Partial', sequenceId: 0, isLocal },
        { text: 'Hello, Ann.', resultType: 'Final', sequenceId: 0, isLocal },
        { text: 'B', resultType: 'Partial', sequenceId: 1, isLocal },
        { text: 'Bye.', resultType: 'Final', sequenceId: 1, isLocal },
      ])
    }
    const senders = ann.toldOf('sender') as { identifier: unknown; receivedAt: number; isInOrder: boolean }[]
    expect(senders.slice(0, 5)).toEqual(
      Array.from({ length: 5 }, () => expect.objectContaining({ identifier: who(bob), displayName: 'bob' })),
    )
    expect(senders.every(({ isInOrder }) => isInOrder)).toBe(true)
    // It came when its first letter did.
    expect(new Set(senders.slice(0, 3).map(({ receivedAt }) => receivedAt)).size).toBe(1)

    await expect(dan.does(writes, { text: 'I', isFinal: true })).rejects.toMatchObject({ code: 403 })
    await expect(bob.does(writes, { text: 'x'.repeat(4_001), isFinal: true })).rejects.toMatchObject({ code: 400 })
  })
})

describe('DataChannel', () => {
  /** From now on what comes to somebody over any channel is told as text, and told when its sender has gone. */
  const receives = ({ call, sdk, tell }: Hands) => {
    call.feature(sdk.Features.DataChannel).on('dataChannelReceiverCreated', (receiver) => {
      const { channelId, senderParticipantIdentifier } = receiver
      tell('receiver', { channelId, from: senderParticipantIdentifier })
      receiver.on('messageReady', () => {
        const message = receiver.readMessage()
        if (message === undefined) return
        const { sequenceNumber, data } = message
        const text = data.length > 1_000 ? `${data.length} bytes` : new TextDecoder().decode(data)
        tell(`channel ${channelId}`, `${sequenceNumber} ${text}`)
      })
      receiver.on('close', () => tell(`channel ${channelId}`, 'closed'))
    })
  }
  const sends = ({ kept }: Hands, texts: string[]) => {
    const sender = kept.get('sender') as { sendMessage: (data: Uint8Array) => Promise<void> }
    return Promise.all(texts.map((text) => sender.sendMessage(new TextEncoder().encode(text))))
  }

  it('messages to all arrive at all in order, and those to some at them alone', async () => {
    await Promise.all([ann, bob, cat, dan].map((one) => one.does(receives)))
    const opened = await ann.does(({ call, sdk, kept }) => {
      const sender = call.feature(sdk.Features.DataChannel).createDataChannelSender({ channelId: 7 })
      kept.set('sender', sender)
      return { channelId: sender.channelId, maxMessageSize: sender.maxMessageSize }
    })
    expect(opened).toEqual({ channelId: 7, maxMessageSize: 32 * 1024 })
    const numbers = Array.from({ length: 50 }, (_, n) => `${n + 1}`)
    await ann.does(sends, numbers)
    const inOrder = numbers.map((n) => `${n} ${n}`)
    for (const one of [bob, cat, dan]) await one.isToldAll('channel 7', inOrder)

    await ann.does(({ kept }, id) => {
      const sender = kept.get('sender') as { setParticipants: (people: { communicationUserId: string }[]) => void }
      sender.setParticipants([{ communicationUserId: id }])
    }, bob.id)
    await ann.does(sends, ['for bob'])
    await bob.isToldAll('channel 7', [...inOrder, '51 for bob'])
    await ann.does(({ kept }) => {
      const sender = kept.get('sender') as { setParticipants: (people: never[]) => void }
      sender.setParticipants([])
    })
    await ann.does(sends, ['for all'])
    await bob.isToldAll('channel 7', [...inOrder, '51 for bob', '52 for all'])
    for (const one of [cat, dan]) await one.isToldAll('channel 7', [...inOrder, '51 for all'])
    for (const one of [bob, cat, dan]) {
      expect(one.toldOf('receiver')).toEqual([{ channelId: 7, from: who(ann) }])
    }
    expect(ann.toldOf('receiver')).toEqual([])
  })

  it('takes 32 KiB and not a byte more, is refused to who may not write, and closes on both sides', async () => {
    const sendsOf = ({ call, sdk }: Hands, size: number) => {
      const channel = call.feature(sdk.Features.DataChannel).createDataChannelSender({ channelId: 8 })
      return channel.sendMessage(new Uint8Array(size))
    }
    await cat.does(sendsOf, 32 * 1024)
    for (const one of [ann, bob, dan]) await one.isToldAll('channel 8', ['1 32768 bytes'])
    await expect(cat.does(sendsOf, 32 * 1024 + 1)).rejects.toMatchObject({ code: 413 })
    await expect(dan.does(sendsOf, 1)).rejects.toMatchObject({ code: 403 })
    const toNobody = cat.does(
      ({ call, sdk }, id) => {
        const participants = [{ communicationUserId: id }]
        return call
          .feature(sdk.Features.DataChannel)
          .createDataChannelSender({ participants })
          .sendMessage(new Uint8Array(1))
      },
      bob.id.replace(/.$/, 'x'),
    )
    await expect(toNobody).rejects.toMatchObject({ code: 404 })
    const closed = cat.does(({ call, sdk }) => {
      const channel = call.feature(sdk.Features.DataChannel).createDataChannelSender()
      channel.close()
      return channel.sendMessage(new Uint8Array(1))
    })
    await expect(closed).rejects.toMatchObject({ code: 400 })
    await cat.hangsUp()
    for (const one of [ann, bob, dan]) await one.isToldAll('channel 8', ['1 32768 bytes', 'closed'])
  })
})

describe('CallSurvey', () => {
  const rates = ({ call, sdk }: Hands, score: number) =>
    call.feature(sdk.Features.CallSurvey).submitSurvey({
      overallRating: { score },
      audioRating: { score: 2, issues: ['NoLocalAudio', 'Echo'] },
      screenshareRating: { score: 40, scale: { lowerBound: 0, upperBound: 100, lowScoreThreshold: 60 } },
    })

  it('is submitted in the call or after its end, and read by the operator', async () => {
    const [eve, fay] = Object.values(await twoInACall(stage, { as: ['eve', 'fay'] })) as [Person, Person]
    const during = await eve.does(rates, 5)
    await eve.hangsUp()
    await fay.ends()
    const afterwards = await fay.does(rates, 3)
    expect(afterwards).toMatchObject({ callId: eve.callId, overallRating: { score: 3 } })
    expect(during.id).not.toBe(afterwards.id)

    const { status, body } = await signedRest(stage.platform, 'GET', `/surveys?callId=${eve.callId}`, '')
    expect(status).toBe(200)
    const { value } = body as { value: { id: string; rawId: string; participantId: string; survey: unknown }[] }
    expect(value.map(({ id, rawId, participantId }) => [id, rawId, participantId])).toEqual([
      [afterwards.id, fay.id, afterwards.localParticipantId],
      [during.id, eve.id, during.localParticipantId],
    ])
    expect(value[0]?.survey).toEqual({
      overallRating: { score: 3 },
      audioRating: { score: 2, issues: ['NoLocalAudio', 'Echo'] },
      screenshareRating: { score: 40, scale: { lowerBound: 0, upperBound: 100, lowScoreThreshold: 60 } },
    })

    const says = (survey: object) =>
      fay.does(({ call, sdk }, survey) => call.feature(sdk.Features.CallSurvey).submitSurvey(survey), survey)
    for (const none of [{}, { overallRating: { score: 'good' } }, { audioRating: { score: 1_000 } }]) {
      await expect(says(none)).rejects.toMatchObject({ code: 400 })
    }
  })
})

describe('what this platform does not have', () => {
  const refused = 501

  it('is there all the same: features that are empty, refuse with a typed error, and are no capability', async () => {
    const found = await ann.does(async ({ call, client, sdk }) => {
      const { Features } = sdk
      const why = async (asked: Promise<unknown>): Promise<unknown> => {
        const error = await asked.then(
          () => 'nothing',
          (error: unknown) => error,
        )
        return error instanceof Error && 'code' in error ? error.code : error
      }
      const { captions } = call.feature(Features.Captions)
      const recording = call.feature(Features.Recording)
      const transcription = call.feature(Features.Transcription)
      const together = call.feature(Features.TogetherMode)
      const slides = call.feature(Features.PPTLive)
      const rooms = call.feature(Features.BreakoutRooms)
      const conferencing = call.feature(Features.TeamsMeetingAudioConferencing)
      const [camera] = await (await client.getDeviceManager()).getCameras()
      if (camera === undefined) throw new Error('There is no camera.')
      const video = new sdk.LocalVideoStream(camera).feature(Features.VideoEffects)
      const audio = new sdk.LocalAudioStream(new MediaStream()).feature(Features.AudioEffects)
      for (const feature of [recording, transcription, together, slides, rooms, conferencing, video, audio, captions]) {
        feature.on('anything', () => {})
        feature.off('anything', () => {})
      }
      return {
        empty: [
          captions.supportedSpokenLanguages,
          recording.recordings,
          together.togetherModeStream,
          [...together.togetherModeSeatingMap],
          video.activeEffects,
          audio.activeEffects.echoCancellation,
          audio.activeEffects.noiseSuppression,
          Object.keys(rooms).filter((key) => /rooms/i.test(key)),
        ],
        active: [
          captions.isCaptionsFeatureActive,
          recording.isRecordingActive,
          transcription.isTranscriptionActive,
          slides.isActive,
          await video.isSupported('BackgroundBlur'),
          await audio.isSupported('NoiseSuppression'),
        ],
        refusals: await Promise.all([
          why(captions.startCaptions()),
          why(recording.grantTeamsConsent()),
          why(transcription.grantTeamsConsent()),
          why(together.start()),
          why(conferencing.getTeamsMeetingAudioConferencingDetails()),
          why(video.startEffects('BackgroundBlur')),
          why(audio.startEffects({ noiseSuppression: 'DeepNoiseSuppression' })),
          why(client.createTeamsCallAgent()),
        ]),
        reasons: Object.entries(call.feature(Features.Capabilities).capabilities)
          .filter(([, { reason }]) => reason === 'FeatureNotSupported')
          .map(([name, { isPresent }]) => `${name} ${isPresent}`),
      }
    })
    expect(found.empty).toEqual(found.empty.map(() => []))
    expect(found.active).toEqual(found.active.map(() => false))
    expect(found.refusals).toEqual(found.refusals.map(() => refused))
    expect(found.reasons).toEqual([
      'addTeamsUser false',
      'blurBackground false',
      'startLiveMeetingCaptions false',
      'startLiveCallingCaptions false',
      'setCaptionLanguage false',
      'startTogetherMode false',
      'joinBreakoutRooms false',
    ])
  })

  it('is refused where it is asked for: meetings of Teams, and constraints', async () => {
    const meetingLink = 'https://teams.microsoft.com/l/meetup-join/1'
    const joins = bob.does(({ agent }, meetingLink) => void agent.join({ meetingLink }), meetingLink)
    await expect(joins).rejects.toMatchObject({ code: refused })
    await expect(bob.does(({ call }) => call.setConstraints({}))).rejects.toMatchObject({ code: refused })
    expect(await bob.callCount()).toBe(1)
    expect(bob.states.at(-1)).toBe('Connected')
  })
})

/** A person as a feature names him. */
function who({ id }: Person): { kind: 'communicationUser'; communicationUserId: string } {
  return { kind: 'communicationUser', communicationUserId: id }
}

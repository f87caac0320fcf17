import { expect, it } from '@jest/globals'
import { FakeCall } from '../../../test/fake-call.ts'
import { ann, bob, bobsLeg, view } from '../../../test/views.ts'
import type { DataChannelReceiver } from './data-channel.ts'
import { Features } from './features.ts'
import type { RealTimeTextInfo } from './real-time-text.ts'

it('sends a reaction, and shows those of all, its own too', async () => {
  const call = new FakeCall()
  const reaction = call.feature(Features.Reaction)
  const seen: unknown[] = []
  reaction.on('reaction', ({ identifier, reactionMessage }) =>
    seen.push([identifier.communicationUserId, reactionMessage.reactionType]),
  )
  call.says({ kind: 'reaction', reaction: 'heart' })
  await reaction.sendReaction({ reactionType: 'laugh' })
  expect(call.asked).toEqual([['call.say', { saying: { kind: 'reaction', reaction: 'laugh' } }]])
  expect(seen).toEqual([
    [bob, 'heart'],
    [ann, 'laugh'],
  ])
})

it('replaces text until it is final, and begins anew then', async () => {
  const call = new FakeCall()
  const text = call.feature(Features.RealTimeText)
  const seen: RealTimeTextInfo[] = []
  text.on('realTimeTextReceived', (info) => seen.push(info))
  await text.sendRealTimeText('he')
  await text.sendRealTimeText('hello', true)
  await text.sendRealTimeText('how')
  call.says({ kind: 'text', sequence: 4, text: 'hi', isFinal: false })

  expect(call.asked.map(([, body]) => body)).toEqual([
    { saying: { kind: 'text', sequence: 0, text: 'he', isFinal: false } },
    { saying: { kind: 'text', sequence: 0, text: 'hello', isFinal: true } },
    { saying: { kind: 'text', sequence: 1, text: 'how', isFinal: false } },
  ])
  expect(seen.map(({ sequenceId, text, resultType, isLocal }) => [sequenceId, text, resultType, isLocal])).toEqual([
    [0, 'he', 'Partial', true],
    [0, 'hello', 'Final', true],
    [1, 'how', 'Partial', true],
    [4, 'hi', 'Partial', false],
  ])
  expect(seen[1]?.receivedTimestamp).toBe(seen[0]?.receivedTimestamp)
  expect(seen[3]?.sender).toEqual({
    identifier: { kind: 'communicationUser', communicationUserId: bob },
    displayName: 'Bob',
    endpointDetails: [{ participantId: bobsLeg }],
  })
})

it('sends data over a channel to those who were named', async () => {
  const call = new FakeCall()
  const sender = call.feature(Features.DataChannel).createDataChannelSender({ channelId: 7, priority: 'High' })
  expect(sender.maxMessageSize).toBe(32_768)
  await sender.sendMessage(Uint8Array.of(0, 255, 10))
  sender.setParticipants([{ communicationUserId: bob }])
  await sender.sendMessage(Uint8Array.of(1))
  expect(call.asked).toEqual([
    ['call.say', { saying: { kind: 'data', channel: 7, data: 'AP8K' } }],
    ['call.say', { saying: { kind: 'data', channel: 7, data: 'AQ==' }, to: [bob] }],
  ])
  await expect(sender.sendMessage(new Uint8Array(32_769))).rejects.toMatchObject({ code: 413 })
  sender.close()
  await expect(sender.sendMessage(Uint8Array.of(1))).rejects.toMatchObject({ reason: 'channelClosed' })
})

it('makes a receiver for each sender and channel, with what he sent', () => {
  const call = new FakeCall()
  const receivers: DataChannelReceiver[] = []
  const seen: unknown[] = []
  call.feature(Features.DataChannel).on('dataChannelReceiverCreated', (receiver) => {
    receivers.push(receiver)
    receiver.on('messageReady', () => seen.push(receiver.readMessage()))
    receiver.on('close', () => seen.push('closed'))
  })
  call.says({ kind: 'data', channel: 7, data: 'AP8K' })
  call.says({ kind: 'data', channel: 7, data: 'AQ==' })
  call.says({ kind: 'data', channel: 8, data: 'AQ==' })
  expect(receivers.map(({ channelId }) => channelId)).toEqual([7, 8])
  expect(receivers[0]?.senderParticipantIdentifier).toEqual({ kind: 'communicationUser', communicationUserId: bob })
  expect(seen.slice(0, 2)).toEqual([
    { sequenceNumber: 1, data: Uint8Array.of(0, 255, 10) },
    { sequenceNumber: 2, data: Uint8Array.of(1) },
  ])
  expect(receivers[0]?.readMessage()).toBeUndefined()
  call.shows({ participants: [] })
  expect(seen.slice(3)).toEqual(['closed', 'closed'])
})

it('keeps what nobody reads within bounds', () => {
  const call = new FakeCall()
  let receiver: DataChannelReceiver | undefined
  call.feature(Features.DataChannel).on('dataChannelReceiverCreated', (created) => (receiver = created))
  for (let i = 0; i < 300; i++) call.says({ kind: 'data', channel: 7, data: 'AQ==' })
  expect(receiver?.readMessage()?.sequenceNumber).toBe(45)
})

it('hands in what someone thought of the call, after its end too', async () => {
  const call = new FakeCall()
  const survey = call.feature(Features.CallSurvey)
  call.reply = async () => ({ id: 'survey-1' })
  call.news.emit('end')
  const rating = { overallRating: { score: 4, issues: ['HadToRejoin'] } }
  await expect(survey.submitSurvey(rating)).resolves.toEqual({
    ...rating,
    id: 'survey-1',
    callId: view().callId,
    localParticipantId: view().legId,
  })
  expect(call.asked).toEqual([['call.survey', { survey: rating }]])
})

it('sends its diagnostics to the others on request, and shows theirs while they are there', () => {
  const call = new FakeCall()
  const { remote } = call.feature(Features.UserFacingDiagnostics)
  const seen: unknown[] = []
  remote.on('diagnosticChanged', ({ diagnostics }) => seen.push(diagnostics.map(({ diagnostic }) => diagnostic)))
  call.diagnostics.network.set('networkReconnect', 3)
  expect(call.asked).toEqual([])

  remote.startSendingDiagnostics()
  expect(remote.isSendingDiagnosticsEnabled).toBe(true)
  call.diagnostics.media.set('cameraFreeze', true)
  remote.stopSendingDiagnostics()
  call.diagnostics.media.set('cameraFreeze', false)
  const sent = call.asked.map(([, body]) => (body as { saying: { diagnostic: string; value: unknown } }).saying)
  expect(sent.map(({ diagnostic, value }) => [diagnostic, value])).toEqual([
    ['networkReconnect', 3],
    ['serverConnection', 3],
    ['cameraFreeze', true],
  ])

  call.says({ kind: 'diagnostic', diagnostic: 'networkSendQuality', value: 2, valueType: 'DiagnosticQuality' })
  call.says({ kind: 'diagnostic', diagnostic: 'networkSendQuality', value: 3, valueType: 'DiagnosticQuality' })
  expect(seen).toEqual([['networkSendQuality'], ['networkSendQuality']])
  expect(remote.getLatest().diagnostics).toEqual([
    {
      diagnostic: 'networkSendQuality',
      value: 3,
      valueType: 'DiagnosticQuality',
      participantId: bobsLeg,
      rawId: bob,
      remoteParticipant: { displayName: 'Bob' },
    },
  ])
  call.shows({ participants: [] })
  expect(remote.getLatest().diagnostics).toEqual([])
})

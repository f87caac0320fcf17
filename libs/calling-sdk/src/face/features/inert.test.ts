import { expect, it } from '@jest/globals'
import { once } from 'node:events'
import { FakeCall } from '../../../test/fake-call.ts'
import { Features } from './features.ts'
import { watchOtherTabs } from './other-tabs.ts'

it('has empty lists and typed refusals where this platform has nothing', async () => {
  const call = new FakeCall()
  const refused = { code: 501, reason: 'notSupported' }
  const { captions } = call.feature(Features.Captions)
  expect(captions.supportedSpokenLanguages).toEqual([])
  await expect(captions.startCaptions()).rejects.toMatchObject(refused)
  const recording = call.feature(Features.Recording)
  expect([recording.isRecordingActive, recording.recordings]).toEqual([false, []])
  expect(call.feature(Features.Transcription).isTranscriptionActive).toBe(false)
  const together = call.feature(Features.TogetherMode)
  expect(together.togetherModeStream).toEqual([])
  await expect(together.start()).rejects.toMatchObject(refused)
  const { getTeamsMeetingAudioConferencingDetails } = call.feature(Features.TeamsMeetingAudioConferencing)
  await expect(getTeamsMeetingAudioConferencingDetails()).rejects.toMatchObject(refused)
  expect(() => call.feature(Features.BreakoutRooms).on('breakoutRoomsUpdated', () => {})).not.toThrow()
  const effects = Features.VideoEffects.videoStreamApi()
  expect(effects.activeEffects).toEqual([])
  await expect(effects.isSupported('BackgroundBlur')).resolves.toBe(false)
  await expect(effects.startEffects('BackgroundBlur')).rejects.toMatchObject(refused)
  expect(Features.AudioEffects.audioStreamApi().activeEffects).toEqual({ echoCancellation: [], noiseSuppression: [] })
})

it('knows of clients in another tab, and when that tab is closed', async () => {
  const seen: boolean[] = []
  const changed = new EventTarget()
  const tabs = watchOtherTabs(() => {
    seen.push(tabs.isAny)
    changed.dispatchEvent(new Event('changed'))
  })
  const other = new BroadcastChannel('parley-calling-clients')
  other.postMessage({ word: 'came', tab: 'other' })
  await once(changed, 'changed')
  expect(tabs.isAny).toBe(true)
  other.postMessage({ word: 'left', tab: 'other' })
  await once(changed, 'changed')
  expect(seen).toEqual([true, false])
  other.close()
  tabs.stop()
})

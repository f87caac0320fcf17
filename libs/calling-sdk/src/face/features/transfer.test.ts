import { expect, it } from '@jest/globals'
import type { TransferView } from '@parley/protocol'
import { refused } from '../../calling-error.ts'
import { FakeCall } from '../../../test/fake-call.ts'
import { bob, callId, view } from '../../../test/views.ts'
import { Features } from './features.ts'
import type { Transfer } from './transfer.ts'

const toBob = { targetParticipant: { communicationUserId: bob } }
const settled = () => new Promise((resolve) => setImmediate(resolve))
const shown = (state: TransferView['state'], more: Partial<TransferView> = {}): TransferView => ({
  id: 'transfer-1',
  side: 'by',
  state,
  to: { user: bob },
  ...more,
})
function follow(transfer: Transfer): string[] {
  const seen: string[] = [transfer.state]
  transfer.on('stateChanged', () => seen.push(transfer.state))
  return seen
}

it('is followed from the request to the other call', async () => {
  const call = new FakeCall()
  call.reply = async () => ({ call: view({ transfer: shown('Transferring') }) })
  const transfer = call.feature(Features.Transfer).transfer(toBob)
  const seen = follow(transfer)
  expect(call.asked).toEqual([['call.transfer', { to: { user: bob } }]])
  await settled()
  call.shows({ transfer: shown('Transferring') })
  call.shows({ transfer: shown('Transferred') })
  expect(seen).toEqual(['None', 'Transferring', 'Transferred'])
  expect(transfer.error).toBeUndefined()
})

it('fails with what the server says, and the next one is another', async () => {
  const call = new FakeCall()
  call.reply = async () => ({ call: view({ transfer: shown('Transferring') }) })
  const feature = call.feature(Features.Transfer)
  const first = feature.transfer(toBob)
  const seen = follow(first)
  await settled()
  const end = { reason: 'noAnswer' as const, code: 487, subCode: 10004, message: 'Nobody answered in time.' }
  call.shows({ transfer: shown('Failed', { end }) })
  expect(seen).toEqual(['None', 'Transferring', 'Failed'])
  expect(first.error).toEqual({ code: 487, subCode: 10004 })

  call.reply = async () => ({ call: view({ transfer: shown('Transferring', { id: 'transfer-2' }) }) })
  const second = feature.transfer({ targetCallId: callId(3) })
  call.shows({ isMuted: true })
  expect(second.state).toBe('None')
  await settled()
  expect(second.state).toBe('Transferring')
  expect(first.state).toBe('Failed')
  expect(call.asked[1]).toEqual(['call.transfer', { to: { callId: callId(3) } }])
})

it('fails when the server refuses it', async () => {
  const call = new FakeCall()
  call.reply = () =>
    Promise.reject(
      refused({ name: 'roleForbids', code: 403, subCode: 0, message: 'You may not do this in this call.' }),
    )
  const transfer = call.feature(Features.Transfer).transfer(toBob)
  await settled()
  expect(transfer).toMatchObject({ state: 'Failed', error: { code: 403, subCode: 0 } })
})

it('is Transferred also when the call ends with it', async () => {
  const call = new FakeCall()
  call.reply = () => new Promise(() => {})
  const transfer = call.feature(Features.Transfer).transfer(toBob)
  call.shows({ transfer: shown('Transferred') })
  call.news.emit('end')
  expect(transfer.state).toBe('Transferred')
})

it('gives the other side the call that comes after this one', () => {
  const call = new FakeCall()
  const feature = call.feature(Features.Transfer)
  const seen: unknown[] = []
  feature.on('transferAccepted', ({ targetCall }) => seen.push(targetCall.id))
  call.news.emit('transferAccepted', { id: 'the next one' } as never)
  expect(seen).toEqual(['the next one'])
})

it('knows no voicemail', () => {
  const { transfer } = new FakeCall().feature(Features.Transfer)
  expect(() => transfer({ targetParticipantVoicemail: { microsoftTeamsUserId: 'x' } })).toThrow(/not supported/)
})

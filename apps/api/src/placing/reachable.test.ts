import { randomUUID } from 'node:crypto'
import { describe, expect, it } from '@jest/globals'
import { CallId, rawIdOf, RawId, ResourceId, SessionId, userIdOf } from '@parley/protocol'
import type { Caller } from '../agents/asker.ts'
import { newLegId } from '../agents/device.ts'
import { Reachable } from './reachable.ts'

const resourceId = ResourceId.parse(randomUUID())
const user = rawIdOf(userIdOf(resourceId, randomUUID()))
const ann: Caller = { id: SessionId.parse('ses_ann-laptop'), resourceId, user, mayStart: true, mayUsePlainMedia: false }
const ringing = { callId: CallId.parse(randomUUID()), callerId: undefined, path: 'to' } as const

describe('who can be rung', () => {
  const dialled: RawId[] = []
  const sessions = { liveSessionsOf: async () => [] }
  const phones = {
    toDial: async (callee: RawId) => {
      dialled.push(callee)
      return { user: callee, legId: newLegId(), refused: 'noTrunk' as const }
    },
  }
  const reachable = new Reachable({ sessions, phones })
  const ids = (...rawIds: string[]) => rawIds.map((rawId) => RawId.parse(rawId))

  it('is a phone, or the reason why it is not dialled', async () => {
    const devices = await reachable.devicesOf(ann, ids('4:+4930123456'), ringing)
    expect(devices).toMatchObject([{ user: '4:+4930123456', refused: 'noTrunk' }])
    expect(dialled.splice(0)).toEqual(['4:+4930123456'])
  })

  it.each([['4:030-123'], ['4:'], ['4:anonymous'], ['8:acs:ann']])(
    'is nobody, and no phone is dialled, when %s is among them',
    async (bad) => {
      const asked = reachable.devicesOf(ann, ids('4:+4930123456', bad), ringing)
      await expect(asked).rejects.toMatchObject({ failure: 'malformedId', path: 'to.1' })
      expect(dialled).toEqual([])
    },
  )
})

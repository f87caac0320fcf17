import { randomBytes } from 'node:crypto'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { scratchFolder } from '../store/scratch.ts'
import { Sealing } from './sealing.ts'

describe('a password of a trunk', () => {
  const sealing = new Sealing(randomBytes(32))

  it('comes back as it was, and is sealed differently each time', () => {
    const [one, other] = [sealing.seal('gehéim', 'sbc.example.com'), sealing.seal('gehéim', 'sbc.example.com')]
    expect(one).not.toBe(other)
    expect([one, other].map((sealed) => sealing.unseal(sealed, 'sbc.example.com'))).toEqual(['gehéim', 'gehéim'])
  })

  it('opens for its own trunk, with its own key, and whole only', () => {
    const sealed = sealing.seal('secret', 'sbc.example.com')
    const spoilt = Buffer.from(sealed, 'base64')
    spoilt[20] = (spoilt[20] ?? 0) ^ 1
    expect(sealing.unseal(sealed, 'other.example.com')).toBeUndefined()
    expect(new Sealing(randomBytes(32)).unseal(sealed, 'sbc.example.com')).toBeUndefined()
    expect(sealing.unseal(spoilt.toString('base64'), 'sbc.example.com')).toBeUndefined()
    expect(sealing.unseal('', 'sbc.example.com')).toBeUndefined()
  })

  it('is opened after a restart, by a key that its owner alone can read', async () => {
    const dataDir = scratchFolder()
    const sealed = (await Sealing.open(dataDir)).seal('secret', 'sbc.example.com')
    expect((await Sealing.open(dataDir)).unseal(sealed, 'sbc.example.com')).toBe('secret')
    expect(statSync(join(dataDir, 'trunk-key')).mode & 0o777).toBe(0o600)
  })
})

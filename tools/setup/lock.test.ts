import { describe, expect, it } from '@jest/globals'
import { mkdtempSync, rmdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { withLock } from './lock.mjs'

describe('withLock', () => {
  const inFolder = async (story: (folder: string) => Promise<void>) => {
    const folder = mkdtempSync(join(tmpdir(), 'parley-lock-'))
    await story(folder).finally(() => rmdirSync(folder))
  }

  it('lets one work after the other, and hands out what each returns', () =>
    inFolder(async (folder) => {
      const seen: string[] = []
      const work = (name: string) =>
        withLock(folder, { waitingFor: 'the other' }, async () => {
          seen.push(`${name} begins`)
          await new Promise((resolve) => setImmediate(resolve))
          seen.push(`${name} ends`)
          return name
        })
      const both = await Promise.all([work('first'), work('second')])
      expect(both).toEqual(['first', 'second'])
      expect(seen).toHaveLength(4)
      expect(seen[0]?.split(' ')[0]).toBe(seen[1]?.split(' ')[0])
    }))

  it('is free again after work that failed', () =>
    inFolder(async (folder) => {
      const fails = withLock(folder, { waitingFor: 'it' }, () => Promise.reject(new Error('no')))
      await expect(fails).rejects.toThrow('no')
      expect(await withLock(folder, { waitingFor: 'it' }, () => Promise.resolve('yes'))).toBe('yes')
    }))

  it('says whom it waited for in vain', () =>
    inFolder(async (folder) => {
      await withLock(folder, { waitingFor: 'it' }, async () => {
        const second = withLock(folder, { waitingFor: 'the first start', limitS: 0 }, () => Promise.resolve())
        await expect(second).rejects.toThrow('the first start did not end')
      })
    }))
})

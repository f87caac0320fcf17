import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { KeyFileError, openKeyFiles, readAccessKey, readOrMakeSecret } from './key-files.ts'

let dataDir: string
beforeEach(async () => {
  dataDir = join(await mkdtemp(join(tmpdir(), 'parley-keys-')), 'data')
})
afterEach(() => rm(join(dataDir, '..'), { recursive: true }))

const path = (name: string) => join(dataDir, name)
const modeOf = async (name: string) => ((await stat(path(name))).mode & 0o777).toString(8)

describe('the secrets of a platform', () => {
  it('are made at random at the first start and found again at the second', async () => {
    const first = await openKeyFiles(dataDir)
    const second = await openKeyFiles(dataDir)
    expect(second.accessKeys).toEqual(first.accessKeys)
    expect(second.resourceId).toBe(first.resourceId)
    expect(second.signingKeys.newest.id).toBe(first.signingKeys.newest.id)
    expect(first.accessKeys[0]).toHaveLength(64)
  })

  it('are others in another folder', async () => {
    const [one, other] = await Promise.all([openKeyFiles(dataDir), openKeyFiles(`${dataDir}-2`)])
    expect(one.accessKeys).not.toEqual(other.accessKeys)
    expect(one.resourceId).not.toBe(other.resourceId)
    expect(one.signingKeys.newest.id).not.toBe(other.signingKeys.newest.id)
  })

  it('are for their owner only, and nothing else is left behind', async () => {
    await openKeyFiles(dataDir)
    const names = await readdir(dataDir)
    expect(names.toSorted()).toEqual(['access-key', 'resource-id', 'signing-keys.json'])
    for (const name of names) expect(await modeOf(name)).toBe('600')
  })

  it('are closed to others again when a copy has opened them', async () => {
    await openKeyFiles(dataDir)
    await chmod(path('access-key'), 0o644)
    await openKeyFiles(dataDir)
    expect(await modeOf('access-key')).toBe('600')
  })

  it('are the same for all who make them at once', async () => {
    const keys = await Promise.all(Array.from({ length: 8 }, () => openKeyFiles(dataDir)))
    expect(new Set(keys.map(({ accessKeys }) => accessKeys[0]?.toString('base64'))).size).toBe(1)
    expect(new Set(keys.map(({ signingKeys }) => signingKeys.newest.id)).size).toBe(1)
    expect((await readdir(dataDir)).toSorted()).toEqual(['access-key', 'resource-id', 'signing-keys.json'])
  })

  it('take an access key that is given, and write no file for it', async () => {
    const given = Buffer.alloc(32, 7)
    const keys = await openKeyFiles(dataDir, given.toString('base64'))
    expect(keys.accessKeys).toEqual([given])
    expect(await readdir(dataDir)).not.toContain('access-key')
  })

  it('may end in a new line, as editors leave it', async () => {
    const { accessKeys } = await openKeyFiles(dataDir)
    await writeFile(path('access-key'), `${await readFile(path('access-key'), 'utf8')}\n`)
    expect((await openKeyFiles(dataDir)).accessKeys).toEqual(accessKeys)
  })

  it.each([
    ['signing-keys.json', '{}'],
    ['signing-keys.json', '{"keys":['],
    ['access-key', 'short'],
    ['access-key', '!'.repeat(88)],
    ['resource-id', 'none'],
    ['resource-id', ''],
  ])('are never replaced in silence: %s with %j', async (name, text) => {
    await openKeyFiles(dataDir)
    await writeFile(path(name), text)
    await expect(openKeyFiles(dataDir)).rejects.toThrow(KeyFileError)
    await expect(openKeyFiles(dataDir)).rejects.toThrow(path(name))
    expect(await readFile(path(name), 'utf8')).toBe(text)
  })
})

describe('an access key', () => {
  it.each([
    ['32 bytes', Buffer.alloc(32, 1).toString('base64'), true],
    ['31 bytes', Buffer.alloc(31, 1).toString('base64'), false],
    ['no base64', `${Buffer.alloc(64, 1).toString('base64')}!`, false],
    ['base64url', Buffer.alloc(64, 255).toString('base64url'), false],
    ['nothing', '', false],
  ])('of %s is taken or not', (_what, base64, isTaken) => expect(readAccessKey(base64) !== undefined).toBe(isTaken))
})

describe('a secret', () => {
  it('is not made anew when it is there', async () => {
    await openKeyFiles(dataDir)
    const made = await readOrMakeSecret(path('more'), () => 'first')
    expect([made, await readOrMakeSecret(path('more'), () => 'second')]).toEqual(['first', 'first'])
  })
})

/**
 * The secrets of a platform in its DATA_DIR: readable by their owner only, made once, and whole or not there. Nothing
 * here has a built-in default; what does not exist is made at random.
 */
import { randomBytes, randomUUID } from 'node:crypto'
import { chmod, link, mkdir, open, readFile, stat, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { EpochMs, ResourceId } from '@parley/protocol'
import * as z from 'zod/mini'
import { createSigningKey, SigningKeys, StoredSigningKey } from './signing-keys.ts'

/** The least that an access key may have; ours have as many as ACS's. */
export const minAccessKeyBytes = 32
const ourAccessKeyBytes = 64

/** What a platform is known by. */
export type PlatformKeys = {
  signingKeys: SigningKeys
  /** Primary first. Base64 of it stands in the connection string. */
  accessKeys: readonly Buffer[]
  /** The first resource. */
  resourceId: ResourceId
}

/** A file of secrets that cannot be used. Its message says which, why, and what to do. */
export class KeyFileError extends Error {
  constructor(path: string, what: string, cause?: unknown) {
    super(`${path} ${what}`, { cause })
    this.name = 'KeyFileError'
  }
}

/**
 * Reads the secrets of `dataDir`, and makes those that are not there. With `accessKey` (base64) that one is the
 * primary access key, and no file is read or written for it.
 * @throws KeyFileError
 */
export async function openKeyFiles(dataDir: string, accessKey?: string): Promise<PlatformKeys> {
  await mkdir(dataDir, { recursive: true })
  const path = (name: string) => join(dataDir, name)
  return {
    signingKeys: await signingKeysIn(path('signing-keys.json')),
    accessKeys: [await accessKeyIn(path('access-key'), accessKey)],
    resourceId: await resourceIdIn(path('resource-id')),
  }
}

/** The bytes of an access key in standard base64; undefined when it is none, or too short to be a secret. */
export function readAccessKey(base64: string): Buffer | undefined {
  const bytes = Buffer.from(base64, 'base64')
  return bytes.toString('base64') === base64 && bytes.length >= minAccessKeyBytes ? bytes : undefined
}

/**
 * Reads a file of secrets, or makes it with what `make` gives. Nobody ever sees half of it, and two processes that
 * make it at once end up with the same one.
 */
export async function readOrMakeSecret(path: string, make: () => string): Promise<string> {
  const there = await readSecret(path)
  if (there !== undefined) return there
  const draft = `${path}.${randomUUID()}`
  await writeDurably(draft, make())
  try {
    await link(draft, path)
  } catch (error) {
    if (codeOf(error) !== 'EEXIST')
      throw new KeyFileError(path, 'cannot be written. Is DATA_DIR on a full disk?', error)
  } finally {
    await unlink(draft)
  }
  const made = await readSecret(path)
  if (made === undefined) throw new KeyFileError(path, 'vanished as it was made. Does somebody else use DATA_DIR?')
  return made
}

async function readSecret(path: string): Promise<string | undefined> {
  try {
    const text = await readFile(path, 'utf8')
    // A copy or a backup may have let others in.
    if (((await stat(path)).mode & 0o077) !== 0) await chmod(path, 0o600)
    return text
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw new KeyFileError(
      path,
      'cannot be read, or not be kept to its owner. Give it to the user of this process.',
      error,
    )
  }
}

async function writeDurably(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx', 0o600)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
}

const SigningKeysFile = z.object({ keys: z.array(StoredSigningKey).check(z.minLength(1)) })

async function signingKeysIn(path: string): Promise<SigningKeys> {
  const text = await readOrMakeSecret(path, () =>
    JSON.stringify({ keys: [createSigningKey(EpochMs.parse(Date.now()))] }),
  )
  try {
    return new SigningKeys(SigningKeysFile.parse(JSON.parse(text)).keys)
  } catch (error) {
    const todo = 'Put a backup in its place, or delete it: a new key is made, and tokens issued so far are void.'
    throw new KeyFileError(path, `holds no keys that can be used. ${todo}`, error)
  }
}

async function accessKeyIn(path: string, given?: string): Promise<Buffer> {
  const text = given ?? (await readOrMakeSecret(path, () => randomBytes(ourAccessKeyBytes).toString('base64')))
  const key = readAccessKey(text.trim())
  if (key !== undefined) return key
  const todo =
    'Put the key back, or delete the file: a new key is made, and server apps need the new connection string.'
  throw new KeyFileError(
    given === undefined ? path : 'ACCESS_KEY',
    `is no base64 of ${minAccessKeyBytes} bytes or more. ${given === undefined ? todo : 'Set another, or none.'}`,
  )
}

async function resourceIdIn(path: string): Promise<ResourceId> {
  const text = await readOrMakeSecret(path, () => randomUUID())
  const read = ResourceId.safeParse(text.trim())
  if (read.success) return read.data
  throw new KeyFileError(path, 'holds no GUID. Put a backup in its place: every user id carries this GUID.')
}

function codeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined
}

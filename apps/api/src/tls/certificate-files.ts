/** Certificates and their keys as files in DATA_DIR: keys for their owner only, certificates for everybody. */
import { createPrivateKey, generateKeyPairSync, randomUUID, X509Certificate, type KeyObject } from 'node:crypto'
import { readFile, rename, writeFile } from 'node:fs/promises'
import { readOrMakeSecret } from '@parley/identity'
import { TlsError } from './tls-error.ts'

/** Reads a private key, or makes one (P-256). @throws TlsError, KeyFileError */
export async function readOrMakeKey(path: string): Promise<KeyObject> {
  const pem = await readOrMakeSecret(path, makeKey)
  try {
    return createPrivateKey(pem)
  } catch (error) {
    throw new TlsError(`${path} holds no private key. Delete it, and a new one is made.`, error)
  }
}

/** Reads a certificate; undefined when the file is not there, or holds none. */
export async function readCertificate(path: string): Promise<X509Certificate | undefined> {
  try {
    return new X509Certificate(await readFile(path, 'utf8'))
  } catch {
    return undefined // whatever was there is made anew from the key: nothing is lost
  }
}

/** Puts a certificate in place, whole or not at all. @throws TlsError */
export async function writeCertificate(path: string, pem: string): Promise<void> {
  const draft = `${path}.${randomUUID()}`
  try {
    await writeFile(draft, pem, { flag: 'wx', mode: 0o644 })
    await rename(draft, path)
  } catch (error) {
    throw new TlsError(`${path} cannot be written. Is DATA_DIR on a full disk?`, error)
  }
}

function makeKey(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
}

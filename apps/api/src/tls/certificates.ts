/** Where the https door's certificate comes from: the operator, or a small CA of our own in DATA_DIR. */
import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Settings } from '../settings.ts'
import { readCertificate, readOrMakeKey, writeCertificate } from './certificate-files.ts'
import { TlsError } from './tls-error.ts'
import { makeAuthority, makeServerCertificate, namesIn } from './x509.ts'

/** PEM. */
export type ServerIdentity = { cert: string; key: string }

export interface Certificates {
  /** What to show now: made, renewed or read again as needed. @throws TlsError, KeyFileError */
  current(): Promise<ServerIdentity>
}

/** Chooses by the settings. `now` is in milliseconds since 1970. */
export function certificatesFor(settings: CertificateSettings, now: () => number): Certificates {
  if (settings.tls !== undefined) return new OperatorCertificate(settings.tls)
  return new OwnCertificate(settings.dataDir, namesFor(settings), now)
}

export type CertificateSettings = Pick<Settings, 'tls' | 'dataDir' | 'publicUrl' | 'host'>

/** The file that clients are to trust, where the certificate is our own. */
export function authorityFile(dataDir: string): string {
  return join(dataDir, 'ca.pem')
}

/** A certificate and key that the operator renews by replacing the files. */
export class OperatorCertificate implements Certificates {
  constructor(private readonly files: { certFile: string; keyFile: string }) {}

  async current(): Promise<ServerIdentity> {
    const [cert, key] = [await read('TLS_CERT', this.files.certFile), await read('TLS_KEY', this.files.keyFile)]
    const certificate = parse('TLS_CERT', this.files.certFile, () => new X509Certificate(cert))
    const privateKey = parse('TLS_KEY', this.files.keyFile, () => createPrivateKey(key))
    if (!certificate.checkPrivateKey(privateKey)) {
      throw new TlsError('TLS_CERT and TLS_KEY do not belong together. Name the key that the certificate was made for.')
    }
    return { cert, key }
  }
}

const dayMs = 86_400_000
/** Whoever trusts the CA has copied its file: it should outlive the installation. */
const authorityLifeMs = 3650 * dayMs
/** Browsers refuse certificates that are valid for more than 398 days. */
const certificateLifeMs = 390 * dayMs
/** Renewed when less is left. A CA must outlive what it signs. */
const certificateLeastMs = 30 * dayMs
const authorityLeastMs = certificateLifeMs + certificateLeastMs

type Signed = { certificate: X509Certificate; key: KeyObject }

/** A certificate for our own names, signed by our own CA. Keys are made once, so that a renewal changes no trust. */
export class OwnCertificate implements Certificates {
  constructor(
    private readonly dataDir: string,
    private readonly names: readonly string[],
    private readonly now: () => number,
  ) {}

  async current(): Promise<ServerIdentity> {
    const authority = await this.#authority()
    const path = join(this.dataDir, 'server.pem')
    const key = await readOrMakeKey(join(this.dataDir, 'server-key.pem'))
    const there = await readCertificate(path)
    const isGood = there !== undefined && this.#lives(there, certificateLeastMs) && this.#isOurs(there, key, authority)
    const cert = isGood ? there.toString() : await this.#renew(path, key, authority)
    return { cert, key: key.export({ type: 'pkcs8', format: 'pem' }).toString() }
  }

  async #authority(): Promise<Signed> {
    const path = authorityFile(this.dataDir)
    const key = await readOrMakeKey(join(this.dataDir, 'ca-key.pem'))
    const there = await readCertificate(path)
    if (there?.checkPrivateKey(key) && this.#lives(there, authorityLeastMs)) return { certificate: there, key }
    const pem = await makeAuthority(key, { now: this.now(), lifeMs: authorityLifeMs })
    await writeCertificate(path, pem)
    return { certificate: new X509Certificate(pem), key }
  }

  async #renew(path: string, key: KeyObject, authority: Signed): Promise<string> {
    const life = { now: this.now(), lifeMs: certificateLifeMs }
    const pem = await makeServerCertificate({ key, names: this.names, life }, authority)
    await writeCertificate(path, pem)
    return pem
  }

  #lives(certificate: X509Certificate, leastMs: number): boolean {
    const now = this.now()
    return certificate.validFromDate.getTime() <= now && certificate.validToDate.getTime() - now >= leastMs
  }

  #isOurs(certificate: X509Certificate, key: KeyObject, authority: Signed): boolean {
    const isSigned =
      certificate.checkIssued(authority.certificate) && certificate.verify(authority.certificate.publicKey)
    return isSigned && certificate.checkPrivateKey(key) && areSame(namesIn(certificate), this.names)
  }
}

/** By what names clients may reach us: this machine's, PUBLIC_URL's, and HOST where it is one address. */
export function namesFor({ publicUrl, host }: Pick<CertificateSettings, 'publicUrl' | 'host'>): string[] {
  const published = new URL(publicUrl).hostname.replace(/^\[|\]$/g, '')
  const isAnyAddress = host === '0.0.0.0' || host === '::'
  return [...new Set(['localhost', '127.0.0.1', '::1', published, ...(isAnyAddress ? [] : [host])])]
}

function areSame(some: readonly string[], others: readonly string[]): boolean {
  return JSON.stringify(some.toSorted()) === JSON.stringify(others.toSorted())
}

async function read(variable: string, path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    throw new TlsError(`${variable} names ${path}, which cannot be read. Name a PEM file.`, error)
  }
}

function parse<T>(variable: string, path: string, make: () => T): T {
  try {
    return make()
  } catch (error) {
    throw new TlsError(`${variable} names ${path}, which holds none that can be read. Name a PEM file.`, error)
  }
}

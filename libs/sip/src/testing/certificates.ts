/** A CA of a test's own, and certificates that it signs. */
import 'reflect-metadata' // the library asks for it when it is loaded
import { KeyObject } from 'node:crypto'
import {
  BasicConstraintsExtension,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
  type JsonGeneralName,
  type X509Certificate,
} from '@peculiar/x509'
import type { TlsIdentity } from '../transports/tls.ts'

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
const hourMs = 3_600_000

export class Authority {
  readonly #keys: Keys
  readonly #certificate: X509Certificate

  private constructor(keys: Keys, certificate: X509Certificate) {
    this.#keys = keys
    this.#certificate = certificate
  }

  static async create(): Promise<Authority> {
    const keys = await newKeys()
    const extensions = [new BasicConstraintsExtension(true, 0, true)]
    const named = { name: 'CN=CA of a test', keys, signingAlgorithm: algorithm, extensions, ...validity() }
    return new Authority(keys, await X509CertificateGenerator.createSelfSigned(named))
  }

  /** In PEM. */
  get ca(): string {
    return this.#certificate.toString('pem')
  }

  async certify(names: JsonGeneralName[], commonName = 'nobody'): Promise<TlsIdentity> {
    const keys = await newKeys()
    const certificate = await X509CertificateGenerator.create({
      subject: `CN=${commonName}`,
      issuer: this.#certificate.subject,
      publicKey: keys.publicKey,
      signingKey: this.#keys.privateKey,
      signingAlgorithm: algorithm,
      extensions: names.length === 0 ? [] : [new SubjectAlternativeNameExtension(names)],
      ...validity(),
    })
    const key = KeyObject.from(keys.privateKey).export({ type: 'pkcs8', format: 'pem' }).toString()
    return { cert: certificate.toString('pem'), key, ca: this.ca }
  }
}

type Keys = Awaited<ReturnType<typeof newKeys>>

// The global crypto, not node:crypto's: the library is typed for both worlds by the global names.
function newKeys() {
  return crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
}

function validity(): { notBefore: Date; notAfter: Date } {
  const now = Date.now()
  return { notBefore: new Date(now - hourMs), notAfter: new Date(now + hourMs) }
}

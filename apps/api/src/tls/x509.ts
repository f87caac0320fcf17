/** The two kinds of certificate that we make (RFC 5280): a CA that signs itself, and a server that the CA signs. */
import 'reflect-metadata' // the library asks for it when it is loaded
import { createHash, createPublicKey, X509Certificate, type KeyObject } from 'node:crypto'
import { isIP } from 'node:net'
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate as PeculiarCertificate,
  X509CertificateGenerator,
  type JsonGeneralName,
} from '@peculiar/x509'

const dayMs = 86_400_000
/** A clock that is a little behind ours should not refuse a new certificate. */
const backdatedMs = dayMs

const curve = { name: 'ECDSA', namedCurve: 'P-256' }
const signingAlgorithm = { name: 'ECDSA', hash: 'SHA-256' }

export type Life = { now: number; lifeMs: number }

/** A CA of its own name: two of them can stand in one trust store. PEM. */
export async function makeAuthority(key: KeyObject, life: Life): Promise<string> {
  const keys = { privateKey: await signingKeyOf(key), publicKey: await publicKeyOf(key) }
  const made = await X509CertificateGenerator.createSelfSigned({
    name: `CN=Parley CA ${fingerprintOf(key)}`,
    keys,
    signingAlgorithm,
    ...validity(life),
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
  return `${made.toString('pem')}\n`
}

/** A server certificate for these names and addresses, signed by the CA. PEM. */
export async function makeServerCertificate(
  { key, names, life }: { key: KeyObject; names: readonly string[]; life: Life },
  authority: { certificate: X509Certificate; key: KeyObject },
): Promise<string> {
  const publicKey = await publicKeyOf(key)
  const made = await X509CertificateGenerator.create({
    subject: 'CN=Parley',
    issuer: authority.certificate.subject.split('\n').join(','),
    publicKey,
    signingKey: await signingKeyOf(authority.key),
    signingAlgorithm,
    ...validity(life),
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
      new SubjectAlternativeNameExtension(names.map(generalName)),
      await SubjectKeyIdentifierExtension.create(publicKey),
      await AuthorityKeyIdentifierExtension.create(await publicKeyOf(authority.key)),
    ],
  })
  return `${made.toString('pem')}\n`
}

/** The names and addresses that a certificate is for. */
export function namesIn(certificate: X509Certificate): string[] {
  const names = new PeculiarCertificate(certificate.raw).getExtension(SubjectAlternativeNameExtension)?.names
  return names?.items.map(({ value }) => value) ?? []
}

function generalName(value: string): JsonGeneralName {
  return { type: isIP(value) === 0 ? 'dns' : 'ip', value }
}

function validity({ now, lifeMs }: Life): { notBefore: Date; notAfter: Date } {
  return { notBefore: new Date(now - backdatedMs), notAfter: new Date(now + lifeMs) }
}

// The global crypto, not node:crypto's: the library is typed for both worlds by the global names.
function signingKeyOf(key: KeyObject) {
  return crypto.subtle.importKey('pkcs8', key.export({ type: 'pkcs8', format: 'der' }), curve, false, ['sign'])
}

function publicKeyOf(key: KeyObject) {
  const spki = createPublicKey(key).export({ type: 'spki', format: 'der' })
  return crypto.subtle.importKey('spki', spki, curve, true, ['verify'])
}

function fingerprintOf(key: KeyObject): string {
  const spki = createPublicKey(key).export({ type: 'spki', format: 'der' })
  return createHash('sha256').update(spki).digest('hex').slice(0, 8)
}

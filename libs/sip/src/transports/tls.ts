/** TLS as SIP wants it: who we are, and whom we believe (RFC 5922). */
import type { ConnectionOptions, PeerCertificate, TlsOptions, TLSSocket } from 'node:tls'
import { isIP } from 'node:net'
import type { PeerTrust } from './flow.ts'
import { domainsOf, proves } from './proven-domains.ts'

/** Who we are over TLS, as server and, where the other side asks for it, as client. All in PEM. */
export type TlsIdentity = {
  cert: string
  key: string
  /** CAs by which clients may prove their domains (mutual TLS). Default: the system's. */
  ca?: string | readonly string[]
}

export function serverOptions({ cert, key, ca }: TlsIdentity): TlsOptions {
  // Who has no certificate is not sent away: SIP proves callers by digest as well, and our user decides.
  return { cert, key, ...listed(ca), minVersion: 'TLSv1.2', requestCert: true, rejectUnauthorized: false }
}

/** Whom we believe as a client, and who we are. */
export type ClientTls = { trust: PeerTrust | undefined; identity: TlsIdentity | undefined }

/** @param domain that was looked for: the certificate has to be for it, whatever DNS has made of it */
export function clientOptions(domain: string, { trust = {}, identity }: ClientTls): ConnectionOptions {
  const own = identity === undefined ? {} : { cert: identity.cert, key: identity.key }
  return {
    ...own,
    ...listed(trust.ca),
    minVersion: 'TLSv1.2',
    rejectUnauthorized: trust.isVerified ?? true,
    ...(isIP(domain) === 0 ? { servername: domain } : {}),
    checkServerIdentity: (_host, certificate) => refusal(certificate, domain),
  }
}

function refusal(certificate: PeerCertificate, domain: string): Error | undefined {
  if (proves(certificate, domain)) return undefined
  return new Error(`the certificate is for ${domainsOf(certificate).join(', ') || 'nobody'}, not for ${domain}`)
}

/** What the other side has proven on a connection that stands. */
export function provenOn(socket: TLSSocket): readonly string[] {
  return socket.authorized ? domainsOf(socket.getPeerCertificate()) : []
}

function listed(ca: TlsIdentity['ca']): { ca?: string | string[] } {
  if (ca === undefined) return {}
  return { ca: typeof ca === 'string' ? ca : [...ca] }
}

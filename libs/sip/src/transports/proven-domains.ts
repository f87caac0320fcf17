/** Which domains a certificate proves (RFC 5922 section 7.1), and whether it proves the one that was meant (7.2). */
import type { PeerCertificate } from 'node:tls'

type Proof = Pick<PeerCertificate, 'subjectaltname'> & { subject?: { CN?: string | string[] } }

/** All names and addresses, in small letters. */
export function domainsOf({ subjectaltname, subject }: Proof): string[] {
  const names = subjectaltname === undefined ? [] : splitNames(subjectaltname)
  const sip = names.flatMap(({ kind, value }) => (kind === 'URI' ? domainOfUri(value) : []))
  const dns = names.flatMap(({ kind, value }) => (kind === 'DNS' ? [value] : []))
  const addresses = names.flatMap(({ kind, value }) => (kind === 'IP Address' ? [value] : []))
  // SIP URIs count before names, names before the subject, which counts only where nothing else is.
  const found = sip.length > 0 ? sip : dns
  const common = names.length === 0 ? [subject?.CN ?? []].flat() : []
  return [...found, ...addresses, ...common].map((name) => name.toLowerCase())
}

/** Whether a certificate is for a domain. Wildcards stand for nothing but themselves (section 7.2). */
export function proves(certificate: Proof, domain: string): boolean {
  return domainsOf(certificate).includes(domain.toLowerCase())
}

/** A URI is an identity of a domain only when it names no user. */
function domainOfUri(uri: string): string[] {
  const [scheme = '', rest = ''] = uri.split(':', 2)
  const isOfDomain = scheme.toLowerCase() === 'sip' && rest !== '' && !uri.includes('@')
  return isOfDomain ? [rest.split(';', 1)[0] ?? ''] : []
}

/** Node writes `DNS:a, IP Address:127.0.0.1`, and in JSON's quotation marks what has commas or quotes itself. */
function splitNames(text: string): { kind: string; value: string }[] {
  const entries = text.match(/[^:,]+:(?:"(?:[^"\\]|\\.)*"|[^,]*)/g) ?? []
  return entries.map((entry) => {
    const colon = entry.indexOf(':')
    const value = entry.slice(colon + 1).trim()
    return { kind: entry.slice(0, colon).trim(), value: value.startsWith('"') ? '' : value }
  })
}

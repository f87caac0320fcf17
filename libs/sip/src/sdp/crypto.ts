/** Keys of SRTP in a description: a=crypto of RFC 4568. The keys themselves are made and used by those who own the media. */
import { attributesOf, type Attribute, type MediaDescription } from './description.ts'

/** `key` is what stands behind `inline:` up to the lifetime: base64 of key and salt. */
export type CryptoLine = { tag: number; suite: string; key: string }

/** The lines that can be read. A key with a key identifier (MKI) is left out: whoever uses it sends it in each packet. */
export function cryptoLinesOf(medium: MediaDescription): CryptoLine[] {
  return attributesOf(medium, 'crypto').flatMap((value) => readCrypto(value) ?? [])
}

function readCrypto(value: string): CryptoLine | undefined {
  const [tag = '', suite = '', keys = '', ...session] = value.split(/ +/, 16)
  const [key = '', ...rest] = keys.replace(/^inline:/i, '').split('|', 4)
  const hasIdentifier = rest.some((part) => part.includes(':'))
  const isReadable = /^[0-9]{1,9}$/.test(tag) && /^[A-Za-z0-9_]+$/.test(suite) && /^inline:/i.test(keys)
  // Several keys, or session parameters that switch protection off, would be promised and not be kept.
  if (!isReadable || hasIdentifier || keys.includes(';') || session.some(isBinding)) return undefined
  return /^[A-Za-z0-9+/]+=*$/.test(key) ? { tag: Number(tag), suite, key } : undefined
}

/** RFC 4568 section 6.3: of the session parameters only a window's size may be passed over. */
function isBinding(parameter: string): boolean {
  return parameter !== '' && !parameter.toUpperCase().startsWith('WSH=')
}

export function cryptoAttribute({ tag, suite, key }: CryptoLine): Attribute {
  return { name: 'crypto', value: `${tag} ${suite} inline:${key}` }
}

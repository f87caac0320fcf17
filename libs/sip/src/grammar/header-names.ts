/** How headers are called: small and capital letters do not matter, and some have a short form (RFC 3261 section 7.3.3). */

// prettier-ignore
const compact: Record<string, string> = {
  a: 'Accept-Contact',   // RFC 3841
  b: 'Referred-By',      // RFC 3892
  c: 'Content-Type',
  d: 'Request-Disposition', // RFC 3841
  e: 'Content-Encoding',
  f: 'From',
  i: 'Call-ID',
  j: 'Reject-Contact',   // RFC 3841
  k: 'Supported',
  l: 'Content-Length',
  m: 'Contact',
  o: 'Event',            // RFC 6665
  r: 'Refer-To',         // RFC 3515
  s: 'Subject',
  t: 'To',
  u: 'Allow-Events',     // RFC 6665
  v: 'Via',
  x: 'Session-Expires',  // RFC 4028
  y: 'Identity',         // RFC 8224
}

const keyOfLetter = new Map(Object.entries(compact).map(([letter, name]) => [letter, name.toLowerCase()]))

/** The name under which a header is kept and found: long and in small letters. */
export function headerKey(name: string): string {
  const small = name.toLowerCase()
  return small.length === 1 ? (keyOfLetter.get(small) ?? small) : small
}

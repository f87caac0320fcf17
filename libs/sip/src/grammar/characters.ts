/** Which characters may stand where: RFC 3261 section 25.1 as one table, so that each character is looked at once. */

// prettier-ignore
export const may = {
  token:     1 << 0,
  digit:     1 << 1,
  space:     1 << 2,
  user:      1 << 3,
  password:  1 << 4,
  uriParam:  1 << 5,
  uriHeader: 1 << 6,
  host:      1 << 7,
  ipv6:      1 << 8,
  scheme:    1 << 9,
  phone:     1 << 10,
  word:      1 << 11,
} as const

const digits = '0123456789'
const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'
const alphanum = digits + letters
const unreserved = `${alphanum}-_.!~*'()`
const token = `${alphanum}-.!%*_+\`'~`

// An escape (%2B) counts by its parts: that two hex digits follow a percent sign is checked where it is decoded.
// prettier-ignore
const members: Record<keyof typeof may, string> = {
  token,
  digit:     digits,
  space:     ' \t',
  // Beyond the RFC: gateways send a bare # in what people dial.
  user:      `${unreserved}%&=+$,;?/#`,
  password:  `${unreserved}%&=+$,`,
  uriParam:  `${unreserved}%[]/:&+$`,
  uriHeader: `${unreserved}%[]/?:+$`,
  // Beyond the RFC: hosts with an underscore are met in private networks.
  host:      `${alphanum}-._`,
  ipv6:      `${digits}abcdefABCDEF:.`,
  scheme:    `${alphanum}+-.`,
  phone:     `${digits}abcdefABCDEF+*#-.()`,
  word:      `${token}()<>:\\"/[]?{}`,
}

const table = new Uint16Array(128)
for (const [name, characters] of Object.entries(members)) {
  for (const character of characters) {
    const code = character.charCodeAt(0)
    table[code] = (table[code] ?? 0) | may[name as keyof typeof may]
  }
}

/** Whether the character with this code is of the class; -1, the end of a text, is of none. */
export function isOf(code: number, kind: number): boolean {
  return ((table[code] ?? 0) & kind) !== 0
}

/** Whether each character of a text is of the class. An empty text is not. */
export function consistsOf(text: string, kind: number): boolean {
  for (let at = 0; at < text.length; at += 1) if (!isOf(text.charCodeAt(at), kind)) return false
  return text.length > 0
}

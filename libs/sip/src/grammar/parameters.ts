/** Parameters of a header or of a URI: `;name=value;flag`. */
import { consistsOf, isOf, may } from './characters.ts'
import { GrammarError, type Reader } from './reader.ts'

/** By name in small letters, in the order in which they came; a flag has no value. Of two with one name the first counts. */
export type Parameters = ReadonlyMap<string, string | undefined>

export const noParameters: Parameters = new Map()

/** Reads the parameters of a header (generic-param): values are tokens, hosts or quoted strings. */
export function readParameters(reader: Reader, where: string): Parameters {
  const parameters = new Map<string, string | undefined>()
  while (reader.skipSeparator(';')) {
    // Beyond the RFC: a semicolon with nothing after it is met often.
    if (reader.isAtEnd || reader.isNext(',')) break
    const name = reader.some(may.token, `${where} parameter`).toLowerCase()
    const value = reader.skipSeparator('=') ? readValue(reader, where) : undefined
    if (!parameters.has(name)) parameters.set(name, value)
  }
  return parameters.size === 0 ? noParameters : parameters
}

function readValue(reader: Reader, where: string): string {
  if (reader.isNext('"')) return reader.quotedString(`${where} parameter`)
  return reader.some(may.token | may.uriParam, `${where} parameter`)
}

/** Reads the parameters of a URI: no spaces, no quotes, escapes kept as they are. */
export function readUriParameters(reader: Reader): Parameters {
  const parameters = new Map<string, string | undefined>()
  while (reader.skip(';')) {
    const name = reader.some(may.uriParam, 'URI parameter').toLowerCase()
    const value = reader.skip('=') ? reader.some(may.uriParam, 'URI parameter') : undefined
    if (!parameters.has(name)) parameters.set(name, value)
  }
  return parameters.size === 0 ? noParameters : parameters
}

/** Writes parameters; values that are neither host nor of the bare class, tokens as a rule, are quoted. */
export function writeParameters(parameters: Parameters, bare: number = may.token): string {
  const written: string[] = []
  for (const [name, value] of parameters) {
    written.push(value === undefined ? `;${name}` : `;${name}=${quoted(value, bare)}`)
  }
  return written.join('')
}

export function writeUriParameters(parameters: Parameters): string {
  const written: string[] = []
  for (const [name, value] of parameters) written.push(value === undefined ? `;${name}` : `;${name}=${value}`)
  return written.join('')
}

function quoted(value: string, bare: number): string {
  return consistsOf(value, bare) || isAddress(value) ? value : quote(value)
}

/** The addresses of IPv6 stand bare in received=, in brackets elsewhere. */
function isAddress(value: string): boolean {
  return value.includes(':') && consistsOf(value, may.ipv6)
}

/** A text as a quoted string. */
export function quote(text: string): string {
  let written = '"'
  for (const character of text) {
    const code = character.charCodeAt(0)
    if (code === 0x0a || code === 0x0d) throw new GrammarError('a quoted string cannot hold a line end')
    written += character === '"' || character === '\\' ? `\\${character}` : character
  }
  return `${written}"`
}

/** Whether a text could stand as a token without quotes. */
export function isToken(text: string): boolean {
  return consistsOf(text, may.token)
}

/** The text without its percent escapes; undefined when an escape is broken. */
export function unescaped(text: string): string | undefined {
  if (!text.includes('%')) return text
  try {
    return decodeURIComponent(text)
  } catch {
    // Either two hex digits are missing or the bytes are no UTF-8; both cannot be shown to anybody.
    return undefined
  }
}

/** Writes what is not of a class as percent escapes, so that it may stand in that part of a URI. */
export function escaped(text: string, kind: number): string {
  let written = ''
  for (const character of text) {
    const isBare = character !== '%' && isOf(character.charCodeAt(0), kind)
    written += isBare ? character : percent(character)
  }
  return written
}

function percent(character: string): string {
  return [...new TextEncoder().encode(character)]
    .map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`)
    .join('')
}

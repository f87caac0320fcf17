/** Somebody with an address: `"Ann" <sip:ann@example.com>;tag=1`, as in From, To, Contact and their like. */
import { may } from './characters.ts'
import { isToken, noParameters, quote, readParameters, writeParameters, type Parameters } from './parameters.ts'
import { GrammarError, Reader } from './reader.ts'
import { parseUri, writeUri, type Uri } from './uri.ts'

export type NameAddr = { displayName?: string; uri: Uri; parameters: Parameters }

/** Reads one address with its parameters, and stops at the comma or the end after it. */
export function readNameAddr(reader: Reader, where: string): NameAddr {
  const { displayName, uri } = readAddress(reader, where)
  const named = displayName === undefined || displayName === '' ? {} : { displayName }
  return { ...named, uri, parameters: readParameters(reader, where) }
}

function readAddress(reader: Reader, where: string): { displayName?: string; uri: Uri } {
  reader.skipSpaces()
  if (reader.isNext('<')) return { uri: readBracketed(reader, where) }
  if (reader.isNext('"')) {
    const displayName = reader.quotedString(where)
    reader.skipSpaces()
    return { displayName, uri: readBracketed(reader, where) }
  }
  const start = reader.at
  const name = readWords(reader)
  if (reader.isNext('<')) return { displayName: name, uri: readBracketed(reader, where) }
  // No brackets: what was read was the beginning of a bare address, which reaches up to the first parameter.
  reader.at = start
  return { uri: readBare(reader, where) }
}

/** A display name without quotes is words with spaces between them. */
function readWords(reader: Reader): string {
  const words: string[] = []
  for (;;) {
    const word = reader.while(may.token)
    if (word === '') break
    words.push(word)
    reader.skipSpaces()
  }
  return words.join(' ')
}

function readBracketed(reader: Reader, where: string): Uri {
  reader.expect('<', where)
  reader.skipSpaces()
  const text = reader.until('>').trimEnd()
  reader.expect('>', where)
  return parseUri(text, reader.meter)
}

// RFC 3261 section 20: without brackets, semicolon, comma and question mark do not belong to the URI.
function readBare(reader: Reader, where: string): Uri {
  const text = reader.until(',;? \t')
  if (reader.isNext('?')) throw new GrammarError(`${where}: a URI with headers needs angle brackets`)
  return parseUri(text, reader.meter)
}

/** Reads what From, To and Contact hold, with or without angle brackets. @throws {GrammarError} */
export function parseNameAddr(text: string): NameAddr {
  const reader = new Reader(text)
  const address = readNameAddr(reader, 'address')
  reader.expectEnd('address')
  return address
}

/** Always with angle brackets; a name is quoted where it has to be. */
export function writeNameAddr({ displayName, uri, parameters }: NameAddr): string {
  const name = displayName === undefined ? '' : `${isToken(displayName) ? displayName : quote(displayName)} `
  return `${name}<${writeUri(uri)}>${writeParameters(parameters)}`
}

/** An address without parameters of its own. */
export function nameAddr(uri: Uri, displayName?: string): NameAddr {
  return { ...(displayName === undefined ? {} : { displayName }), uri, parameters: noParameters }
}

/** The same address with a parameter set to a value. */
export function withParameter<T extends { parameters: Parameters }>(to: T, name: string, value?: string): T {
  return { ...to, parameters: new Map(to.parameters).set(name, value) }
}

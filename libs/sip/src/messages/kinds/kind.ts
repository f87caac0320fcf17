/** How kinds of headers are told: a name, how a value is read, how it is written. */
import type { Reader } from '../../grammar/reader.ts'
import { may } from '../../grammar/characters.ts'
import { headerKey } from '../../grammar/header-names.ts'
import { readNameAddr, writeNameAddr, type NameAddr } from '../../grammar/name-addr.ts'
import type { ListKind, SingleKind } from '../headers.ts'

export function single<T>(name: string, read: (reader: Reader) => T, write: (value: T) => string): SingleKind<T> {
  return { is: 'single', name, key: headerKey(name), read, write }
}

export function list<T>(name: string, read: (reader: Reader) => T, write: (value: T) => string): ListKind<T> {
  return { is: 'list', name, key: headerKey(name), read, write }
}

export function number(name: string, most: number): SingleKind<number> {
  return single(name, (reader) => reader.number(name, most), String)
}

/** Seconds. RFC 4475 section 3.1.2.4: who names more than 2^32-1 of them means for ever. */
export function seconds(name: string): SingleKind<number> {
  return single(name, (reader) => Math.min(reader.number(name, Infinity), longest), String)
}

const longest = 4_294_967_295

export function tokens(name: string): ListKind<string> {
  return list(name, (reader) => reader.some(may.token, name), String)
}

export function address(name: string): SingleKind<NameAddr> {
  return single(name, (reader) => readNameAddr(reader, name), writeNameAddr)
}

export function addresses(name: string): ListKind<NameAddr> {
  return list(name, (reader) => readNameAddr(reader, name), writeNameAddr)
}

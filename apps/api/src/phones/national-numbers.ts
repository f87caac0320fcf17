import { numberAsDialled, numberAsReceived, type PhoneNumber, type Trunk } from '@parley/protocol'
import { emergencyNumbers } from './barred-numbers.ts'

/**
 * What no national number of a country begins with, because its network takes it for more than a number: the way to
 * other countries where that is not 00, a carrier's code, an operator. Source: the list of dialling procedures that the
 * ITU publishes with its Operational Bulletin, and the numbering plan of North America.
 */
const notNational: Readonly<Record<string, RegExp>> = {
  '1': /^[01]/,
  '7': /^8?10/,
  '53': /^119/,
  '81': /^0?10/,
  '992': /^8?10/,
  '993': /^8?10/,
  '998': /^8?10/,
}

/**
 * Whether a trunk's network reads the number that was meant in what is dialled: what the operator allowed as `+49…`
 * must not leave as `0087…`, which is a satellite. True of every number that leaves with its country code.
 */
export function isReadAsMeant(
  number: PhoneNumber,
  trunk: Pick<Trunk, 'numberFormat' | 'countryCode' | 'nationalPrefix'>,
): boolean {
  const { numberFormat, countryCode } = trunk
  if (numberFormat !== 'national' || countryCode === undefined || !number.startsWith(`+${countryCode}`)) return true
  const dialled = numberAsDialled(number, trunk)
  if (emergencyNumbers.has(dialled) || numberAsReceived(dialled, trunk) !== number) return false
  return !notNational[countryCode]?.test(number.slice(1 + countryCode.length))
}

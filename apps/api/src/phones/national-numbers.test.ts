import { describe, expect, it } from '@jest/globals'
import { PhoneNumber } from '@parley/protocol'
import { isReadAsMeant } from './national-numbers.ts'

describe('a number that leaves without its country code', () => {
  it.each([
    ['+4930123456', '49', '0'],
    ['+12125550123', '1', ''],
    ['+12125550123', '1', '1'],
    ['+390612345678', '39', ''],
    ['+78005550123', '7', '8'],
    ['+78005550123', '7', ''],
    ['+81312345678', '81', '0'],
  ])('is read as it was meant: %s', (number, countryCode, nationalPrefix) => {
    expect(read(number, countryCode, nationalPrefix)).toBe(true)
  })

  it.each([
    ['a satellite', '+490870773111632', '49', '0'],
    ['another country', '+49019001234567', '49', '0'],
    ['another country', '+10114490012345', '1', ''],
    ["a carrier's code", '+1010288442071', '1', '1'],
    ['a premium number', '+119005550123', '1', ''],
    ['another country', '+710442071234567', '7', '8'],
    ['another country', '+811044207123456', '81', '0'],
    ['a short code', '+1911234', '1', ''],
    ['another country', '+3400442071234', '34', ''],
  ])('is not dialled when the network would read %s: %s', (_, number, countryCode, nationalPrefix) => {
    expect(read(number, countryCode, nationalPrefix)).toBe(false)
  })

  it('may be anything where it leaves with its country code', () => {
    for (const numberFormat of ['+E164', 'E164', '00E164'] as const) {
      const trunk = { numberFormat, countryCode: '49', nationalPrefix: '0' }
      expect(isReadAsMeant(PhoneNumber.parse('+490870773111632'), trunk)).toBe(true)
    }
    expect(read('+10114490012345', '49', '0')).toBe(true)
  })
})

function read(number: string, countryCode: string, nationalPrefix: string): boolean {
  return isReadAsMeant(PhoneNumber.parse(number), { numberFormat: 'national', countryCode, nationalPrefix })
}

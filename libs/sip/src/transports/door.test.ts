/** Who finds room at a door. */
import { expect, it } from '@jest/globals'
import { Guests } from './door.ts'

const limits = { connections: 4, connectionsPerAddress: 2 }
const nobody = (): boolean => false

it('addresses of one /64 are one neighbourhood, as whoever has one of them has all', () => {
  const guests = new Guests(limits, nobody)
  const leaves = guests.admit('2001:db8:0:7::1')
  expect(guests.admit('2001:db8:0:7:1:2:3:4')).toBeDefined()
  expect(guests.admit('2001:db8:0:7:ffff::')).toBeUndefined()
  expect(guests.admit('2001:db8:0:8::1')).toBeDefined()
  leaves?.()
  expect(guests.admit('2001:db8:0:7:ffff::')).toBeDefined()
})

it('who is known finds room where strangers do not, and takes none from them', () => {
  const guests = new Guests(limits, (address) => address === '192.0.2.1')
  for (let n = 0; n < 10; n += 1) expect(guests.admit('192.0.2.1')).toBeDefined()
  for (const host of [2, 2, 3, 3]) expect(guests.admit(`192.0.2.${host}`)).toBeDefined()
  expect(guests.admit('192.0.2.4')).toBeUndefined()
  expect(guests.admit('192.0.2.1')).toBeDefined()
})

/** Addresses and the networks that they belong to: those of a trunk, those of this machine, those not seen from elsewhere. */
import { BlockList, isIP, isIPv6 } from 'node:net'

/** What SDP may name and be wrong about where its writer is. */
const privates = networksOf([
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '169.254.0.0/16',
  '100.64.0.0/10', // RFC 6598: behind a carrier's NAT
  'fc00::/7',
  'fe80::/10',
])

/** To whom a phone cannot be: groups of listeners, and everybody. */
const many = networksOf(['224.0.0.0/4', '255.255.255.255', 'ff00::/8'])

/** Whether one host can be meant. Names are not looked up: whoever writes SDP has resolved them. */
export function isHost(address: string): boolean {
  return isIP(address) !== 0 && !isIn(many, address)
}

export function isPrivate(address: string): boolean {
  return isIn(privates, address)
}

export function isLoopback(address: string): boolean {
  return address === '::1' || address.startsWith('127.')
}

/** Addresses and networks (`192.0.2.0/24`) as one list. What cannot be read is in none. */
export function networksOf(written: readonly string[]): BlockList {
  const list = new BlockList()
  for (const one of written) {
    const [address = '', prefix] = one.split('/')
    const family = isIPv6(address) ? 'ipv6' : 'ipv4'
    // api has looked at them; what cannot be read lets nobody in.
    if (isIP(address) === 0) continue
    if (prefix === undefined) list.addAddress(address, family)
    else list.addSubnet(address, Number(prefix), family)
  }
  return list
}

export function isIn(list: BlockList, address: string): boolean {
  const [bare = ''] = address.split('%') // a link's name is no part of an address
  return isIP(bare) !== 0 && list.check(bare, isIPv6(bare) ? 'ipv6' : 'ipv4')
}

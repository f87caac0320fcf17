/** Addresses that are not seen from elsewhere, so that an SDP which names one may be wrong about where its writer is. */
import { BlockList, isIPv6 } from 'node:net'

const privates = new BlockList()
for (const [network, prefix] of [
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['169.254.0.0', 16],
  ['100.64.0.0', 10], // RFC 6598: behind a carrier's NAT
] as const) {
  privates.addSubnet(network, prefix)
}
privates.addSubnet('fc00::', 7, 'ipv6')
privates.addSubnet('fe80::', 10, 'ipv6')

export function isPrivate(address: string): boolean {
  return privates.check(address, isIPv6(address) ? 'ipv6' : 'ipv4')
}

export function isLoopback(address: string): boolean {
  return address === '::1' || address.startsWith('127.')
}

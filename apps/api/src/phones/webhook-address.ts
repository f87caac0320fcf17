/**
 * Where the server app may be that is asked who gets a call. Whoever settles a webhook has the access key, so he may name
 * machines of a private network; but a key that was stolen should not reach what only this machine may ask.
 */
import { lookup } from 'node:dns/promises'
import { BlockList, isIP } from 'node:net'
import { isLoopbackAddress, isLoopbackHost } from '../loopback.ts'

/** What is no server app: the cloud tells a machine its own passwords at such addresses, or they are nobody's. */
const barred = new BlockList()
barred.addSubnet('0.0.0.0', 8)
barred.addSubnet('169.254.0.0', 16)
barred.addSubnet('224.0.0.0', 3)
barred.addAddress('::', 'ipv6')
barred.addAddress('fd00:ec2::254', 'ipv6')
barred.addSubnet('fe80::', 10, 'ipv6')
barred.addSubnet('ff00::', 8, 'ipv6')

/**
 * Whether calls may be told to this URL: over https, and over http to this machine only. Beyond it the certificate says
 * that the server is the one that was meant.
 */
export function isWebhook(text: string): boolean {
  const url = URL.parse(text)
  if (url === null || text.length > 2048 || url.username + url.password !== '') return false
  const host = hostOf(url)
  if (isIP(host) !== 0 && isBarred(host)) return false
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopbackHost(host))
}

/**
 * The addresses that a webhook has now. A name may lead elsewhere than when it was settled, so they are looked at, and
 * only these are to be connected to.
 *
 * @throws {Error} when the name has none, or one where no server app is
 */
export async function addressesOf(url: URL): Promise<{ address: string; family: number }[]> {
  const addresses = await lookup(hostOf(url), { all: true })
  const isWrong = ({ address }: { address: string }): boolean =>
    isBarred(address) || (url.protocol === 'http:' && !isLoopbackAddress(address))
  if (addresses.some(isWrong)) throw new Error('It leads to an address where no server app is.')
  return addresses
}

function isBarred(address: string): boolean {
  return barred.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')
}

function hostOf({ hostname }: URL): string {
  return hostname.replaceAll(/^\[|\]$/g, '')
}

/** What names or reaches this machine only. */

/** Whether a host, as it stands in a URL or in HOST, names this machine. */
export function isLoopbackHost(host: string): boolean {
  const name = host.replace(/^\[|\]$/g, '').toLowerCase()
  return name === 'localhost' || name.endsWith('.localhost') || isLoopbackAddress(name)
}

/** Whether an address is one of this machine's own: IPv4, IPv6, or IPv4 in IPv6 as Node shows it on a dual socket. */
export function isLoopbackAddress(address: string | undefined): boolean {
  return address === '::1' || /^(?:::ffff:)?127(?:\.\d{1,3}){3}$/i.test(address ?? '')
}

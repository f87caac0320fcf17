/** A far end as the finding of servers (RFC 3263) names it: how and where it is reached, and who it has to be. */

/** Without the S of their security (RFC 3261 section 18, RFC 7118); `tls` and `wss` are secure hop by hop. */
export type TransportName = 'udp' | 'tcp' | 'tls' | 'ws' | 'wss'

export type Server = {
  transport: TransportName
  /** An address of IPv4 or IPv6, without brackets. */
  address: string
  port: number
  /**
   * The domain that was looked for, not what DNS made of it: the name that its certificate must bear (RFC 5922 section
   * 4) and that a WebSocket's Host says.
   */
  domain: string
}

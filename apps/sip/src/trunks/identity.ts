/** As whom we call over a trunk, and whom: RFC 3261 section 8.1.1, RFC 3323 and RFC 3325. */
import { numberAsDialled, type Dial, type Trunk } from '@parley/protocol'
import {
  escaped,
  may,
  nameAddr,
  sipUri,
  writeNameAddr,
  type ExtraHeaders,
  type NameAddr,
  type SipUri,
} from '@parley/sip'

export type Identity = { to: SipUri; from: NameAddr; headers?: ExtraHeaders; contactUser?: string }

const anonymous = nameAddr(sipUri({ user: 'anonymous', host: 'anonymous.invalid' }), 'Anonymous')

/** `ownAddress` is our domain for trunks that we have no account at. */
export function identityOf(dial: Dial, trunk: Trunk, ownAddress: string): Identity {
  const to = numberUri(numberAsDialled(dial.number, trunk), trunk.fqdn, trunk.port)
  const host = trunk.account === undefined ? bracketed(ownAddress) : trunk.fqdn
  const shown = dial.callerId === undefined ? trunk.account?.user : numberAsDialled(dial.callerId, trunk)
  const us = shown === undefined ? anonymous : nameAddr(numberUri(shown, host))
  const asserted: ExtraHeaders =
    trunk.isTrusted && shown !== undefined ? { 'P-Asserted-Identity': writeNameAddr(us) } : {}
  if (dial.isHidden) return { to, from: anonymous, headers: { ...asserted, Privacy: 'id' } }
  return { to, from: us, headers: asserted, ...(shown === undefined ? {} : { contactUser: shown }) }
}

function numberUri(user: string, host: string, port?: number): SipUri {
  return sipUri({
    user: escaped(user, may.user),
    host,
    ...(port === undefined ? {} : { port }),
    parameters: { user: 'phone' },
  })
}

function bracketed(address: string): string {
  return address.includes(':') ? `[${address}]` : address
}

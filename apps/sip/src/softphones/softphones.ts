/** Telephones on this machine, which need no trunk: whoever is on loopback may call and be called. */
import { nameAddr, sipUri, escaped, may, type Flow, type ServerTransaction } from '@parley/sip'
import type { CameBy } from '../phones/incoming.ts'
import type { SoundTerms } from '../phones/phone-sdp.ts'
import type { Way } from '../phones/way.ts'
import { Registrar, type Registered } from './registrar.ts'

/** They name one address of this machine in their SDP and send from another. */
const terms: SoundTerms = { codecs: ['PCMU', 'PCMA', 'G722'], srtp: 'optional', symmetricRtp: 'on' }

export class Softphones {
  readonly #registrar = new Registrar()

  get size(): number {
    return this.#registrar.size
  }

  /** How a call of theirs has come in. */
  readonly cameBy: Omit<CameBy, 'isTheirs'> = { isTrusted: false, mayTransfer: true, terms }

  take(transaction: ServerTransaction): void {
    if (transaction.request.method === 'REGISTER') this.#registrar.take(transaction)
    else transaction.reply(405)
  }

  /** The telephones that have registered by this number: a desk phone and a softphone may both have. */
  waysTo(number: string, callerName: string | undefined): Way[] {
    return this.#registrar.find(number).map((telephone) => wayTo(telephone, number, callerName))
  }
}

function wayTo({ contact, flow }: Registered, number: string, callerName: string | undefined): Way {
  const host = hostOf(flow.local.address)
  // By this name it can call back.
  const user = escaped(callerName?.toLowerCase() ?? 'parley', may.token)
  return {
    mayTransfer: true,
    terms,
    address: flow.local.address,
    isTheirs: (address) => address === flow.remote.address,
    invite: {
      to: contact.uri,
      toHeader: nameAddr(sipUri({ user: number, host })),
      from: nameAddr(sipUri({ user, host, port: flow.local.port }), callerName ?? 'Parley'),
      contactUser: user,
      destination: flow.isOpen ? { by: 'flow', flow } : { by: 'uri', uri: contact.uri },
    },
  }
}

function hostOf(address: Flow['local']['address']): string {
  return address.includes(':') ? `[${address}]` : address
}

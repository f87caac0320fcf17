/** The phone network's part of the process: there unless it is turned off, or somebody else has the usual ports. */
import { SipNode, type SipParts, type SipSettings } from '@parley/sip-node'

/** A place where the operator wants SIP to be heard is another program's. */
class SipPortTaken extends Error {
  constructor(port: number | undefined, cause: unknown) {
    super(`Port ${port} of SIP_LISTEN is taken by another program: stop that one, or name another place.`, { cause })
    this.name = 'SipPortTaken'
  }
}

/** @throws {SipPortTaken} */
export async function openPhones(
  settings: SipSettings | undefined,
  parts: Omit<SipParts, 'settings'>,
): Promise<SipNode | undefined> {
  if (settings === undefined) return undefined
  try {
    return await SipNode.create({ ...parts, settings })
  } catch (error) {
    if (!isPortTaken(error)) throw error
    const { port } = error
    if (settings.isChosen) throw new SipPortTaken(port, error)
    parts.log.warn({ port }, 'sip.port_taken')
    process.stderr.write(`Port ${port} is taken by another program: there are no phones. Set SIP_LISTEN to others.\n`)
    return undefined
  }
}

function isPortTaken(error: unknown): error is Error & { port?: number } {
  return error instanceof Error && 'code' in error && error.code === 'EADDRINUSE'
}

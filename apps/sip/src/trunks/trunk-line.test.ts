/** Where calls over a trunk go while DNS is away, or slow. */
import { describe, expect, it } from '@jest/globals'
import { Dial } from '@parley/protocol'
import type { Dns, Server, UserAgent } from '@parley/sip'
import { trunkTo } from '../testing/place.ts'
import { TrunkLine } from './trunk-line.ts'

const dial = Dial.parse({ number: '+4930111', callerId: '+4930222', isHidden: false, trunks: ['berlin.example.com'] })

/** A trunk by its name, and a DNS that says what a story wants it to. */
function trunkByName(ownAddress: (towards: string) => Promise<string> = async () => '192.0.2.200') {
  const dns = { says: async (): Promise<string[]> => ['192.0.2.1'] }
  const asked: Dns = {
    naptr: async () => [],
    srv: async () => [],
    addresses: () => dns.says(),
    forget: () => undefined,
  }
  const asks: string[] = []
  const agent = {
    request: async ({ destination }: { destination: { servers: readonly Server[] } }) =>
      void asks.push(destination.servers.map(({ address }) => address).join()),
  } as unknown as UserAgent
  const line = new TrunkLine({
    ...{ trunk: trunkTo('berlin.example.com', 5060, { address: 'sbc.example.com' }), agent, dns: asked },
    ...{ trust: {}, ownAddress, changed: () => undefined },
  })
  return { line, dns, asks }
}

/** Where a call goes, and where it wants its sound to come to. */
async function wayOf(line: TrunkLine): Promise<{ to: string[]; address: string }> {
  const { invite, address } = await line.wayTo(dial)
  const servers = invite.destination?.by === 'servers' ? invite.destination.servers : []
  return { to: servers.map((server) => server.address), address }
}

describe('a trunk that was found', () => {
  it('is called where it was found last while DNS cannot be asked, and asked there how it is', async () => {
    const { line, dns, asks } = trunkByName()
    await line.look()
    dns.says = () => Promise.reject(new Error('away'))
    expect((await wayOf(line)).to).toEqual(['192.0.2.1'])
    await line.look()
    expect(asks).toEqual(['192.0.2.1', '192.0.2.1'])
    expect(line.isUp).toBe(true)
    dns.says = async () => ['192.0.2.2']
    expect((await wayOf(line)).to).toEqual(['192.0.2.2'])
  })

  it('is called there too while DNS takes its time', async () => {
    const { line, dns } = trunkByName()
    await line.look()
    dns.says = () => Promise.withResolvers<string[]>().promise
    expect((await wayOf(line)).to).toEqual(['192.0.2.1'])
    expect(line.isAt('192.0.2.1')).toBe(true)
  })
})

describe('a trunk that was never found', () => {
  it('is no way, and has nobody wait for it', async () => {
    const { line, dns } = trunkByName()
    dns.says = () => Promise.withResolvers<string[]>().promise
    await expect(line.wayTo(dial)).rejects.toThrow('not known where the trunk is')
    dns.says = async () => []
    await expect(line.wayTo(dial)).rejects.toThrow('DNS knows no server for sbc.example.com')
  })
})

describe('a trunk with several servers', () => {
  it('is told the address of ours by which the first of them is reached that can be', async () => {
    const { line, dns } = trunkByName(async (towards) => {
      if (towards.includes(':')) throw new Error('no IPv6 here')
      return '192.0.2.200'
    })
    dns.says = async () => ['2001:db8::1', '192.0.2.1']
    expect(await wayOf(line)).toEqual({ to: ['2001:db8::1', '192.0.2.1'], address: '192.0.2.200' })
    dns.says = async () => ['2001:db8::1']
    await expect(line.wayTo(dial)).rejects.toThrow('no way to the trunk')
  })
})

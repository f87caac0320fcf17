/** Whose datagrams are heard at a door that hears all addresses of the machine. */
import { createSocket } from 'node:dgram'
import { afterEach, describe, expect, it } from '@jest/globals'
import type { Flow } from './flow.ts'
import type { Notice } from './notice.ts'
import { OwnAddresses } from './places.ts'
import type { Reading } from './reading.ts'
import { UdpDoor } from './udp.ts'

const closes: (() => unknown)[] = []
afterEach(async () => {
  await Promise.all(closes.splice(0).map((close) => close()))
})

/** A door, somebody who sends to it, and what is heard: each time it is waited for. */
async function door(own: Pick<OwnAddresses, 'towards'>) {
  const heard: { text: string; flow: Flow }[] = []
  const notices: Pick<Notice, 'what'>[] = []
  let changed = Promise.withResolvers<void>()
  const tells = (tell: () => void): void => {
    tell()
    changed.resolve()
    changed = Promise.withResolvers<void>()
  }
  const reading: Pick<Reading, 'take' | 'notice'> = {
    take: (bytes, flow) => tells(() => heard.push({ text: Buffer.from(bytes).toString(), flow })),
    notice: (what) => tells(() => notices.push({ what })),
  }
  const listening = { transport: 'udp', address: '0.0.0.0', port: 0 } as const
  const opened = await UdpDoor.open(listening, reading as Reading, own)
  const sender = createSocket('udp4')
  closes.push(
    () => opened.close(),
    () => sender.close(),
  )
  const sends = (text: string): void => sender.send(text, opened.local.port, '127.0.0.1')
  const until = async (isSo: () => boolean): Promise<void> => {
    while (!isSo()) await changed.promise
  }
  return { heard, notices, sends, until }
}

describe('a datagram', () => {
  it('comes to the address of ours that its sender uses', async () => {
    const { heard, sends, until } = await door(new OwnAddresses())
    sends('hello')
    await until(() => heard.length === 1)
    expect(heard[0]?.flow.local.address).toBe('127.0.0.1')
  })

  it('of somebody to whom there is no way is not heard, and nobody takes us for another', async () => {
    const answers = [Promise.reject(new Error('no way')), Promise.resolve('192.0.2.1')]
    const { heard, notices, sends, until } = await door({ towards: async () => answers.shift() ?? 'nobody' })
    sends('first')
    await until(() => notices.length === 1)
    sends('second')
    await until(() => heard.length === 1)
    expect(notices).toEqual([{ what: 'dropped' }])
    expect(heard.map(({ text, flow }) => `${text} at ${flow.local.address}`)).toEqual(['second at 192.0.2.1'])
  })

  it('of one more unknown sender than can be looked at is not heard, and later ones are', async () => {
    const looked = Promise.withResolvers<string>()
    const { heard, notices, sends, until } = await door({ towards: () => looked.promise })
    for (let n = 0; n < 65; n += 1) sends(`datagram ${n}`)
    await until(() => notices.length === 1)
    expect(notices).toEqual([{ what: 'limited' }])
    looked.resolve('192.0.2.1')
    await until(() => heard.length === 64)
    sends('a later one')
    await until(() => heard.length === 65)
  })
})

describe('our address towards somebody', () => {
  it('is not invented where there is no way to him', async () => {
    // A group of everybody, to which a socket may not connect.
    await expect(new OwnAddresses().towards('255.255.255.255')).rejects.toThrow('EACCES')
  })
})

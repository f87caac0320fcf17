/** A trunk that calls from an address which nobody knows, and shows a certificate of a CA that the operator has named. */
import { afterAll, expect, it, jest } from '@jest/globals'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { nameAddr, openTransactionLayer, openUserAgent, sipUri, type TlsIdentity } from '@parley/sip'
import { Place, trunkTo } from '../testing/place.ts'

// Real time passes here, on a machine that may be busy.
jest.setTimeout(30_000)

const folder = mkdtempSync(join(tmpdir(), 'mutual-tls-'))
const file = (name: string): string => join(folder, name)
const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
afterAll(() => rmSync(folder, { recursive: true }))

it('is let in by its certificate, and nobody without one', async () => {
  openssl('req', '-x509', ...newKey, '-subj', '/CN=CA of a test', '-keyout', 'ca.key', '-out', 'ca.pem')
  const [us, trunk] = ['parley.example.com', 'sbc.example.com'] as const
  certify(us)
  certify(trunk)
  const place = await Place.open(
    { [trunk]: { port: 5061 } },
    {
      settings: {
        listen: [{ transport: 'tls', address: '127.0.0.1', port: 0 }],
        tls: { certFile: file(`${us}.pem`), keyFile: file(`${us}.key`) },
        caFile: file('ca.pem'),
      },
    },
  )
  place.api.changesTrunks([trunkTo(trunk, 5061, { address: '192.0.2.99', transport: 'tls' })])
  const port = Number(place.node.listening[0]?.split(':').at(-1))
  expect(await asks(port, shownBy(trunk))).toBe(200)
  // Somebody of the same CA is no trunk for that.
  expect(await asks(port, shownBy(us))).toBe(403)
  expect(await asks(port)).toBe(403)
  await place.close()
})

/** What OPTIONS are answered with. */
async function asks(port: number, tls?: TlsIdentity): Promise<number> {
  const agent = await openUserAgent({
    openLayer: (user) => openTransactionLayer({ user, listen: [], ...(tls === undefined ? {} : { tls }) }),
  })
  const server = { transport: 'tls', address: '127.0.0.1', port, domain: 'parley.example.com' } as const
  try {
    const { status } = await agent.request({
      method: 'OPTIONS',
      to: sipUri({ host: server.domain }),
      from: nameAddr(sipUri({ host: 'sbc.example.com' })),
      destination: { by: 'servers', servers: [server] },
      trust: { ca: readFileSync(file('ca.pem'), 'utf8') },
    })
    return status
  } catch (error) {
    return (error as { status: number }).status
  } finally {
    await agent.close(100)
  }
}

function certify(host: string): void {
  openssl('req', ...newKey, '-subj', `/CN=${host}`, '-keyout', `${host}.key`, '-out', `${host}.csr`)
  writeFileSync(file('names'), `subjectAltName=DNS:${host}\n`)
  const signing = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-extfile', 'names']
  openssl('x509', '-req', '-in', `${host}.csr`, ...signing, '-out', `${host}.pem`)
}

function shownBy(host: string): TlsIdentity {
  return { cert: readFileSync(file(`${host}.pem`), 'utf8'), key: readFileSync(file(`${host}.key`), 'utf8') }
}

function openssl(...args: string[]): void {
  execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' })
}

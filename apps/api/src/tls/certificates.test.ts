import { X509Certificate } from 'node:crypto'
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { authorityFile, certificatesFor, namesFor, OperatorCertificate, OwnCertificate } from './certificates.ts'
import { TlsError } from './tls-error.ts'
import { namesIn } from './x509.ts'

const dayMs = 86_400_000
const start = Date.UTC(2026, 10, 21)
const names = namesFor({ publicUrl: 'http://localhost:8080', host: '127.0.0.1' })

let dataDir: string
beforeEach(async () => {
  dataDir = join(await mkdtemp(join(tmpdir(), 'parley-tls-')), 'data')
  await mkdir(dataDir)
})
afterEach(() => rm(join(dataDir, '..'), { recursive: true }))

const path = (name: string) => join(dataDir, name)
const shown = async (at = start, wanted = names) =>
  new X509Certificate((await new OwnCertificate(dataDir, wanted, () => at).current()).cert)
const authority = async () => new X509Certificate(await readFile(authorityFile(dataDir), 'utf8'))
const lastsDays = (certificate: X509Certificate, at = start) => (certificate.validToDate.getTime() - at) / dayMs

describe('a certificate of our own', () => {
  it('is for every name by which this machine is reached, and signed by the CA', async () => {
    const certificate = await shown()
    for (const name of ['localhost']) expect(certificate.checkHost(name)).toBe(name)
    for (const address of ['127.0.0.1', '::1']) expect(certificate.checkIP(address)).toBe(address)
    const ca = await authority()
    expect([ca.ca, certificate.ca]).toEqual([true, false])
    expect(certificate.verify(ca.publicKey)).toBe(true)
    expect(certificate.checkIssued(ca)).toBe(true)
    expect(certificate.checkHost('example.com')).toBeUndefined()
  })

  it('has a life that browsers take, inside that of the CA', async () => {
    expect(lastsDays(await shown())).toBeLessThan(397)
    expect(lastsDays(await authority())).toBeGreaterThan(3600)
  })

  it('is made once', async () => {
    const first = await shown()
    expect((await shown()).fingerprint256).toBe(first.fingerprint256)
    expect((await shown(start + 359 * dayMs)).fingerprint256).toBe(first.fingerprint256)
  })

  it('is renewed before it ends, under the same CA', async () => {
    const [first, ca] = [await shown(), await authority()]
    const at = start + 361 * dayMs
    const next = await shown(at)
    expect(next.fingerprint256).not.toBe(first.fingerprint256)
    expect(lastsDays(next, at)).toBeGreaterThan(380)
    expect((await authority()).fingerprint256).toBe(ca.fingerprint256)
  })

  it('is made anew when the names change', async () => {
    await shown()
    const ca = await authority()
    const wanted = namesFor({ publicUrl: 'https://calls.example.com:8443', host: '0.0.0.0' })
    const next = await shown(start, wanted)
    expect(next.checkHost('calls.example.com')).toBe('calls.example.com')
    expect(namesIn(next).toSorted()).toEqual(wanted.toSorted())
    expect((await authority()).fingerprint256).toBe(ca.fingerprint256)
    expect((await shown(start, wanted)).fingerprint256).toBe(next.fingerprint256)
    expect((await shown(start, names)).checkHost('calls.example.com')).toBeUndefined()
  })

  it('is made anew when the clock was wrong at first', async () => {
    const first = await shown(start + 1000 * dayMs)
    expect((await shown(start)).fingerprint256).not.toBe(first.fingerprint256)
  })

  it.each(['server.pem', 'server-key.pem', 'ca.pem', 'ca-key.pem'])('comes back when %s is lost', async (name) => {
    await shown()
    await rm(path(name))
    const certificate = await shown()
    expect(certificate.verify((await authority()).publicKey)).toBe(true)
  })

  it('comes back when a file is torn, but a key is never replaced in silence', async () => {
    await shown()
    for (const name of ['server.pem', 'ca.pem']) await writeFile(path(name), 'torn')
    expect((await shown()).verify((await authority()).publicKey)).toBe(true)
    await writeFile(path('ca-key.pem'), 'torn')
    await expect(shown()).rejects.toThrow(TlsError)
  })

  it('stays trusted by whoever has copied the CA, also when its file is lost', async () => {
    await shown()
    const copied = await authority()
    await rm(path('ca.pem'))
    expect((await shown()).checkIssued(copied)).toBe(true)
    expect((await shown()).verify(copied.publicKey)).toBe(true)
  })

  it('shows the CA to everybody and the keys to their owner', async () => {
    await shown()
    const modeOf = async (name: string) => ((await stat(path(name))).mode & 0o777).toString(8)
    expect([await modeOf('ca-key.pem'), await modeOf('server-key.pem'), await modeOf('ca.pem')]).toEqual([
      '600',
      '600',
      '644',
    ])
  })
})

describe('the names', () => {
  // prettier-ignore
  it.each<[publicUrl: string, host: string, more: string[]]>([
    ['http://localhost:8080',          '127.0.0.1', []],
    ['http://localhost:8080',          '0.0.0.0',   []],
    ['http://localhost:8080',          '::',        []],
    ['https://calls.example.com',      '10.0.0.7',  ['calls.example.com', '10.0.0.7']],
    ['https://[2001:db8::1]:8443',     '0.0.0.0',   ['2001:db8::1']],
    ['https://10.0.0.7:8443',          '10.0.0.7',  ['10.0.0.7']],
  ])('for %s on %s are those of this machine and %j', async (publicUrl, host, more) => {
    const wanted = namesFor({ publicUrl, host })
    expect(wanted).toEqual(['localhost', '127.0.0.1', '::1', ...more])
    const certificate = await shown(start, wanted)
    expect((await shown(start, wanted)).fingerprint256).toBe(certificate.fingerprint256)
  })
})

describe("the operator's certificate", () => {
  const files = () => ({ certFile: path('server.pem'), keyFile: path('server-key.pem') })
  const operators = (change: Partial<ReturnType<typeof files>> = {}) =>
    new OperatorCertificate({ ...files(), ...change }).current()

  it('is shown as it is, and read again each time', async () => {
    const first = await shown()
    expect(new X509Certificate((await operators()).cert).fingerprint256).toBe(first.fingerprint256)
    await shown(start + 361 * dayMs)
    expect(new X509Certificate((await operators()).cert).fingerprint256).not.toBe(first.fingerprint256)
  })

  it('is chosen by the settings', () => {
    const settings = { dataDir, publicUrl: 'http://localhost:8080', host: '127.0.0.1' }
    expect(certificatesFor({ ...settings, tls: files() }, Date.now)).toBeInstanceOf(OperatorCertificate)
    expect(certificatesFor(settings, Date.now)).toBeInstanceOf(OwnCertificate)
  })

  it('is refused with a sentence when a file is not there, is none, or belongs to another', async () => {
    await shown()
    await writeFile(path('torn'), 'torn')
    await expect(operators({ certFile: path('none') })).rejects.toThrow(/^TLS_CERT names .*none, which cannot be read/)
    await expect(operators({ keyFile: path('none') })).rejects.toThrow(/^TLS_KEY names .*none, which cannot be read/)
    await expect(operators({ certFile: path('torn') })).rejects.toThrow(/^TLS_CERT names .*torn, which holds none/)
    await expect(operators({ keyFile: path('torn') })).rejects.toThrow(/^TLS_KEY names .*torn, which holds none/)
    await expect(operators({ keyFile: path('ca-key.pem') })).rejects.toThrow(/do not belong together/)
  })
})

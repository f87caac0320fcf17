/** A CA of a test's own, made with openssl: what the far ends show, and what the platform is told to trust. */
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2']

/** Makes a CA in a folder, and a certificate of it for a host. */
export function certify(folder: string, host: string): { caFile: string; certificate: string; key: string } {
  const file = (name: string) => join(folder, name)
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' })
  openssl('req', '-x509', ...newKey, '-subj', '/CN=CA of a test', '-keyout', 'ca.key', '-out', 'ca.pem')
  openssl('req', ...newKey, '-subj', `/CN=${host}`, '-keyout', 'host.key', '-out', 'host.csr')
  writeFileSync(file('names'), `subjectAltName=DNS:${host}\n`)
  const signing = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '2', '-extfile', 'names']
  openssl('x509', '-req', '-in', 'host.csr', ...signing, '-out', 'host.pem')
  const read = (name: string) => readFileSync(file(name), 'utf8')
  return { caFile: file('ca.pem'), certificate: read('host.pem'), key: read('host.key') }
}

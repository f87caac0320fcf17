/**
 * The product itself, as `npm start` runs it, in a process of its own: with a folder for its data, ports that nobody
 * else has, and a log that is kept for the sentence of a failure.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { CommunicationIdentityClient } from '@azure/communication-identity'
import { RoomsClient } from '@azure/communication-rooms'
import { Database } from './database.ts'
import { freePorts } from './ports.ts'
import { descendants, isRunning, listeners, openHandles, portOf, type Process } from './processes.ts'
import { until, within } from './until.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const node = join(root, 'node_modules/.bin/node')
const main = join(root, 'apps/all/dist/main.js')

/** The first start makes a database; on a busy machine that takes a while. */
const startLimitMs = 60_000
const stopLimitMs = 15_000
const workers = 2
/** For the sound of phones: two for each. */
const soundPorts = 40

/** Settings beside ports and folder, such as RING_LIMIT_S. */
export type Settings = Record<string, string>

export class Platform {
  readonly dataDir: string
  readonly url: string
  readonly httpsUrl: string
  /** One port per media worker, UDP and TCP. */
  readonly mediaPorts: readonly number[]
  /** Where SIP is heard, UDP and TCP. */
  readonly sipPort: number
  readonly #settings: Settings
  #process: ChildProcess | undefined
  #log = ''
  /** How long the log was when the process started. */
  #logBefore = 0
  /** What the process had started when we last looked, so that we can tell what it leaves behind. */
  #family: Process[] = []

  private constructor(dataDir: string, ports: { http: number; media: number; sip: number }, settings: Settings) {
    this.dataDir = dataDir
    this.sipPort = ports.sip
    this.url = `http://localhost:${ports.http}`
    this.httpsUrl = `https://localhost:${ports.http + 1}`
    this.mediaPorts = Array.from({ length: workers }, (_, index) => ports.media + index)
    this.#settings = {
      DATA_DIR: dataDir,
      PORT: `${ports.http}`,
      HTTPS_PORT: `${ports.http + 1}`,
      MEDIA_PORT: `${ports.media}`,
      SFU_WORKERS: `${workers}`,
      SIP_LISTEN: `udp:127.0.0.1:${ports.sip},tcp:127.0.0.1:${ports.sip}`,
      SIP_MEDIA_PORTS: `${ports.sip + 1}-${ports.sip + soundPorts}`,
      ...settings,
    }
  }

  /** Starts a platform with an empty database. `settings` may depend on the media ports that it got. */
  static async start(
    settings: Settings | ((mediaPorts: readonly number[]) => Promise<Settings>) = {},
  ): Promise<Platform> {
    const dataDir = mkdtempSync(join(process.env.PARLEY_TEST_DIR ?? tmpdir(), 'platform-'))
    chmodSync(dataDir, 0o711) // a PostgreSQL under another user id has to get through to its own folder
    const ports = { http: await freePorts(2), media: await freePorts(workers), sip: await freePorts(1 + soundPorts) }
    const media = Array.from({ length: workers }, (_, index) => ports.media + index)
    const chosen = typeof settings === 'function' ? await settings(media) : settings
    const platform = new Platform(dataDir, ports, chosen)
    await platform.startAgain()
    return platform
  }

  /** Starts on the same data and the same ports, after kill9() or stop(). */
  async startAgain(): Promise<void> {
    if (this.#process !== undefined) throw new Error('The platform runs already.')
    const child = spawn(node, ['--enable-source-maps', main], { cwd: root, env: this.#environment() })
    this.#process = child
    this.#logBefore = this.#log.length
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => (this.#log += text))
    }
    child.on('exit', () => (this.#process = undefined))
    await until('platform that is ready', () => this.#isReady(child), startLimitMs)
    this.#family = this.descendants()
  }

  get pid(): number {
    const pid = this.#process?.pid
    if (pid === undefined) throw new Error(`The platform does not run. ${this.#end()}`)
    return pid
  }

  /** What tokens name as the place to connect to. */
  get publicUrl(): string {
    return this.#settings.PUBLIC_URL ?? this.url
  }

  get sdkUrl(): string {
    return `${this.url}/sdk/calling-sdk.js`
  }

  get caFile(): string {
    return join(this.dataDir, 'ca.pem')
  }

  /** What the platform printed for apps to connect with. */
  get connectionString(): string {
    return this.#printed(/endpoint=http:\/\/\S+?;accesskey=\S+/i)
  }

  get httpsConnectionString(): string {
    return this.#printed(/endpoint=https:\/\/\S+?;accesskey=\S+/i)
  }

  get accessKey(): string {
    return /accesskey=(\S+)/i.exec(this.connectionString)?.[1] ?? ''
  }

  get log(): string {
    return this.#log
  }

  /** Microsoft's own client, as a server app uses it. */
  get identities(): CommunicationIdentityClient {
    return new CommunicationIdentityClient(this.connectionString, { allowInsecureConnection: true })
  }

  get rooms(): RoomsClient {
    return new RoomsClient(this.connectionString, { allowInsecureConnection: true })
  }

  get database(): Database {
    return new Database(this.dataDir)
  }

  workerPids(): number[] {
    // Linux keeps fifteen characters of a name.
    return this.descendants().flatMap(({ pid, name }) => ('mediasoup-worker'.startsWith(name) ? [pid] : []))
  }

  /** The media worker that serves a port. */
  workerOn(port: number): number {
    const worker = this.workerPids().find((pid) => listeners(pid).some((local) => portOf(local) === port))
    if (worker === undefined) throw new Error(`No media worker listens on port ${port}.`)
    return worker
  }

  get isRunning(): boolean {
    return this.#process !== undefined
  }

  descendants(): Process[] {
    return descendants(this.pid)
  }

  /** Open handles of the process itself, and what it and its workers listen on. */
  holdings(): { handles: Record<string, number>; listeners: string[] } {
    return { handles: openHandles(this.pid), listeners: [this.pid, ...this.workerPids()].flatMap(listeners) }
  }

  /** What the media workers say they hold, by kind: routers, transports, producers, consumers. */
  async mediaCounts(): Promise<Record<string, number>> {
    const text = await (await fetch(`${this.url}/metrics`)).text()
    const kinds = text.matchAll(/^parley_media_objects\{kind="(\w+)"\} (\d+)$/gm)
    const counts = Object.fromEntries([...kinds].map(([, kind, count]) => [kind, Number(count)]))
    if (Object.keys(counts).length === 0) throw new Error(`/metrics counts no media:\n${text.slice(0, 2_000)}`)
    return counts
  }

  /** How many bytes of sound and picture the media workers have sent to the browsers that are connected now. */
  async bytesToBrowsers(): Promise<number> {
    const text = await (await fetch(`${this.url}/metrics`)).text()
    const found = /^parley_media_browser_rtp_bytes\{direction="sent"\} (\d+)$/m.exec(text)?.[1]
    if (found === undefined) throw new Error(`/metrics counts no bytes:\n${text.slice(0, 2_000)}`)
    return Number(found)
  }

  /** Ends it as a power cut would: without a word. */
  async kill9(): Promise<void> {
    await this.#endWith('SIGKILL')
  }

  /** What it logged as faults of its own: lines that say that somebody must act. */
  get faults(): string[] {
    return this.#log.split('\n').filter((line) => /^\{"level":[56]0,/.test(line))
  }

  /** Ends it politely and checks that nothing of it is left. */
  async stop(): Promise<void> {
    if (this.#process !== undefined) {
      this.#family = this.descendants()
      await this.#endWith('SIGTERM')
    }
    await until('end of all that the platform had started', () => {
      const left = this.#family.filter(isRunning)
      if (left.length === 0) return { found: true }
      return { sawOnly: left.map(({ pid, name }) => `${name} (${pid}) runs`).join(', ') }
    })
  }

  async #endWith(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const child = this.#process
    if (child === undefined) throw new Error(`The platform does not run. ${this.#end()}`)
    const exited = once(child, 'exit')
    child.kill(signal)
    try {
      await within(stopLimitMs, `end of the platform after ${signal}`, exited)
    } catch (error) {
      child.kill('SIGKILL')
      throw new Error(`${String(error)} ${this.#end()}`, { cause: error })
    }
  }

  async #isReady(child: ChildProcess) {
    if (child.exitCode !== null || child.signalCode !== null) {
      throw new Error(`The platform ended before it was ready. ${this.#end()}`)
    }
    const answer = await fetch(`${this.url}/ready`).catch(() => undefined) // not listening yet
    // It is printed last, when every door is open.
    const isPrinted = this.#log.slice(this.#logBefore).includes('Parley is ready.')
    return answer?.status === 200 && isPrinted
      ? { found: true }
      : { sawOnly: `/ready said ${answer?.status ?? 'nothing'}. ${this.#end()}` }
  }

  #environment(): NodeJS.ProcessEnv {
    if (!existsSync(main)) throw new Error('The platform is not built. Run `npm test`, which builds it first.')
    const { MEDIASOUP_WORKER_BIN, NODE_OPTIONS: _jestsOwn, ...others } = process.env
    if (MEDIASOUP_WORKER_BIN === undefined) {
      throw new Error('MEDIASOUP_WORKER_BIN names no media worker. Run `npm test`, which gets one.')
    }
    return { ...others, MEDIASOUP_WORKER_BIN, ...this.#settings }
  }

  #printed(form: RegExp): string {
    const found = form.exec(this.#log)?.[0]
    if (found === undefined) throw new Error(`The platform printed nothing like ${form}. ${this.#end()}`)
    return found
  }

  /** The end of the log. */
  #end(): string {
    return `Its log ends with:\n${this.#log.trimEnd().split('\n').slice(-30).join('\n')}`
  }
}

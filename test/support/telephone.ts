/**
 * A telephone: baresip without a window, which hums a tone, answers as it is told, and keeps what it hears. What it does
 * reads as a sentence; what it waits for has a limit and fails with one.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Journal } from './journal.ts'
import { freePorts } from './ports.ts'
import { Recording } from './recording.ts'
import { soonMs, until, within } from './until.ts'

/** What baresip tells of itself; `type` is its own name for what has happened. */
export type TelephoneEvent = { type: string; param?: string; direction?: string; peeruri?: string }

export type TelephoneOptions = {
  /** Its number, and the user of its address. */
  number: string
  name?: string
  toneHz: number
  /** Port of its registrar and outbound proxy on loopback; without one it only calls and is called. */
  registrar?: number
  transport?: 'udp' | 'tcp'
  /** So long it asks to be registered; default 120. */
  registersForS?: number
  answers?: 'auto' | 'manual' | 'early'
  codecs?: readonly string[]
  /** Further parameters of its account, as baresip writes them: `;auth_user=…`. */
  account?: string
  config?: readonly string[]
}

const modules = '/usr/lib/baresip/modules'
const rate = 48_000
/** More than is between what was said and what is recorded of it. */
const mostLostS = 1

export class Telephone {
  readonly name: string
  readonly number: string
  readonly toneHz: number
  readonly sipPort: number
  readonly journal: Journal<TelephoneEvent>
  /** How many events of each type somebody has waited for. */
  readonly #found = new Map<string, number>()
  /** How far its messages were read for a text. */
  readonly #read = new Map<string, number>()
  readonly #folder: string
  /** What it has heard. */
  readonly #recording: Recording
  readonly #process: ChildProcess
  #control: Socket | undefined
  #log = ''

  static async start(options: TelephoneOptions): Promise<Telephone> {
    const ports = await freePorts(24)
    const telephone = new Telephone(options, ports)
    try {
      await telephone.#connects(ports + 2)
      if (options.registrar !== undefined) await telephone.#isRegistered()
    } catch (error) {
      await telephone.goes()
      throw new Error(`${String(error)} baresip said:\n${telephone.#log.slice(-3000)}`, { cause: error })
    }
    return telephone
  }

  private constructor(options: TelephoneOptions, port: number) {
    const { number, toneHz, name = number } = options
    this.name = name
    this.number = number
    this.toneHz = toneHz
    this.sipPort = port
    this.journal = new Journal(name, ({ type, param = '' }) => `${type} ${param}`)
    this.#folder = mkdtempSync(join(process.env['PARLEY_TEST_DIR'] ?? tmpdir(), 'telephone-'))
    this.#recording = new Recording(this.#folder)
    writeFileSync(join(this.#folder, 'config'), configOf(this.#folder, options, port))
    writeFileSync(join(this.#folder, 'accounts'), accountOf(options))
    writeFileSync(join(this.#folder, 'contacts'), '')
    this.#process = spawn('baresip', ['-f', this.#folder, '-4', '-s'], { stdio: ['ignore', 'pipe', 'pipe'] })
    for (const stream of [this.#process.stdout, this.#process.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => (this.#log += text))
    }
  }

  /** Who it is in a call: its rawId. */
  get id(): string {
    return `4:${this.number}`
  }

  /** What it printed: every SIP message among it. */
  get log(): string {
    return this.#log
  }

  /** Calls an address: `sip:echo@127.0.0.1:5060`. */
  async calls(address: string): Promise<void> {
    await this.commands('dial', address)
  }

  async answers(): Promise<void> {
    await this.commands('accept')
  }

  async hangsUp(): Promise<void> {
    await this.commands('hangup')
  }

  /**
   * Sends the other side of its current call to an address, by REFER; with a dialog into that, which it names as Replaces:
   * what this baresip has no command for, and says as it is told to.
   */
  async transfers(address: string, replaces?: string): Promise<void> {
    await this.commands(
      'transfer',
      replaces === undefined ? address : `<${address}?Replaces=${encodeURIComponent(replaces)}>`,
    )
  }

  /** Turns to one of its calls, counted from 1. */
  async turnsTo(line: number): Promise<void> {
    await this.commands('line', String(line))
  }

  /**
   * The dialogs of its calls in the order in which they were answered, each as an INVITE with Replaces has to name it to
   * the other side (RFC 3891).
   */
  get dialogs(): readonly string[] {
    const answers = this.#messages.filter((one) => /^SIP\/2\.0 200/m.test(one))
    const named = answers.flatMap((one) => {
      const header = (name: string) => new RegExp(`^${name}: *(.*?)\\r?$`, 'im').exec(one)?.[1] ?? ''
      const tag = (name: string) => /;tag=([^;\s]+)/.exec(header(name))?.[1] ?? ''
      if (!header('CSeq').endsWith('INVITE')) return []
      // Who answers is who is named in To.
      const [theirs, own] = one.slice(4).startsWith(`127.0.0.1:${this.sipPort} ->`) ? ['From', 'To'] : ['To', 'From']
      return [`${header('Call-ID')};to-tag=${tag(theirs)};from-tag=${tag(own)}`]
    })
    return [...new Set(named)]
  }

  async presses(keys: string): Promise<void> {
    for (const key of keys) await this.commands('sndcode', key)
  }

  /** Gives baresip a command of its own, such as `hold`. */
  async commands(command: string, params?: string): Promise<void> {
    const text = JSON.stringify({ command, ...(params === undefined ? {} : { params }) })
    this.#control?.write(`${Buffer.byteLength(text)}:${text},`)
  }

  /** Waits for what baresip tells, past or to come; each event is found once. */
  async isTold(type: string, limitMs = soonMs): Promise<TelephoneEvent> {
    const before = this.#found.get(type) ?? 0
    this.#found.set(type, before + 1)
    const next = () => this.journal.notes.filter((event) => event.type === type)[before]
    return this.journal.when(type, next, limitMs)
  }

  /** Waits until a text stands in the SIP messages that have come or gone; each time that it does is found once. */
  async speaksOf(text: string): Promise<void> {
    const before = this.#read.get(text) ?? 0
    const at = await until(`${text} in the messages of ${this.name}`, () => {
      const found = this.#log.indexOf(text, before)
      return found < 0 ? { sawOnly: this.#messages.slice(-2).join('\n') } : { found }
    })
    this.#read.set(text, at + text.length)
  }

  /** How often it was told of something. */
  timesTold(type: string): number {
    return this.journal.notes.filter((event) => event.type === type).length
  }

  /** The keys that were pressed towards it, in order. */
  get heardKeys(): string {
    return this.journal.notes.flatMap(({ type, param }) => (type === 'CALL_DTMF_START' ? [param ?? ''] : [])).join('')
  }

  /** Waits until these tones, and no others, are heard. */
  async hears(...others: { name: string; toneHz: number }[]): Promise<void> {
    const wanted = others.map(({ toneHz }) => toneHz).toSorted((a, b) => a - b)
    await until(`${others.map(({ name }) => name).join(', ') || 'silence'} at ${this.name}`, () => {
      const heard = this.#recording.now()?.tones
      if (heard === undefined) return { sawOnly: 'nothing recorded' }
      return heard.join() === wanted.join() ? { found: true } : { sawOnly: `${heard.join(' and ') || 'no'} Hz` }
    })
  }

  /** Waits until a tone is not heard any more, whatever else is. */
  async hearsNot(other: { name: string; toneHz: number }): Promise<void> {
    await until(`silence of ${other.name} at ${this.name}`, () => {
      const heard = this.#recording.now()?.tones ?? []
      return heard.includes(other.toneHz) ? { sawOnly: `${heard.join(' and ')} Hz` } : { found: true }
    })
  }

  /**
   * Waits until sound comes in that it can read. baresip counts what it has decrypted, every three seconds, whether it
   * plays that or not: after a hold of its own it sometimes plays nothing any more, and then it records nothing either.
   */
  async receivesSound(): Promise<void> {
    const from = this.#received?.atS ?? 0
    const look = () => {
      const { atS, bits } = this.#received ?? { atS: 0, bits: 0 }
      return atS >= from + 6 && bits > 0 ? { found: true } : { sawOnly: `${bits} bit/s, ${atS - from} s later` }
    }
    await until(`sound at ${this.name}`, look, soonMs + 6000)
  }

  /** What it has counted last, and after how many seconds of the call. */
  get #received(): { atS: number; bits: number } | undefined {
    const last = [...this.#log.matchAll(/\[(\d+):(\d\d):(\d\d)\]\s+audio=\d+\/(\d+) \(bit\/s\)/g)].at(-1)
    if (last === undefined) return undefined
    const [hours = 0, minutes = 0, seconds = 0, bits = 0] = last.slice(1).map(Number)
    return { atS: (hours * 60 + minutes) * 60 + seconds, bits }
  }

  /** Waits until something is said to it that is nobody's tone. */
  async hearsWords(): Promise<void> {
    await until(`words at ${this.name}`, () => {
      const { isLoud, tones } = this.#recording.now() ?? { isLoud: false, tones: [] }
      return isLoud && tones.length === 0 ? { found: true } : { sawOnly: `${tones.join(' and ') || 'no'} Hz` }
    })
  }

  /** Does something, and looks whether a tone was heard in each half second of it, and of the second after it. */
  async hearsAllAlong(other: { name: string; toneHz: number }, meanwhile: () => void | Promise<void>): Promise<void> {
    const began = { second: this.#recording.lengthS, atMs: performance.now() }
    await meanwhile()
    const least = this.#recording.lengthS + 1
    await until(`second of sound at ${this.name}`, () => {
      const recorded = this.#recording.lengthS
      return recorded >= least ? { found: true } : { sawOnly: `${recorded} of ${least} s` }
    })
    const lostS = (performance.now() - began.atMs) / 1000 - (this.#recording.lengthS - began.second)
    const heard = this.#recording.tonesSince(began.second)
    const without = heard.filter((tones) => !tones.includes(other.toneHz)).length
    if (without === 0 && lostS < mostLostS) return
    const missing = `${other.name} was missing in ${without} of ${heard.length} half seconds at ${this.name}`
    throw new Error(`The sound did not go on: ${missing}, and ${lostS.toFixed(1)} s were not recorded.`)
  }

  /** Sleeps as a machine does whose lid is shut: nothing of it runs, and nobody is told. */
  sleeps(): void {
    this.#process.kill('SIGSTOP')
  }

  wakes(): void {
    this.#process.kill('SIGCONT')
  }

  /** Each as it was printed: a line of where it came from and went to, and the message. */
  get #messages(): string[] {
    return this.#log.split(/^(?=(?:UDP|TCP|TLS) \S+ -> )/m).slice(1)
  }

  /** Ends it without a word. */
  async dies(): Promise<void> {
    const exited = once(this.#process, 'exit')
    this.#process.kill('SIGKILL')
    await within(soonMs, `end of the telephone ${this.name}`, exited)
  }

  /** Ends it, with its calls. */
  async goes(): Promise<void> {
    this.#control?.destroy()
    if (this.#process.exitCode === null && this.#process.signalCode === null) {
      const exited = once(this.#process, 'exit')
      this.#process.kill('SIGTERM')
      const forced = setTimeout(() => this.#process.kill('SIGKILL'), 3000)
      await within(soonMs, `end of the telephone ${this.name}`, exited)
      clearTimeout(forced)
    }
    rmSync(this.#folder, { recursive: true, force: true })
  }

  async #connects(port: number): Promise<void> {
    const socket = await until(`control of the telephone ${this.name}`, async () => {
      if (this.#process.exitCode !== null) throw new Error(`The telephone ended.`)
      const trying = connect(port, '127.0.0.1')
      try {
        await once(trying, 'connect')
        return { found: trying }
      } catch (error) {
        return { sawOnly: String(error) }
      }
    })
    this.#control = socket
    let rest = Buffer.alloc(0)
    socket.on('data', (bytes) => {
      rest = Buffer.concat([rest, bytes])
      for (let colon = rest.indexOf(':'); colon > 0; colon = rest.indexOf(':')) {
        const length = Number(rest.subarray(0, colon).toString())
        if (rest.length < colon + length + 2) return
        this.#hear(JSON.parse(rest.subarray(colon + 1, colon + 1 + length).toString()))
        rest = rest.subarray(colon + length + 2)
      }
    })
    socket.on('error', () => {}) // it has gone, and says so by its exit
  }

  /** It may have been before anybody could be told. */
  async #isRegistered(): Promise<void> {
    await until(`registration of ${this.name}`, () =>
      /200 OK \(.*\) \[\d+ binding/.test(this.#log) ? { found: true } : { sawOnly: 'no 200' },
    )
  }

  #hear(message: { event?: boolean } & TelephoneEvent): void {
    if (message.event === true) this.journal.add(message)
  }
}

function accountOf({
  number,
  registrar,
  registersForS = 120,
  transport = 'udp',
  answers = 'auto',
  codecs,
  account = '',
  name,
}: TelephoneOptions) {
  const shown = name === undefined ? '' : `"${name}" `
  const via = registrar === undefined ? '' : `;outbound="sip:127.0.0.1:${registrar};transport=${transport}"`
  const spoken = (codecs ?? ['PCMU/8000/1', 'PCMA/8000/1']).join(',')
  const address = `<sip:${number}@127.0.0.1${registrar === undefined ? '' : `:${registrar}`};transport=${transport}>`
  const regint = registrar === undefined ? 0 : registersForS
  return `${shown}${address}${via};regint=${regint};answermode=${answers};ptime=20;audio_codecs=${spoken};catchall=yes${account}\n`
}

function configOf(folder: string, { toneHz, config = [] }: TelephoneOptions, port: number): string {
  const names = ['stdio', 'g711', 'g722', 'opus', 'ausine', 'sndfile', 'srtp']
  return [
    `sip_listen 127.0.0.1:${port}`,
    'audio_path /usr/share/baresip',
    `audio_source ausine,${toneHz}`,
    'audio_alert aufile,/dev/null',
    `ausrc_srate ${rate}`,
    'ausrc_channels 2',
    `rtp_ports ${port + 4}-${port + 23}`,
    `module_path ${modules}`,
    ...names.map((name) => `module ${name}.so`),
    'module_tmp uuid.so',
    'module_tmp account.so',
    'module_app menu.so',
    'module_app ctrl_tcp.so',
    `ctrl_tcp_listen 127.0.0.1:${port + 2}`,
    `snd_path ${folder}`,
    ...config,
    '',
  ].join('\n')
}

/**
 * A far end that does what a scenario says: sipp, which answers every call over a trunk in the same way, or swallows it.
 * What has come to it is read from its own log of messages.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { encodeG711 } from '@parley/rtp'
import { freePorts } from '../ports.ts'
import { soonMs, until, within } from '../until.ts'

export type Answering = {
  /** Provisional answers before the last one. What it hears it says again. */
  first?: readonly (180 | 183)[]
  /** What it hums after them, without an end. */
  toneHz?: number
  /** A port on loopback that hears and speaks in its place. */
  soundAt?: number
  /** Its last answer; without one it rings until it is told to stop. */
  answer?: { status: number; phrase: string; headers?: readonly string[] }
}

export class Sipp {
  readonly name: string
  readonly toneHz: number
  /** Where it is heard, UDP. */
  readonly port: number
  readonly #folder: string
  readonly #process: ChildProcess
  #said = ''

  static async start(name: string, answering: Answering): Promise<Sipp> {
    const port = await freePorts(4)
    const sipp = new Sipp(name, answering, port)
    await until(`start of ${name}`, () => {
      if (sipp.#process.exitCode !== null) throw new Error(`sipp ended: ${sipp.#said.slice(-2000)}`)
      return isHeard(port) ? { found: true } : { sawOnly: 'its port is not open' }
    })
    return sipp
  }

  private constructor(name: string, answering: Answering, port: number) {
    this.name = name
    this.toneHz = answering.toneHz ?? 0
    this.port = port
    this.#folder = mkdtempSync(join(process.env.PARLEY_TEST_DIR ?? tmpdir(), 'sipp-'))
    writeFileSync(join(this.#folder, 'scenario.xml'), scenarioOf(answering))
    writeFileSync(join(this.#folder, 'tone.ulaw'), toneOf(this.toneHz))
    // prettier-ignore
    const args = [
      '-sf', 'scenario.xml', '-i', '127.0.0.1', '-p', `${port}`, '-mi', '127.0.0.1', '-mp', `${port + 2}`,
      '-aa', '-nostdin', '-rtp_echo', '-trace_msg', '-message_file', 'messages.log',
    ]
    this.#process = spawn('sipp', args, { cwd: this.#folder, stdio: ['ignore', 'pipe', 'pipe'] })
    for (const stream of [this.#process.stdout, this.#process.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => (this.#said += text))
    }
  }

  /** What has come to it and what it has sent, as it stands in its log. */
  get messages(): string {
    const file = join(this.#folder, 'messages.log')
    return existsSync(file) ? readFileSync(file, 'utf8') : ''
  }

  /** Each call that has come, once: its Call-ID. A datagram that came twice is the same call. */
  get calls(): readonly string[] {
    const received = this.messages.split(/^-{20,}.*$/m).filter((one) => /message received/.test(one))
    const invites = received.filter((one) => /^INVITE /m.test(one))
    return [...new Set(invites.flatMap((one) => /^Call-ID: *(\S+)/im.exec(one)?.[1] ?? []))]
  }

  /** Waits until so many calls have come. */
  async isCalled(times: number, limitMs = soonMs): Promise<void> {
    await until(
      `call number ${times} at ${this.name}`,
      () => (this.calls.length >= times ? { found: true } : { sawOnly: `${this.calls.length}` }),
      limitMs,
    )
  }

  /** Waits for a request of this method, which is not an INVITE. */
  async isTold(method: string, limitMs = soonMs): Promise<void> {
    await until(
      `${method} at ${this.name}`,
      () => (new RegExp(`^${method} sip:`, 'm').test(this.messages) ? { found: true } : { sawOnly: 'none' }),
      limitMs,
    )
  }

  async goes(): Promise<void> {
    if (this.#process.exitCode === null && this.#process.signalCode === null) {
      const exited = once(this.#process, 'exit')
      this.#process.kill('SIGKILL') // asked politely it waits for its calls
      await within(soonMs, `end of ${this.name}`, exited)
    }
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

/** Whether a program is bound to a UDP port of 127.0.0.1. */
function isHeard(port: number): boolean {
  const local = `0100007F:${port.toString(16).toUpperCase().padStart(4, '0')}`
  return readFileSync('/proc/net/udp', 'utf8').includes(local)
}

/** A second of a tone, which begins where it ends. */
function toneOf(hz: number): Uint8Array {
  const samples = Int16Array.from({ length: 8000 }, (_, n) => 8000 * Math.sin((2 * Math.PI * hz * n) / 8000))
  return encodeG711('PCMU', samples)
}

const hum = '<nop><action><exec rtp_stream="tone.ulaw,-1,0,PCMU/8000" /></action></nop>'

function scenarioOf({ first = [], answer, toneHz, soundAt }: Answering): string {
  const port = toneHz === undefined ? '[media_port]' : '[rtpstream_audio_port]'
  const provisional = first.map((status) =>
    send(status, status === 180 ? 'Ringing' : 'Session Progress').replace('[media_port]', port),
  )
  const last = answer === undefined ? cancelled : answered(answer)
  return `<?xml version="1.0" encoding="ISO-8859-1" ?>
<scenario name="far end">
  <recv request="INVITE" crlf="true" />
  ${[...provisional, ...(toneHz === undefined ? [] : [hum]), ...last].join('\n  ')}
</scenario>
`.replaceAll('[media_port]', soundAt === undefined ? '[media_port]' : `${soundAt}`)
}

/** A call that is answered is ended by the other side, which may ask for something else before: hold, and resume. */
function answered({ status, phrase, headers = [] }: NonNullable<Answering['answer']>): string[] {
  if (status >= 300) return [send(status, phrase, headers), `<recv request="ACK" />`]
  return [
    send(status, phrase, headers),
    `<recv request="ACK" />`,
    `<label id="1" />`,
    `<recv request="INVITE" optional="true" next="2" />`,
    `<recv request="BYE" next="3" />`,
    `<label id="2" />`,
    send(200, 'OK'),
    `<recv request="ACK" next="1" />`,
    `<label id="3" />`,
    send(200, 'OK', [], 'BYE'),
  ]
}

const cancelled = [
  `<recv request="CANCEL" />`,
  send(200, 'OK', [], 'CANCEL'),
  send(487, 'Request Terminated', [], 'INVITE'),
  `<recv request="ACK" />`,
]

function send(status: number, phrase: string, headers: readonly string[] = [], cseq?: string): string {
  const hasSound = status === 183 || (status === 200 && cseq === undefined)
  const number = cseq === undefined || cseq === 'BYE' ? '[last_CSeq:]' : `CSeq: [cseq] ${cseq}`
  const body = hasSound
    ? `Content-Type: application/sdp
      Content-Length: [len]

      v=0
      o=sipp 1 1 IN IP4 127.0.0.1
      s=-
      c=IN IP4 127.0.0.1
      t=0 0
      m=audio [media_port] RTP/AVP 0
      a=rtpmap:0 PCMU/8000
`
    : 'Content-Length: 0\n'
  return `<send><![CDATA[
      SIP/2.0 ${status} ${phrase}
      [last_Via:]
      [last_From:]
      [last_To:]${cseq === 'BYE' ? '' : ';tag=[pid]-[call_number]'}
      [last_Call-ID:]
      ${number}
      Contact: <sip:far@127.0.0.1:[local_port];transport=[transport]>
      ${headers.map((header) => `${header}\n      `).join('')}${body}
    ]]></send>`
}

/** A server that does the bare minimum of the same work, in a process of its own, so that its processor time is its own. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { soonMs, within } from '../support/until.ts'

export class Reference {
  readonly pid: number
  readonly port: number
  readonly #child: ChildProcess

  private constructor(child: ChildProcess, pid: number, port: number) {
    this.#child = child
    this.pid = pid
    this.port = port
  }

  /** Starts a file of references/, which finds `settings` in its environment. */
  static async start(name: string, settings: Record<string, string> = {}): Promise<Reference> {
    const file = fileURLToPath(new URL(`references/${name}.ts`, import.meta.url))
    const child = spawn(process.execPath, [...process.execArgv, file], {
      env: { ...process.env, ...settings },
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    let complaints = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => (complaints += text))
    child.on('exit', (code) => {
      if (code !== 0) console.error(`The reference ${name} failed.\n${complaints}`)
    })
    const port = await within(soonMs, `reference ${name}`, firstLine(child))
    if (child.pid === undefined) throw new Error(`The reference ${name} did not start.`)
    return new Reference(child, child.pid, Number(port))
  }

  get socketUrl(): string {
    return `ws://127.0.0.1:${this.port}`
  }

  async stop(): Promise<void> {
    const ended = once(this.#child, 'exit')
    this.#child.stdin?.end()
    await within(soonMs, 'end of a reference', ended)
  }
}

async function firstLine(child: ChildProcess): Promise<string> {
  const stdout = child.stdout
  if (stdout === null) throw new Error('A reference writes its port to a pipe.')
  const ended = once(child, 'exit').then(() => Promise.reject(new Error('A reference ended before it listened.')))
  const said = once(stdout.setEncoding('utf8'), 'data').then(([text]) => String(text))
  return Promise.race([said, ended])
}

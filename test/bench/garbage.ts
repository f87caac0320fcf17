/** What a Node process really keeps: its memory after everything that nobody needs was thrown away. */
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { WebSocket } from 'ws'
import { soonMs, until, within } from '../support/until.ts'

/** How a process is started whose memory is to be asked for: its inspector sleeps until then. */
export function inspectable(port: number): { NODE_OPTIONS: string } {
  return { NODE_OPTIONS: `--inspect-port=${port}` }
}

/** Resident bytes after two full collections: what the first one frees may have held more. */
export async function residentBytes(pid: number, inspectorPort: number): Promise<number> {
  process.kill(pid, 'SIGUSR1') // wakes the inspector
  const url = await until('inspector', async () => {
    const answer = await fetch(`http://127.0.0.1:${inspectorPort}/json/list`).catch(() => undefined) // not awake yet
    const [target] = ((await answer?.json()) ?? []) as { webSocketDebuggerUrl: string }[]
    return target === undefined ? { sawOnly: 'nothing' } : { found: target.webSocketDebuggerUrl }
  })
  const inspector = new WebSocket(url)
  await within(soonMs, 'inspector', once(inspector, 'open'))
  for (const id of [1, 2]) {
    const collected = once(inspector, 'message')
    inspector.send(JSON.stringify({ id, method: 'HeapProfiler.collectGarbage' }))
    await within(soonMs, 'end of a collection', collected)
  }
  inspector.terminate()
  const kiB = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return Number(kiB) * 1024
}

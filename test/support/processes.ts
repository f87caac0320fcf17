/** What runs on this machine, read from /proc. */
import { readFileSync, readdirSync, readlinkSync } from 'node:fs'

/** A process, told apart from a later one with the same number by when it started. */
export type Process = { pid: number; parent: number; name: string; startedAt: string; isZombie: boolean }

function processOf(pid: number): Process | undefined {
  const stat = statOf(pid)
  if (stat === undefined) return undefined
  const { name, fields } = stat
  return { pid, parent: Number(fields[4]), name, startedAt: fields[22] ?? '', isZombie: fields[3] === 'Z' }
}

/** Processor time that a process has used so far, in seconds: user and system, all its threads, in steps of 10 ms. */
export function processorS(pid: number): number {
  const fields = statOf(pid)?.fields
  if (fields === undefined) throw new Error(`Process ${pid} does not run.`)
  const ticksPerS = 100 // what Linux counts in here is the same on every machine that Node runs on
  return (Number(fields[14]) + Number(fields[15])) / ticksPerS
}

/** The name of a process, and the fields of its stat by their numbers in proc(5): 3 is its state. */
function statOf(pid: number): { name: string; fields: Record<number, string> } | undefined {
  const text = read(`/proc/${pid}/stat`)
  if (text === undefined) return undefined
  // The name in brackets may itself hold brackets and spaces, so fields are counted from behind it.
  const name = text.slice(text.indexOf('(') + 1, text.lastIndexOf(')'))
  const behind = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return { name, fields: Object.fromEntries(behind.map((field, index) => [index + 3, field])) }
}

/** All that descends from a process, itself not included. */
export function descendants(pid: number): Process[] {
  const all = readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .flatMap((entry) => processOf(Number(entry)) ?? [])
  const below = (parent: number): Process[] =>
    all.filter((one) => one.parent === parent).flatMap((child) => [child, ...below(child.pid)])
  return below(pid)
}

export function isRunning(process: Process): boolean {
  const now = processOf(process.pid)
  return now !== undefined && now.startedAt === process.startedAt && !now.isZombie
}

/** Open files and sockets of a process, by kind (`socket`, `anon_inode`, …); a file counts as `file`. */
export function openHandles(pid: number): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const fd of readdirSync(`/proc/${pid}/fd`)) {
    const kind = handleKind(`/proc/${pid}/fd/${fd}`)
    if (kind !== undefined) counts[kind] = (counts[kind] ?? 0) + 1
  }
  return counts
}

function handleKind(path: string): string | undefined {
  try {
    const target = readlinkSync(path)
    return /^([a-z_]+):/.exec(target)?.[1] ?? 'file'
  } catch {
    return undefined // closed between the listing and the look
  }
}

/** The local ends that a process listens on (TCP) or is bound to (UDP), such as `tcp 0100007F:1F90`. */
export function listeners(pid: number): string[] {
  const own = new Set(
    readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      try {
        return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? []
      } catch {
        return [] // closed between the listing and the look
      }
    }),
  )
  const rows = ['tcp', 'tcp6', 'udp', 'udp6'].flatMap((protocol) =>
    (read(`/proc/${pid}/net/${protocol}`) ?? '')
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => ({ protocol, fields: line.trim().split(/\s+/) })),
  )
  return rows
    .filter(({ protocol, fields }) => own.has(fields[9] ?? '') && (protocol.startsWith('udp') || fields[3] === '0A'))
    .map(({ protocol, fields }) => `${protocol} ${fields[1]}`)
    .toSorted()
}

/** The port of an entry of listeners(). */
export function portOf(listener: string): number {
  return Number.parseInt(listener.split(':').at(-1) ?? '', 16)
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined // it has gone
  }
}

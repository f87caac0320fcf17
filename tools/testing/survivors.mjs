import { readFileSync, readdirSync, readlinkSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'

/**
 * Finds processes that tests have started and not ended, and kills them. One is known by any of three marks, since
 * each can be lost: the environment (PostgreSQL overwrites its own), the session (a daemon leaves it), the folder it
 * runs in.
 *
 * @param {{ testDir: string, session: number }} mark
 * @param {number} [graceMs] what a test has told to end may need this long to do so
 * @returns {Promise<{ pid: number, command: string }[]>} those that were still there then
 */
export async function endSurvivors(mark, graceMs = 5_000) {
  let left = survivors(mark)
  for (let waitedMs = 0; left.length > 0 && waitedMs < graceMs; waitedMs += 100) {
    await delay(100)
    left = survivors(mark)
  }
  for (const { pid } of left) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // It ended in this moment.
    }
  }
  return left
}

function survivors({ testDir, session }) {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
  return pids.flatMap((pid) => {
    const { state, session: itsSession } = stat(pid)
    const ended = state === undefined || state === 'Z' || state === 'X'
    const isOurs = () =>
      Number(itsSession) === session ||
      read(pid, 'environ').includes(`PARLEY_TEST_DIR=${testDir}\0`) ||
      read(pid, 'cwd').startsWith(testDir)
    if (ended || !isOurs()) return []
    return [{ pid: Number(pid), command: read(pid, 'cmdline').replaceAll('\0', ' ').trim() }]
  })
}

/** proc(5): the name in brackets may itself contain brackets and spaces, so the fields are counted behind it. */
function stat(pid) {
  const text = read(pid, 'stat')
  const [state, , , session] = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return { state: state || undefined, session }
}

/** Empty for what has gone in the meantime, and for what belongs to somebody else. */
function read(pid, name) {
  const path = `/proc/${pid}/${name}`
  try {
    return name === 'cwd' ? readlinkSync(path) : readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

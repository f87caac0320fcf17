import { afterEach, describe, expect, it } from '@jest/globals'
import { spawn, type ChildProcess, type SpawnOptions } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { endSurvivors } from './survivors.mjs'

const testDir = mkdtempSync(join(tmpdir(), 'parley-survivors-'))
const noSession = -1

describe('what the tests leave running', () => {
  const started: ChildProcess[] = []
  const left = (session = noSession) => endSurvivors({ testDir, session }, 0)

  async function sleeper(options: SpawnOptions): Promise<ChildProcess> {
    const child = spawn('sleep', ['300'], { stdio: 'ignore', ...options })
    started.push(child)
    await once(child, 'spawn')
    return child
  }

  afterEach(() => {
    for (const child of started.splice(0)) child.kill('SIGKILL')
  })

  it('is found by its environment, and ended', async () => {
    const child = await sleeper({ env: { ...process.env, PARLEY_TEST_DIR: testDir }, detached: true })
    const ended = once(child, 'exit')
    expect(await left()).toEqual([{ pid: child.pid, command: 'sleep 300' }])
    expect(await ended).toEqual([null, 'SIGKILL'])
    expect(await left()).toEqual([])
  })

  it('is found by the folder it runs in, when it has no environment', async () => {
    const child = await sleeper({ env: {}, cwd: testDir })
    expect(await left()).toMatchObject([{ pid: child.pid }])
  })

  it('is found by its session', async () => {
    const child = await sleeper({ env: {}, detached: true })
    expect(await left(child.pid)).toMatchObject([{ pid: child.pid }])
  })

  it('does not count what somebody else started', async () => {
    const child = await sleeper({ env: {}, detached: true })
    expect(await left()).toEqual([])
    expect(child.exitCode).toBeNull()
  })
})

process.once('exit', () => rmdirSync(testDir))

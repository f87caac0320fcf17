import { describe, expect, it } from '@jest/globals'
import { run } from './run.mjs'

describe('run', () => {
  it('tells how a program ended and what it said', async () => {
    expect(await run('sh', ['-c', 'echo one; echo two >&2; exit 3'])).toEqual({ code: 3, output: 'one\ntwo\n' })
  })

  it('tells a signal as a shell does', async () => {
    expect(await run('sh', ['-c', 'kill -TERM $$'])).toMatchObject({ code: 143 })
  })

  it('tells a program that is not there as a shell does', async () => {
    expect(await run('no-such-program', [])).toMatchObject({ code: 127 })
  })

  it('ends what takes too long, and does not wait for what that has started', async () => {
    const { code, output } = await run('sh', ['-c', 'sleep 60 & echo $!; wait'], { limitMs: 200 })
    const started = Number(output)
    expect(code).toBe(137)
    expect(process.kill(started, 'SIGKILL')).toBe(true)
  })
})

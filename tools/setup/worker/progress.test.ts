import { describe, expect, it } from '@jest/globals'
import { progressOf } from './progress.mjs'

describe("ninja's progress", () => {
  const told = (isTTY: boolean, ...outputs: string[]) => {
    const lines: string[] = []
    const progress = progressOf('worker', { isTTY, write: (text: string) => lines.push(text) })
    for (const output of outputs) progress(output)
    return lines
  }

  it('is a line for every tenth where nobody can see it count', () => {
    const steps = Array.from({ length: 50 }, (_, n) => `[${n + 1}/50] Compiling\n`)
    expect(told(false, ...steps)).toHaveLength(10)
    expect(told(false, ...steps).at(-1)).toBe('  worker: 50 of 50 (100 %)\n')
  })

  it('counts in one line on a terminal, by the last of several steps', () => {
    expect(told(true, '[1/50] a\n[2/50] b\n')).toEqual(['\r  worker: 2 of 50 (4 %)'])
  })

  it('says nothing about other output', () => {
    expect(told(false, 'warning: unused', '')).toEqual([])
  })
})

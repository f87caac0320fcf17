import { describe, expect, it } from '@jest/globals'
import { Attackers } from './attackers.ts'

const here = '192.0.2.1'

function at() {
  let now = 1_000_000
  const attackers = new Attackers(() => now)
  return { attackers, passes: (ms: number) => (now += ms) }
}

describe('an address', () => {
  it('that calls too often is asked to wait, and then not answered, until the second is over', () => {
    const { attackers, passes } = at()
    const rates = Array.from({ length: 1001 }, () => attackers.calls(here))
    expect([rates[99], rates[100], rates[999], rates[1000]]).toEqual(['usual', 'high', 'high', 'flood'])
    expect(attackers.calls('192.0.2.2')).toBe('usual')
    passes(1000)
    expect(attackers.calls(here)).toBe('usual')
  })

  it('that guesses passwords is barred for five minutes', () => {
    const { attackers, passes } = at()
    attackers.wasWrong(here)
    attackers.wasWrong(here)
    expect(attackers.isBarred(here)).toBe(false)
    attackers.wasWrong(here)
    expect(attackers.isBarred(here)).toBe(true)
    expect(attackers.isBarred('192.0.2.2')).toBe(false)
    passes(300_000)
    expect(attackers.isBarred(here)).toBe(false)
  })

  it('is worth a line in the log once an hour for each thing that it does', () => {
    const { attackers, passes } = at()
    expect([attackers.isNews('flood', here), attackers.isNews('flood', here)]).toEqual([true, false])
    expect(attackers.isNews('scanner', here)).toBe(true)
    passes(3_600_000)
    expect(attackers.isNews('flood', here)).toBe(true)
  })
})

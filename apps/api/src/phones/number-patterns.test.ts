import { describe, expect, it } from '@jest/globals'
import { matchesPattern, maxPatternsSize, readNumberPattern } from './number-patterns.ts'

const longest = `+${'1'.repeat(15)}`

describe('the pattern of a route', () => {
  /** Each would keep an engine with backtracking busy for longer than anybody waits. */
  // prettier-ignore
  it.each([
    '^(\\d+)+x$', '^\\+(1+)+$', '(x+x+)+y', '^(([0-9])+)+[0-9]x$', '(\\d*)*\\d*x', '^\\+(\\d|\\d\\d)*x$', '((((\\d+)+)+)+)+x',
    '(1?){1000}1{15}x', '(?:\\d?\\d?\\d?){333}x', '(\\d{1,30}){1,30}x', `(${'\\d*'.repeat(300)})*x`, '(.*)*(.*)*(.*)*x',
    `${'('.repeat(500)}\\d${')'.repeat(500)}+x`, `^(${'1|'.repeat(500)}2)*x`,
  ])('is answered in little time, however hostile: %s', (source) => {
    const before = process.cpuUsage()
    for (let n = 0; n < 10; n += 1) matchesPattern(source, longest)
    const { user, system } = process.cpuUsage(before)
    // Some milliseconds in truth; an engine with backtracking would need hours.
    expect(user + system).toBeLessThan(2_000_000)
    expect(matchesPattern(source, 'x')).toBe(matchesPattern(source, 'x'))
  })

  it('takes time in proportion to the number that it is asked about', () => {
    const timeFor = (length: number) => {
      const before = process.cpuUsage()
      matchesPattern('^(\\d+)+x$', '1'.repeat(length))
      const { user, system } = process.cpuUsage(before)
      return user + system
    }
    timeFor(1_000)
    expect(timeFor(400_000)).toBeLessThan(40 * Math.max(timeFor(100_000), 2_000))
  })

  // prettier-ignore
  it.each([
    ['',                          'empty'],
    ['1'.repeat(1025),            'longer than 1024'],
    ['^\\+49[',                   'cannot be used'],
    ['(?=\\+49)',                 'cannot be used'],
    ['(\\d)\\1',                  'cannot be used'],
    ['(?<=\\+)49',                'cannot be used'],
    ['\\d{1,1000}{1,1000}',       'cannot be used'],
    ['(\\d{1,1000}){1,1000}',     'cannot be used'],
    ['\\p{L}',                    'cannot be used'],
    ['^٤٩',                       'ASCII'],
    ['^\\+49\n',                  'ASCII'],
  ])('cannot be %j: %s', (source, says) => {
    expect(readNumberPattern(source)).toContain(says)
    expect(matchesPattern(source, longest)).toBe(false)
  })

  it('has a size, of which twenty of the largest that people write fit into one configuration', () => {
    const countries = `^\\+(${Array.from({ length: 200 }, (_, n) => 100 + n).join('|')})\\d+$`
    const pattern = readNumberPattern(countries)
    const size = typeof pattern === 'string' ? Number.NaN : pattern.size
    expect(size * 20).toBeLessThan(maxPatternsSize)
  })
})

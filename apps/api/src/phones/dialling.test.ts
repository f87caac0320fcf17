import { describe, expect, it } from '@jest/globals'
import { EpochMs, PhoneNumber } from '@parley/protocol'
import { barredPrefixes, emergencyNumbers } from './barred-numbers.ts'
import { diallingOf, mayCall, routesFor, trunkHasRoom, trunksFor, type CallsInUse, type DialWish } from './dialling.ts'
import type { OwnNumber } from './own-number.ts'
import { emptyPhoneBook, newTrunk, type KeptTrunk, type PhoneBook } from './phone-book.ts'

const berlin = PhoneNumber.parse('+4930123456')
const ours = PhoneNumber.parse('+493099990')
const own: OwnNumber = { number: ours, createdAt: EpochMs.parse(0) }
const nothing: CallsInUse = { byUser: { atOnce: 0, lastMinute: 0 }, byTrunk: new Map() }

const trunk = (fqdn: string, more: Partial<KeptTrunk> = {}): KeptTrunk => ({
  ...newTrunk(fqdn, 5061),
  allowedPrefixes: ['+49'],
  ...more,
})
const route = (numberPattern: string, ...trunks: string[]) => ({ name: `to ${trunks.join()}`, numberPattern, trunks })
const book = (more: Partial<PhoneBook> = {}): PhoneBook => ({
  ...emptyPhoneBook,
  trunks: [trunk('one.example.com'), trunk('two.example.com')],
  routes: [route('^\\+', 'one.example.com', 'two.example.com')],
  ...more,
})
const wish = (number: string = berlin, callerId: PhoneNumber | undefined = ours): DialWish => ({
  number: PhoneNumber.parse(number),
  callerId,
})
const refusedAs = (dialling: ReturnType<typeof diallingOf>) => ('refused' in dialling ? dialling.refused : 'dialled')

describe('who dials a number', () => {
  it('gets an order: the number, what is shown, and the trunks in the order in which they are tried', () => {
    expect(diallingOf(wish(), book(), own, nothing)).toEqual({
      dial: { number: berlin, callerId: ours, isHidden: false, trunks: ['one.example.com', 'two.example.com'] },
    })
  })

  it('must show a number of the resource', () => {
    expect(refusedAs(diallingOf({ ...wish(), callerId: undefined }, book(), undefined, nothing))).toBe(
      'callerIdRefused',
    )
    expect(refusedAs(diallingOf(wish(), book(), undefined, nothing))).toBe('callerIdRefused')
  })

  it('shows none where its number is hidden, and is told apart by it all the same', () => {
    expect(diallingOf(wish(), book(), { ...own, isHidden: true }, nothing)).toMatchObject({
      dial: { callerId: ours, isHidden: true },
    })
  })

  it('may show a foreign number over a trunk that takes such', () => {
    const open = trunk('open.example.com', { takesForeignCallerIds: true })
    const routes = [route('^', 'one.example.com', 'open.example.com')]
    const dialling = diallingOf(wish(), book({ trunks: [trunk('one.example.com'), open], routes }), undefined, nothing)
    expect(dialling).toMatchObject({ dial: { trunks: ['open.example.com'] } })
  })

  it('shows a number over the trunks alone that it is settled for, however they are written', () => {
    const bound = { ...own, trunks: ['TWO.example.com'] }
    expect(diallingOf(wish(), book(), bound, nothing)).toMatchObject({ dial: { trunks: ['two.example.com'] } })
    expect(refusedAs(diallingOf(wish(), book(), { ...own, trunks: ['gone.example.com'] }, nothing))).toBe(
      'callerIdRefused',
    )
  })

  // prettier-ignore
  it.each<[why: string, refused: string, settled: Partial<PhoneBook>]>([
    ['there is no trunk',                'noTrunk',         { trunks: [], routes: [] }],
    ['no route matches',                 'noRoute',         { routes: [route('^\\+1', 'one.example.com')] }],
    ['the route has no trunk',           'noRoute',         { routes: [route('^')] }],
    ['the trunk allows nothing',         'numberForbidden', { trunks: [trunk('one.example.com', { allowedPrefixes: [] })] }],
    ['the trunk allows other countries', 'numberForbidden', { trunks: [trunk('one.example.com', { allowedPrefixes: ['+43', '+1'] })] }],
    ['phones drain',                     'unavailable',     { isDraining: true }],
  ])('is refused when %s', (_, refused, settled) => {
    expect(refusedAs(diallingOf(wish(), book(settled), own, nothing))).toBe(refused)
  })

  it('is told that emergency services cannot be had, before anything else', () => {
    for (const number of emergencyNumbers) {
      expect(refusedAs(diallingOf(wish(number), book({ trunks: [] }), undefined, nothing))).toBe('emergencyNumber')
    }
  })

  it('reaches a short code only over a trunk that names it', () => {
    expect(refusedAs(diallingOf(wish('22833'), book({ routes: [route('^', 'one.example.com')] }), own, nothing))).toBe(
      'numberForbidden',
    )
    const naming = book({
      trunks: [trunk('one.example.com', { allowedPrefixes: ['228'] })],
      routes: [route('^[0-9]+$', 'one.example.com')],
    })
    expect(refusedAs(diallingOf(wish('22833'), naming, own, nothing))).toBe('dialled')
  })
})

describe('limits', () => {
  const perUser = { callsAtOnce: 2, callsPerMinute: 3 }
  // prettier-ignore
  it.each([
    [1, 2, 'dialled'], [2, 2, 'tooManyPhoneCalls'], [1, 3, 'tooManyPhoneCalls'], [0, 0, 'dialled'],
  ])('let a user with %i calls at once and %i in the last minute: %s', (atOnce, lastMinute, expected) => {
    const inUse = { ...nothing, byUser: { atOnce, lastMinute } }
    expect(refusedAs(diallingOf(wish(), book({ perUser }), own, inUse))).toBe(expected)
  })

  it('of a trunk send calls over the next one, and refuse them when all are full', () => {
    const full = trunk('one.example.com', { callsAtOnce: 1 })
    const busy = trunk('two.example.com', { callsPerMinute: 5 })
    const settled = book({ trunks: [full, busy] })
    const used = (one: number, two: number): CallsInUse => ({
      ...nothing,
      byTrunk: new Map([
        ['one.example.com', { atOnce: one, lastMinute: 0 }],
        ['two.example.com', { atOnce: 0, lastMinute: two }],
      ]),
    })
    expect(diallingOf(wish(), settled, own, used(1, 4))).toMatchObject({ dial: { trunks: ['two.example.com'] } })
    expect(refusedAs(diallingOf(wish(), settled, own, used(1, 5)))).toBe('tooManyPhoneCalls')
    expect([trunkHasRoom(full, used(0, 0)), trunkHasRoom(full, used(1, 0))]).toEqual([true, false])
  })
})

describe('what trunks may call', () => {
  // prettier-ignore
  it.each<[number: string, allowed: string[], may: boolean]>([
    ['+4930123456',  [],                  false], ['+4930123456',  ['+49'],           true ],
    ['+4930123456',  ['+'],               true ], ['+4930123456',  ['+493'],          true ],
    ['+4930123456',  ['+4940', '+1'],     false], ['+4930123456',  ['49'],            false],
    ['+49900123456', ['+'],               false], ['+49900123456', ['+49'],           false],
    ['+49900123456', ['+49900'],          true ], ['+49900123456', ['+499001'],       true ],
    ['+881612345678',['+'],               false], ['+881612345678',['+881'],          true ],
    ['+19005551234', ['+1'],              false], ['+19025551234', ['+1'],            true ],
    ['+449012345678',['+44'],             false], ['+442012345678',['+44'],           true ],
    ['+979123456789',['+', '+97'],        false],
  ])('%s with %j: %s', (number, allowed, may) => {
    expect(mayCall(number, allowed)).toBe(may)
  })

  it('is what their networks read, not only what was meant', () => {
    const national = { numberFormat: 'national', countryCode: '49', nationalPrefix: '0' } as const
    const trunks = [trunk('one.example.com', national), trunk('two.example.com')]
    expect(diallingOf(wish('+490870773111632'), book({ trunks }), own, nothing)).toMatchObject({
      dial: { trunks: ['two.example.com'] },
    })
    expect(refusedAs(diallingOf(wish('+490870773111632'), book({ trunks: trunks.slice(0, 1) }), own, nothing))).toBe(
      'numberForbidden',
    )
  })

  it('is barred in beginnings of E.164, each once', () => {
    expect(new Set(barredPrefixes).size).toBe(barredPrefixes.length)
    for (const prefix of barredPrefixes) expect(prefix).toMatch(/^\+[1-9][0-9]{1,6}$/)
  })
})

describe('routes', () => {
  it('are tried in their order, their trunks in theirs, and each trunk once', () => {
    const trunks = ['a', 'b', 'c'].map((name) => trunk(`${name}.example.com`))
    const routes = [
      route('^\\+4930', 'b.example.com', 'a.example.com'),
      route('^\\+1', 'a.example.com'),
      route('^\\+49', 'A.example.com', 'c.example.com', 'gone.example.com'),
    ]
    const order = trunksFor(berlin, { trunks, routes }).map(({ fqdn }) => fqdn)
    expect(order).toEqual(['b.example.com', 'a.example.com', 'c.example.com'])
  })

  // prettier-ignore
  it.each<[pattern: string, number: string, takes: boolean]>([
    ['^\\+[1-9]\\d{3}$',          '+1234',        true ], ['^\\+[1-9]\\d{3}$',          '+12345',       false],
    ['^\\+[1-9][0-9]{3,23}$',     '+4930123456',  true ], ['^\\+1(425|206)\\d{7}$',     '+14251234567', true ],
    ['^\\+1(425|206)\\d{7}$',     '+13031234567', false], ['^\\+0?1234$',               '+1234',        true ],
    ['30',                        '+4930123456',  true ], ['(?:^\\+49|^\\+43)',         '+4312345678',  true ],
  ])('as ACS writes them: %s takes %s: %s', (numberPattern, number, takes) => {
    expect(routesFor(number, [{ name: 'one', numberPattern, trunks: [] }])).toHaveLength(takes ? 1 : 0)
  })
})

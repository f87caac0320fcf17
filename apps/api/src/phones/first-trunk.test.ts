import { describe, expect, it } from '@jest/globals'
import { PhoneNumber } from '@parley/protocol'
import { readFirstNumbers, readFirstTrunk, readPrefixes, withFirstTrunk, type FirstTrunk } from './first-trunk.ts'
import { trunksFor } from './dialling.ts'
import { emptyPhoneBook, newTrunk } from './phone-book.ts'

const guid = '11111111-1111-4111-8111-111111111111'
const user = `8:acs:${guid}_${guid}`

describe('SIP_TRUNK', () => {
  // prettier-ignore
  it.each<[text: string, expected: object]>([
    ['sip:sbc.example.com',                         { fqdn: 'sbc.example.com', port: 5060, transport: 'udp', registers: false }],
    ['sip:sbc.example.com:5061;transport=tls',      { fqdn: 'sbc.example.com', port: 5061, transport: 'tls' }],
    ['sip:sbc.example.com;transport=tls',           { port: 5061, transport: 'tls' }],
    ['sips:sbc.example.com',                        { port: 5061, transport: 'tls' }],
    ['sip:192.0.2.7:5090;transport=tcp',            { fqdn: '192.0.2.7', port: 5090, transport: 'tcp' }],
    ['sip:sbc.example.com;user=ann;password=x%3By', { registers: true, account: { user: 'ann' } }],
  ])('is read: %s', (text, trunk) => {
    expect(readFirstTrunk(text)).toMatchObject({ trunk: { ...trunk, allowedPrefixes: ['+'] } })
  })

  it('has its password as it is meant, and the prefixes that are allowed', () => {
    const read = readFirstTrunk('sip:sbc.example.com;user=ann;password=a%3Bb=c', ['+49'])
    expect(read).toMatchObject({ password: 'a;b=c', trunk: { allowedPrefixes: ['+49'] } })
    expect(JSON.stringify((read as FirstTrunk).trunk)).not.toContain('a;b')
  })

  it.each([
    ['sbc.example.com', 'must be such as'],
    ['sip:', 'must be such as'],
    ['sip:ann@sbc.example.com', 'must be such as'],
    ['sip:sbc.example.com:5060:5061', 'must be such as'],
    ['sip:sbc.example.com\r\nX: y', 'must be such as'],
    ['sip:sbc.example.com:0', 'port'],
    ['sip:sbc.example.com:70000', 'port'],
    ['sip:sbc.example.com;transport=sctp', 'udp, tcp or tls'],
    ['sip:sbc.example.com;user=ann', 'both a user and a password'],
    ['sip:sbc.example.com;password=secret', 'both a user and a password'],
    ['sip:sbc.example.com;pasword=secret', 'the parameters transport, user and password only'],
    ['sip:sbc.example.com;user=ann;password=100%', 'escapes nothing'],
  ])('is refused without showing its password: %j', (text, says) => {
    const read = readFirstTrunk(text)
    expect(read).toContain(says)
    expect(read).not.toContain('secret')
  })
})

describe('SIP_NUMBERS', () => {
  it('say who gets the calls to each, and may say nothing of it', () => {
    const text = `+4930123456=${user}, +4930123457=group:${guid},+4930123458=room:99123456789012345,+4930123459=https://a.example.com/x?y=z,+4930123460`
    expect(readFirstNumbers(text)).toMatchObject([
      { number: '+4930123456', target: { user } },
      { number: '+4930123457', target: { groupId: guid } },
      { number: '+4930123458', target: { roomId: '99123456789012345' } },
      { number: '+4930123459', target: { webhook: 'https://a.example.com/x?y=z' } },
      { number: '+4930123460' },
    ])
    expect(readFirstNumbers('')).toEqual([])
  })

  it.each([
    '030123456',
    'ann',
    '+4930123456=',
    '+4930123456=ann',
    '+4930123456=group:lunch',
    '+4930123456=http://a.example.com',
    '112',
  ])('are refused: %s', (text) => expect(readFirstNumbers(text)).toEqual(expect.stringMatching(/^must /)))
})

describe('SIP_ALLOWED_PREFIXES', () => {
  it('are beginnings of numbers', () => {
    expect(readPrefixes('+49, +43,+1')).toEqual(['+49', '+43', '+1'])
    for (const text of ['+49,,+43', '+49*', 'x', '+ 49']) expect(readPrefixes(text)).toContain('must be beginnings')
  })
})

describe('the trunk of the environment', () => {
  const trunk = readFirstTrunk('sip:first.example.com') as FirstTrunk
  const first = { trunk, numbers: [] }
  const berlin = PhoneNumber.parse('+4930123456')
  const named = (book: typeof emptyPhoneBook) => trunksFor(berlin, book).map(({ fqdn }) => fqdn)

  it('takes every number when there is no other', () => {
    expect(named(withFirstTrunk(emptyPhoneBook, first))).toEqual(['first.example.com'])
  })

  it('comes after the routes of the API', () => {
    const routes = [{ name: 'all', numberPattern: '^\\+49', trunks: ['sbc.example.com'] }]
    const book = { ...emptyPhoneBook, trunks: [newTrunk('sbc.example.com', 5061)], routes }
    expect(named(withFirstTrunk(book, first))).toEqual(['sbc.example.com', 'first.example.com'])
    expect(withFirstTrunk(book, { numbers: [] })).toBe(book)
  })

  it('makes way for a trunk of its name, with that of its routes', () => {
    const book = { ...emptyPhoneBook, trunks: [newTrunk('FIRST.example.com', 5070)] }
    expect(withFirstTrunk(book, first)).toBe(book)
  })
})

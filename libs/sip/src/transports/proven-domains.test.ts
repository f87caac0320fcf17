import { describe, expect, it } from '@jest/globals'
import { domainsOf, proves } from './proven-domains.ts'

describe('what a certificate proves (RFC 5922)', () => {
  it('are the URIs of domains in it, before names', () => {
    expect(domainsOf({ subjectaltname: 'URI:sip:example.com, DNS:www.example.com' })).toEqual(['example.com'])
    expect(domainsOf({ subjectaltname: 'DNS:SBC.example.com, DNS:other.example.com' })).toEqual([
      'sbc.example.com',
      'other.example.com',
    ])
  })

  it('are not the URIs of people', () => {
    expect(domainsOf({ subjectaltname: 'URI:sip:ann@example.com, DNS:example.org' })).toEqual(['example.org'])
    expect(proves({ subjectaltname: 'URI:https://example.com' }, 'example.com')).toBe(false)
  })

  it('is its subject only where nothing else is said', () => {
    expect(domainsOf({ subject: { CN: 'example.com' } })).toEqual(['example.com'])
    expect(domainsOf({ subject: { CN: 'example.com' }, subjectaltname: 'DNS:example.org' })).toEqual(['example.org'])
  })

  it('is nothing behind a wildcard, nor what hides behind quotation marks', () => {
    expect(proves({ subjectaltname: 'DNS:*.example.com' }, 'sbc.example.com')).toBe(false)
    expect(proves({ subjectaltname: 'DNS:"a, DNS:example.com", DNS:b' }, 'example.com')).toBe(false)
    expect(domainsOf({ subjectaltname: 'DNS:"a, DNS:example.com", DNS:b' })).toEqual(['', 'b'])
  })

  it('may be an address', () => {
    expect(proves({ subjectaltname: 'DNS:sbc, IP Address:127.0.0.1' }, '127.0.0.1')).toBe(true)
    expect(proves({ subjectaltname: 'DNS:127.0.0.1.example.com' }, '127.0.0.1')).toBe(false)
  })
})

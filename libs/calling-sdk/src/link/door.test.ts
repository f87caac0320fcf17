import { describe, expect, it } from '@jest/globals'
import { token, user } from '../../test/tokens.ts'
import { doorOf, socketUrl } from './door.ts'

describe('a token', () => {
  it('says where the platform is, whose it is and when it ends', () => {
    const iss = 'http://localhost:8080/some/path'
    expect(doorOf(token({ iss, exp: 1_800_000_000 }))).toEqual({
      origin: 'http://localhost:8080',
      userId: user,
      expiresAt: 1_800_000_000_000,
    })
  })

  it.each([
    ['that is empty', ''],
    ['that is no JWT', 'abc'],
    ['whose payload is no JSON', 'a.b.c'],
    ['whose payload is no object', `a.${Buffer.from('1').toString('base64url')}.c`],
    ['of nobody', token({ skypeid: undefined })],
    ['of a user that is no user of this kind of platform', token({ skypeid: 'orgid:1' })],
    ['of nowhere', token({ iss: undefined })],
    ['of a place that is no web address', token({ iss: 'urn:somewhere' })],
  ])('%s is not accepted', (_what, bad) => {
    expect(() => doorOf(bad)).toThrow(expect.objectContaining({ code: 401, subCode: 10009 }))
  })
})

it('has a socket beside its origin, as safe as that', () => {
  expect(socketUrl('http://localhost:8080', '/agent')).toBe('ws://localhost:8080/agent')
  expect(socketUrl('https://calls.example.com', '/agent')).toBe('wss://calls.example.com/agent')
})

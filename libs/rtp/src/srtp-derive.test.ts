import { describe, expect, it } from '@jest/globals'
import { derive } from './srtp-derive.ts'

const bytes = (hex: string): Buffer => Buffer.from(hex, 'hex')

describe('the key derivation of RFC 3711 appendix B.3', () => {
  const [masterKey, masterSalt] = [bytes('E1F97A0D3E018BE0D64FA32C06DE4139'), bytes('0EC675AD498AFEEBB6960B3AABE6')]

  it('gives the cipher key', () =>
    expect(derive(masterKey, masterSalt, 0, 16)).toEqual(bytes('C61E7A93744F39EE10734AFE3FF7A087')))

  it('gives the cipher salt', () =>
    expect(derive(masterKey, masterSalt, 2, 14)).toEqual(bytes('30CBBC08863D8C85D49DB34A9AE1')))

  it('gives the key of authentication', () =>
    expect(derive(masterKey, masterSalt, 1, 20)).toEqual(bytes('CEBE321F6FF7716B6FD4AB49AF256A156D38BAA4')))
})

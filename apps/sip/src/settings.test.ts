import { describe, expect, it } from '@jest/globals'
import { readSipSettings } from './settings.ts'

describe('the settings of a sip node', () => {
  it('hear SIP on loopback when nothing is said', () => {
    expect(readSipSettings({})).toEqual({
      listen: [
        { transport: 'udp', address: '127.0.0.1', port: 5060 },
        { transport: 'tcp', address: '127.0.0.1', port: 5060 },
      ],
      isChosen: false,
      mediaPorts: { min: 30_000, max: 30_999 },
      silenceLimitMs: 60_000,
    })
  })

  it('turn SIP off where the variable is there and empty', () => {
    expect(readSipSettings({ SIP_LISTEN: '' })).toBeUndefined()
  })

  it('say everywhere how others see us', () => {
    const read = readSipSettings({
      SIP_LISTEN: 'udp:0.0.0.0:5060, tls:[::]:5061',
      SIP_PUBLIC_ADDRESS: '203.0.113.7',
      SIP_TLS_CERT: 'cert.pem',
      SIP_TLS_KEY: 'key.pem',
      SIP_TLS_CA: 'ca.pem',
      SIP_MEDIA_PORTS: '40000-40099',
      SIP_SILENCE_LIMIT_S: '2.5',
    })
    const advertised = { host: '203.0.113.7' }
    expect(read).toEqual({
      listen: [
        { transport: 'udp', address: '0.0.0.0', port: 5060, advertised },
        { transport: 'tls', address: '::', port: 5061, advertised },
      ],
      isChosen: true,
      mediaPorts: { min: 40_000, max: 40_099 },
      publicAddress: '203.0.113.7',
      tls: { certFile: 'cert.pem', keyFile: 'key.pem' },
      caFile: 'ca.pem',
      silenceLimitMs: 2500,
    })
  })

  it.each([
    ['SIP_LISTEN', 'udp:localhost:5060'],
    ['SIP_LISTEN', 'sctp:127.0.0.1:5060'],
    ['SIP_LISTEN', 'udp:127.0.0.1:0'],
    ['SIP_MEDIA_PORTS', '40000'],
    ['SIP_MEDIA_PORTS', '40000-39999'],
    ['SIP_PUBLIC_ADDRESS', 'calls.example.com'],
    ['SIP_SILENCE_LIMIT_S', 'soon'],
  ])('%s that is %s is named', (variable, value) => {
    expect(() => readSipSettings({ [variable]: value })).toThrow(variable)
  })

  it('want a certificate to be called over TLS, and its key', () => {
    expect(() => readSipSettings({ SIP_LISTEN: 'tls:127.0.0.1:5061' })).toThrow('SIP_TLS_CERT')
    expect(() => readSipSettings({ SIP_TLS_CERT: 'cert.pem' })).toThrow('SIP_TLS_KEY is missing')
  })
})

import { resolve } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { defaultLimits } from '@parley/protocol'
import { readSettings, SettingsError } from './settings.ts'

const wrongIn = (env: Record<string, string>): string => {
  try {
    readSettings(env)
    return ''
  } catch (error) {
    if (error instanceof SettingsError) return error.message
    throw error
  }
}

describe('the settings', () => {
  it('need no environment at all', () => {
    expect(readSettings({ PATH: '/bin', HOME: '/root' })).toMatchObject({
      host: '127.0.0.1',
      port: 8080,
      httpsPort: 8443,
      publicUrl: 'http://localhost:8080',
      dataDir: resolve('data'),
      isDemoOn: true,
      isDemoForAll: false,
      limits: defaultLimits,
      socketMessagesPerS: 50,
    })
    expect(Object.keys(readSettings({}))).not.toEqual(expect.arrayContaining(['tls', 'accessKey', 'databaseUrl']))
  })

  it('take an empty variable as one that is not set', () => {
    expect(readSettings({ PORT: '', DEMO: '', NATS_URL: '', TLS_CERT: '' })).toEqual(readSettings({}))
  })

  it('name the port in the public URL, and take one that is set', () => {
    expect(readSettings({ PORT: '9000' }).publicUrl).toBe('http://localhost:9000')
    expect(readSettings({ PUBLIC_URL: 'https://calls.example.com/' }).publicUrl).toBe('https://calls.example.com')
    expect(readSettings({ PUBLIC_URL: 'https://calls.example.com:443' }).publicUrl).toBe('https://calls.example.com')
  })

  // prettier-ignore
  it.each<[host: string, demo: string | undefined, isDemoOn: boolean]>([
    ['127.0.0.1', undefined, true ], ['localhost', undefined, true ], ['::1',     undefined, true ], ['127.8.9.1', undefined, true],
    ['0.0.0.0',   undefined, false], ['::',        undefined, false], ['10.0.0.1', undefined, false], ['1.127.0.0.1.example', undefined, false],
    ['127.0.0.1', 'off',     false], ['0.0.0.0',   'on',      true ],
  ])('with HOST=%s and DEMO=%s have the demo on: %s', (HOST, DEMO, isDemoOn) => {
    expect(readSettings({ HOST, DEMO }).isDemoOn).toBe(isDemoOn)
  })

  it('take limits in seconds', () => {
    const asked = { RING_LIMIT_S: '3', CONNECT_LIMIT_S: '0.5', RECONNECT_LIMIT_S: '30' }
    const { limits } = readSettings({ ...asked, LOBBY_LIMIT_S: '60', TRANSFER_LIMIT_S: '4' })
    const talking = { ringMs: 3000, connectMs: 500, reconnectMs: 30_000 }
    expect(limits).toEqual({ ...defaultLimits, ...talking, lobbyMs: 60_000, transferMs: 4000 })
  })

  it("take the operator's certificate, access key and database", () => {
    const accessKey = Buffer.alloc(32, 1).toString('base64')
    const env = { TLS_CERT: 'c.pem', TLS_KEY: 'k.pem', ACCESS_KEY: accessKey, DATABASE_URL: 'postgresql://db/parley' }
    expect(readSettings(env)).toMatchObject({
      tls: { certFile: 'c.pem', keyFile: 'k.pem' },
      accessKey,
      databaseUrl: 'postgresql://db/parley',
    })
  })

  it('take a trunk and its numbers', () => {
    expect(readSettings({}).phones).toEqual({ numbers: [] })
    const env = { SIP_TRUNK: 'sip:sbc.example.com', SIP_NUMBERS: '+4930123456', SIP_ALLOWED_PREFIXES: '+49,+43' }
    expect(readSettings(env).phones).toMatchObject({
      trunk: { trunk: { fqdn: 'sbc.example.com', allowedPrefixes: ['+49', '+43'] } },
      numbers: [{ number: '+4930123456' }],
    })
  })

  it('allow plain http to other machines only where that is said', () => {
    expect(wrongIn({ PUBLIC_URL: 'http://parley:8080' })).toContain('INSECURE_HTTP=on')
    expect(readSettings({ PUBLIC_URL: 'http://parley:8080', INSECURE_HTTP: 'on' }).publicUrl).toBe('http://parley:8080')
  })
})

describe('a start stops with a sentence about', () => {
  // prettier-ignore
  const bad: [variable: string, env: Record<string, string>, todo: string][] = [
    ['PORT',                  { PORT: '0' },                                'from 1 to 65535'],
    ['PORT',                  { PORT: '65536' },                            'from 1 to 65535'],
    ['PORT',                  { PORT: 'http' },                             'from 1 to 65535'],
    ['PORT',                  { PORT: '80.5' },                             'a whole number'],
    ['HTTPS_PORT',            { HTTPS_PORT: '-1' },                         'from 1 to 65535'],
    ['HTTPS_PORT',            { HTTPS_PORT: '8080' },                       'another port than PORT'],
    ['TLS_KEY',               { TLS_CERT: 'c.pem' },                        'set both files, or none'],
    ['TLS_CERT',              { TLS_KEY: 'k.pem' },                         'set both files, or none'],
    ['PUBLIC_URL',            { PUBLIC_URL: 'calls.example.com' },          'without a path'],
    ['PUBLIC_URL',            { PUBLIC_URL: 'ws://calls.example.com' },     'without a path'],
    ['PUBLIC_URL',            { PUBLIC_URL: 'https://example.com/calls' },  'without a path'],
    ['PUBLIC_URL',            { PUBLIC_URL: 'https://a:b@example.com' },    'without a path'],
    ['PUBLIC_URL',            { PUBLIC_URL: 'http://calls.example.com' },   'must be https'],
    ['ACCESS_KEY',            { ACCESS_KEY: 'c2hvcnQ=' },                   '32 bytes or more'],
    ['ACCESS_KEY',            { ACCESS_KEY: 'x'.repeat(50) },               '32 bytes or more'],
    ['DATABASE_URL',          { DATABASE_URL: 'mysql://db' },               'postgresql://'],
    ['NATS_URL',              { NATS_URL: 'nats://127.0.0.1:4222' },        'comes later'],
    ['DEMO',                  { DEMO: 'yes' },                              'on or off'],
    ['INSECURE_HTTP',         { INSECURE_HTTP: '1' },                       'on or off'],
    ['RING_LIMIT_S',          { RING_LIMIT_S: '0' },                        'a time in seconds'],
    ['CONNECT_LIMIT_S',       { CONNECT_LIMIT_S: '12s' },                   'a time in seconds'],
    ['RECONNECT_LIMIT_S',     { RECONNECT_LIMIT_S: '3601' },                'a time in seconds'],
    ['LOBBY_LIMIT_S',         { LOBBY_LIMIT_S: '-1' },                      'a time in seconds'],
    ['TRANSFER_LIMIT_S',      { TRANSFER_LIMIT_S: '1m' },                   'a time in seconds'],
    ['SIP_TRUNK',             { SIP_TRUNK: 'sbc.example.com' },             'sip:sbc.example.com'],
    ['SIP_NUMBERS',           { SIP_NUMBERS: '030123456' },                 'such as \\+4930123456'],
    ['SIP_ALLOWED_PREFIXES',  { SIP_ALLOWED_PREFIXES: '+49;+43' },          'such as \\+49,\\+43'],
    ['SOCKET_MESSAGES_PER_S', { SOCKET_MESSAGES_PER_S: '0' },               '1 or more'],
  ]
  it.each(bad)('%s: %j', (variable, env, todo) => {
    expect(wrongIn(env)).toMatch(new RegExp(`^${variable} .*${todo}.*\\.$`))
  })

  it('each variable that is wrong, one a line', () => {
    expect(wrongIn({ PORT: 'x', DEMO: 'x' }).split('\n')).toHaveLength(2)
  })

  it('an access key without showing it', () => expect(wrongIn({ ACCESS_KEY: 'c2hvcnQ=' })).not.toContain('c2hvcnQ='))
})

import { availableParallelism } from 'node:os'
import { describe, expect, it } from '@jest/globals'
import { BadSetting, readSfuSettings } from './settings.ts'

describe('the environment of an sfu', () => {
  it('may say nothing: then media stays on this machine', () => {
    expect(readSfuSettings({})).toEqual({
      firstPort: 24_400,
      announcedAddress: '127.0.0.1',
      listenIp: '127.0.0.1',
      plainPorts: { min: 24_500, max: 25_499 },
      workers: availableParallelism(),
    })
    expect(readSfuSettings({ MEDIA_PORT: '', MEDIA_ADDRESS: '' })).toEqual(readSfuSettings({}))
  })

  it('says where media is heard and what browsers are told', () => {
    const env = {
      MEDIA_PORT: '4000',
      MEDIA_ADDRESS: '203.0.113.7',
      MEDIA_PLAIN_PORTS: '30000-30000',
      SFU_WORKERS: '3',
      MEDIASOUP_WORKER_BIN: '/bin/worker',
    }
    expect(readSfuSettings(env)).toEqual({
      firstPort: 4000,
      announcedAddress: '203.0.113.7',
      listenIp: '0.0.0.0',
      plainPorts: { min: 30_000, max: 30_000 },
      workers: 3,
      workerBin: '/bin/worker',
    })
  })

  it.each([
    ['127.0.0.1', '127.0.0.1'],
    ['127.0.0.2', '127.0.0.2'],
    ['::1', '::1'],
    ['localhost', '127.0.0.1'],
    ['127.example.com', '0.0.0.0'],
    ['media.example.com', '0.0.0.0'],
  ])('that announces %s listens on %s', (MEDIA_ADDRESS, listenIp) => {
    expect(readSfuSettings({ MEDIA_ADDRESS }).listenIp).toBe(listenIp)
    expect(readSfuSettings({ MEDIA_ADDRESS, MEDIA_LISTEN: '10.0.0.1' }).listenIp).toBe('10.0.0.1')
  })

  it.each([
    ['MEDIA_PORT', '0'],
    ['MEDIA_PORT', '65536'],
    ['MEDIA_PORT', '24400.5'],
    ['MEDIA_PORT', 'one'],
    ['MEDIA_ADDRESS', 'a b'],
    ['MEDIA_LISTEN', 'localhost'],
    ['MEDIA_PLAIN_PORTS', '4000'],
    ['MEDIA_PLAIN_PORTS', '4001-4000'],
    ['MEDIA_PLAIN_PORTS', '0-9'],
    ['MEDIA_PLAIN_PORTS', '65000-65536'],
    ['SFU_WORKERS', '0'],
    ['SFU_WORKERS', '1e3'],
  ])('is refused by name: %s=%s', (variable, value) => {
    const read = (): unknown => readSfuSettings({ [variable]: value })
    expect(read).toThrow(BadSetting)
    expect(read).toThrow(`${variable} must be`)
  })

  it('must leave a port for each worker', () => {
    expect(() => readSfuSettings({ MEDIA_PORT: '65535', SFU_WORKERS: '2' })).toThrow('leaves no room for 2 workers')
  })
})

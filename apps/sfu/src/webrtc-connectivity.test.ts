import { EventEmitter } from 'node:events'
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import type { types } from 'mediasoup'
import { WebRtcConnectivity, type Link } from './webrtc-connectivity.ts'

/** A transport whose states are set by hand: mediasoup's own follow a network, which a test does not move. */
class HandLink extends EventEmitter {
  iceState: types.IceState = 'new'
  dtlsState: types.DtlsState = 'new'

  ice(state: types.IceState): void {
    this.iceState = state
    this.emit('icestatechange', state)
  }

  dtls(state: types.DtlsState): void {
    this.dtlsState = state
    this.emit('dtlsstatechange', state)
  }
}

const graceMs = 2_000
let send: HandLink
let receive: HandLink
let told: string[]
let connectivity: WebRtcConnectivity

beforeEach(() => {
  jest.useFakeTimers()
  told = []
  send = new HandLink()
  receive = new HandLink()
  // It asks a transport for its two states and their events, no more.
  const links = [send, receive] as unknown as Link[]
  connectivity = new WebRtcConnectivity(links, graceMs, { up: () => told.push('up'), lost: () => told.push('lost') })
})
afterEach(() => {
  expect(jest.getTimerCount()).toBe(0)
  jest.useRealTimers()
})

function connect(...links: HandLink[]): void {
  for (const link of links) {
    link.ice('connected')
    link.dtls('connecting')
    link.dtls('connected')
    link.ice('completed')
  }
}

describe('a leg', () => {
  it('is up once both transports are, and is told of once', () => {
    connect(send)
    expect(told).toEqual([])
    connect(receive)
    expect(told).toEqual(['up'])
  })

  it('survives a silence that is shorter than the grace', () => {
    connect(send, receive)
    receive.ice('disconnected')
    jest.advanceTimersByTime(graceMs - 1)
    receive.ice('connected')
    jest.advanceTimersByTime(graceMs)
    expect(told).toEqual(['up'])
  })

  it('is lost after it, although the other transport goes on', () => {
    connect(send, receive)
    receive.ice('disconnected')
    jest.advanceTimersByTime(graceMs - 1)
    send.ice('completed')
    expect(told).toEqual(['up'])
    jest.advanceTimersByTime(1)
    expect(told).toEqual(['up', 'lost'])
  })

  it('that comes back by itself is up again', () => {
    connect(send, receive)
    send.ice('disconnected')
    receive.ice('disconnected')
    jest.advanceTimersByTime(graceMs)
    send.ice('connected')
    expect(told).toEqual(['up', 'lost'])
    receive.ice('connected')
    expect(told).toEqual(['up', 'lost', 'up'])
  })

  it.each(['failed', 'closed'] as const)('is lost at once when DTLS has %s, and once', (state) => {
    connect(send, receive)
    receive.ice('disconnected')
    receive.dtls(state)
    send.dtls(state)
    jest.advanceTimersByTime(graceMs)
    expect(told).toEqual(['up', 'lost'])
  })

  it('that was closed tells nothing any more', () => {
    connect(send, receive)
    send.ice('disconnected')
    connectivity.close()
    receive.dtls('closed')
    jest.advanceTimersByTime(graceMs)
    expect(told).toEqual(['up'])
  })
})

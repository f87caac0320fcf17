/**
 * Whether the media of a browser's leg can flow, read from its two transports:
 *
 *   new ── both ICE and DTLS connected ──▶ up ──▶ lost ── both connected again ──▶ up
 *    └────── ICE gone for the grace time, or DTLS failed or closed ──────▶ lost
 *
 * A leg that never connects is no matter of this class: api gives it a deadline.
 */
import type { types } from 'mediasoup'

/** The part of a WebRtcTransport that is looked at. */
export type Link = Pick<types.WebRtcTransport, 'iceState' | 'dtlsState' | 'on'>

export class WebRtcConnectivity {
  readonly #links: readonly Link[]
  readonly #graceMs: number
  readonly #on: { up: () => void; lost: () => void }
  #state: 'new' | 'up' | 'lost' = 'new'
  #grace: NodeJS.Timeout | undefined
  #isClosed = false

  constructor(links: readonly Link[], graceMs: number, on: { up: () => void; lost: () => void }) {
    this.#links = links
    this.#graceMs = graceMs
    this.#on = on
    for (const link of links) {
      link.on('icestatechange', () => this.#look())
      link.on('dtlsstatechange', () => this.#look())
    }
  }

  /** Looks away; nothing is told any more. */
  close(): void {
    this.#isClosed = true
    this.#endGrace()
  }

  #look(): void {
    if (this.#isClosed) return
    if (this.#links.some(hasFailed)) return this.#become('lost')
    if (this.#links.some((link) => link.iceState === 'disconnected')) return this.#beginGrace()
    this.#endGrace()
    if (this.#links.every(isConnected)) this.#become('up')
  }

  #become(state: 'up' | 'lost'): void {
    this.#endGrace()
    if (this.#state === state) return
    this.#state = state
    this.#on[state]()
  }

  #beginGrace(): void {
    this.#grace ??= setTimeout(() => this.#become('lost'), this.#graceMs)
  }

  #endGrace(): void {
    clearTimeout(this.#grace)
    this.#grace = undefined
  }
}

function isConnected({ iceState, dtlsState }: Link): boolean {
  return (iceState === 'connected' || iceState === 'completed') && dtlsState === 'connected'
}

function hasFailed({ dtlsState }: Link): boolean {
  return dtlsState === 'failed' || dtlsState === 'closed'
}

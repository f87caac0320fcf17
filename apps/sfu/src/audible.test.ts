import { describe, expect, it } from '@jest/globals'
import type { types } from 'mediasoup'
import { LegId, ProducerId } from '@parley/protocol'
import { Audible } from './audible.ts'
import type { Sound } from './sent-track.ts'
import { microphone } from './testing/device.ts'

const leg = (name: string): LegId => LegId.parse(`leg_${name.padEnd(8, '0')}`)

/** Who is heard is chosen by ids alone: no router is asked. */
const router = {} as types.Router

function sound(name: string, isMuted = false): Sound {
  const id = ProducerId.parse(name)
  return { track: { id, legId: leg(name), source: 'microphone', rtpParameters: microphone(), router }, isMuted }
}

const nobody = { speaking: [], lately: [] }
const three = ['a', 'b', 'c'].map((name) => sound(name))
const four = [...three, sound('d')]

const names = (tracks: { id: string }[]): string[] => tracks.map(({ id }) => id).toSorted()

/** Who spoke last, and how loud those are who speak now. */
function spoken(lately: string, levels: Record<string, number> = {}) {
  const speaking = Object.entries(levels).map(([name, dbov]) => ({ legId: leg(name), dbov }))
  return { speaking, lately: [...lately].map((name) => leg(name)) }
}

describe('in a small call', () => {
  it('everyone is heard, muted or not', () => {
    const audible = new Audible(3)
    const sounds = [sound('a'), sound('b', true)]
    expect(names(audible.choose(sounds, nobody).begun)).toEqual(['a', 'b'])
    expect(audible.choose(sounds, nobody)).toEqual({ begun: [], ended: [] })
  })
})

describe('in a larger call', () => {
  it('all who are not muted are heard while they are few enough', () => {
    const audible = new Audible(3)
    audible.choose([...three.slice(0, 2), sound('c', true), sound('d')], nobody)
    expect(names(audible.tracks)).toEqual(['a', 'b', 'd'])
  })

  it('those who spoke last are heard, and who has said nothing is not', () => {
    const audible = new Audible(3)
    audible.choose(three, nobody)
    const { begun, ended } = audible.choose(four, spoken('da'))
    expect([names(begun), names(ended)]).toEqual([['d'], ['b', 'c']])
  })

  it('a newcomer takes the place of who has been silent longest', () => {
    const audible = new Audible(3)
    audible.choose(four, spoken('abc'))
    const { begun, ended } = audible.choose(four, spoken('dabc', { d: -30 }))
    expect([names(begun), names(ended)]).toEqual([['d'], ['c']])
  })

  it('who has spoken too long ago is heard again when others have muted themselves', () => {
    const audible = new Audible(3)
    audible.choose(four, spoken('abcd'))
    const muted = [sound('a', true), ...four.slice(1)]
    expect(names(audible.choose(muted, spoken('abcd')).begun)).toEqual(['d'])
  })

  it('the loudest are heard when too many speak at once, and a little louder does not do', () => {
    const audible = new Audible(3)
    audible.choose(four, spoken('abc', { a: -20, b: -30, c: -40 }))
    expect(names(audible.tracks)).toEqual(['a', 'b', 'c'])
    audible.choose(four, spoken('dabc', { a: -20, b: -30, c: -40, d: -36 }))
    expect(names(audible.tracks)).toEqual(['a', 'b', 'c'])
    audible.choose(four, spoken('dabc', { a: -20, b: -30, c: -40, d: -33 }))
    expect(names(audible.tracks)).toEqual(['a', 'b', 'd'])
  })

  it('a track that has ended is not named any more', () => {
    const audible = new Audible(3)
    audible.choose(three, nobody)
    for (const { track } of three.slice(0, 1)) audible.forget(track)
    expect(audible.choose(three.slice(1), nobody)).toEqual({ begun: [], ended: [] })
  })
})

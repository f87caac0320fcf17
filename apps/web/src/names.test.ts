import { describe, expect, it } from '@jest/globals'
import { initialsOf, nameOf, numberOf, telephoneOf, toneCount, toneOf } from './names.ts'

const named = (displayName: string) => ({ user: '8:acs:1f0e_00aa1234', displayName })

describe('a name on the page', () => {
  it('is shown as it was given', () => {
    expect(nameOf(named('Zoë O’Neill'))).toBe('Zoë O’Neill')
    expect(nameOf(named('محمد'))).toBe('محمد')
  })

  it('cannot turn the text around it', () => {
    const controls = '\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069'
    expect(nameOf(named(`Bob${controls}by`))).toBe('Bobby')
  })

  it('stays on one line and has no unseen characters', () => {
    expect(nameOf(named(' Bob\n\tthe\u0000 \u200bBuilder\u007f '))).toBe('Bob the Builder')
  })

  it('keeps the joiners that letters and emoji are made with', () => {
    expect(nameOf(named('👩‍💻'))).toBe('👩‍💻')
  })

  it('is markup for nobody: it comes back as the same characters, to be set as text', () => {
    expect(nameOf(named('<img src=x>'))).toBe('<img src=x>')
  })

  it('is never empty', () => {
    expect(nameOf(named('\u202e \u200b'))).toBe('Guest 1234')
    expect(nameOf(named('8:acs:1f0e_00aa1234'))).toBe('Guest 1234')
  })

  it('is cut between characters, not inside one', () => {
    const name = nameOf(named('🦊'.repeat(100)))
    expect([...name]).toEqual(Array(60).fill('🦊'))
  })
})

describe('the round picture', () => {
  it('has the first letters of the first and the last word', () => {
    expect(initialsOf(named('bob'))).toBe('B')
    expect(initialsOf(named('Ann Mary Smith'))).toBe('AS')
    expect(initialsOf(named('(Dr.) Ann'))).toBe('DA')
    expect(initialsOf(named('🦊'))).toBe('?')
  })

  it('has one of the colours, always the same', () => {
    const tones = Array.from({ length: 50 }, (_, n) => toneOf({ user: `8:acs:${n}`, displayName: '' }))
    expect(tones.every((tone) => Number.isInteger(tone) && tone >= 0 && tone < toneCount)).toBe(true)
    expect(new Set(tones).size).toBe(toneCount)
    expect(toneOf(named('Bob'))).toBe(toneOf(named('Robert')))
  })
})

describe('a telephone', () => {
  it('is called by a number however it is written, and shows as its number', () => {
    expect(telephoneOf('+49 (30) 123-456')).toEqual({ user: '4:+4930123456', displayName: '+4930123456' })
    expect(nameOf({ user: '4:+4930123456', displayName: '' })).toBe('+4930123456')
    expect(nameOf({ user: '4:+4930123456', displayName: 'Office' })).toBe('Office')
  })

  it('may hide its number', () => {
    expect(nameOf({ user: '4:anonymous', displayName: '' })).toBe('A phone without a number')
  })

  it('is nobody with another id', () => {
    expect(numberOf(named('Bob'))).toBeUndefined()
  })
})

import { describe, expect, it } from '@jest/globals'
import { Memory, type Store } from './memory.ts'

const ann = { user: '8:acs:ann', displayName: 'Ann', token: 'a.b.c', expiresAt: 3_600_000 }

function store(): Store {
  const values = new Map<string, string>()
  return {
    getItem: (key) => values.get(key) ?? null,
    setItem: (key, value) => void values.set(key, value),
    removeItem: (key) => void values.delete(key),
  }
}

describe('what a window remembers', () => {
  it('is its identity, while that lives', () => {
    const kept = store()
    new Memory(() => kept).remember(ann)
    expect(new Memory(() => kept).recall(0)).toEqual({ identity: ann, name: 'Ann' })
  })

  it('is only the name, when the identity has run out or is about to', () => {
    const kept = store()
    const memory = new Memory(() => kept)
    memory.remember(ann)
    expect(memory.recall(3_590_000)).toEqual({ identity: undefined, name: 'Ann' })
  })

  it('is nothing after it was given up', () => {
    const kept = store()
    const memory = new Memory(() => kept)
    memory.remember(ann)
    memory.forget()
    expect(memory.recall(0)).toEqual({ identity: undefined, name: '' })
  })

  it.each(['{', '{"user":1}', '[]', 'null'])('is nothing when something else stands there: %s', (text) => {
    const kept = store()
    kept.setItem('parley.identity', text)
    expect(new Memory(() => kept).recall(0)).toEqual({ identity: undefined, name: '' })
  })

  it('is nothing where the browser refuses to remember, and that is no fault', () => {
    const memory = new Memory(() => {
      throw new Error('cookies are blocked')
    })
    memory.remember(ann)
    memory.forget()
    expect(memory.recall(0)).toEqual({ identity: undefined, name: '' })
  })
})

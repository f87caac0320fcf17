import { expect, it } from '@jest/globals'
import { verbs } from './socket.ts'

const hello = { protocol: 1, token: 'a token', device: 'one-device' }

it.each(['Ann', 'Zoë', '漢字', '😀', ''])('a display name may be %j', (displayName) => {
  expect(verbs.hello.body.safeParse({ ...hello, displayName }).success).toBe(true)
})

// The last two are halves of a surrogate pair, which no database stores.
it.each(['two\nlines', '\u0000', 'x'.repeat(257), 'a\ud83d', '\ude00b'])(
  'a display name may not be %j',
  (displayName) => {
    expect(verbs.hello.body.safeParse({ ...hello, displayName }).success).toBe(false)
  },
)

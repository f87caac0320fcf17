import { describe, expect, it } from '@jest/globals'
import { linkTo, placeIn, placeTyped } from './place.ts'

describe('an address', () => {
  it.each([{ groupId: '3f1c2f1e-7a55-4a43-8a5f-0c9a5f4f7a11' }, { roomId: '99412345678901234' }])(
    'leads to the place that it was made for: %p',
    (place) => {
      expect(placeIn(new URL(linkTo(place, 'http://localhost:8080')).search)).toEqual(place)
    },
  )

  it('carries what somebody mistyped, for the SDK to say what is wrong with it', () => {
    expect(placeIn('?group=my%20group')).toEqual({ groupId: 'my group' })
  })

  it.each(['', '?group=', '?room=', '?other=1'])('leads nowhere without a place: %p', (search) => {
    expect(placeIn(search)).toBeUndefined()
  })
})

describe('what somebody has typed', () => {
  const groupId = '3f1c2f1e-7a55-4a43-8a5f-0c9a5f4f7a11'
  // prettier-ignore
  it.each([
    ['a link',                 ` https://calls.example.com/?group=${groupId}\n`, { groupId }],
    ['the id of a group',      groupId.toUpperCase(),                            { groupId: groupId.toUpperCase() }],
    ['the id of a room',       ' 99412345678901234 ',                            { roomId: '99412345678901234' }],
    ['a link to elsewhere',    'https://example.com/',                           { roomId: 'https://example.com/' }],
  ])('leads somewhere, or the SDK says that it does not: %s', (_what, typed, place) => {
    expect(placeTyped(typed)).toEqual(place)
  })
})

import { describe, expect, it } from '@jest/globals'
import { PhoneNumber } from './raw-id.ts'
import { numberAsDialled, numberAsReceived, type Trunk } from './trunks.ts'

type Writing = Pick<Trunk, 'numberFormat' | 'countryCode' | 'nationalPrefix'>
const plus: Writing = { numberFormat: '+E164', nationalPrefix: '0' }
const bare: Writing = { numberFormat: 'E164', nationalPrefix: '0' }
const zeros: Writing = { numberFormat: '00E164', nationalPrefix: '0' }
const german: Writing = { numberFormat: 'national', countryCode: '49', nationalPrefix: '0' }
const spanish: Writing = { numberFormat: 'national', countryCode: '34', nationalPrefix: '' }

describe('a number', () => {
  // prettier-ignore
  it.each<[number: string, writing: Writing, dialled: string]>([
    ['+4930123456', plus,    '+4930123456'], ['+4930123456', bare,    '4930123456'], ['+4930123456', zeros,  '004930123456'],
    ['+4930123456', german,  '030123456'  ], ['+4312345678', german,  '004312345678'], ['+34912345678', spanish, '912345678'],
    ['22833',       german,  '22833'      ], ['22833',       bare,    '22833'],
  ])('%s is dialled as its trunk %j wants it: %s', (number, writing, dialled) => {
    expect(numberAsDialled(PhoneNumber.parse(number), writing)).toBe(dialled)
  })

  // prettier-ignore
  it.each<[written: string, writing: Writing, number: string | undefined]>([
    ['+4930123456',      plus,    '+4930123456'], ['tel:+49-30-123456', plus,    '+4930123456'], ['+49 (30) 12.34.56', plus,  '+4930123456'],
    ['004930123456',     plus,    '+4930123456'], ['4930123456',        bare,    '+4930123456'], ['030123456',         german, '+4930123456'],
    ['004312345678',     german,  '+4312345678'], ['912345678',         spanish, '+34912345678'], ['115',              german, '115'],
    ['030123456',        plus,    undefined    ], ['4930123456',        german,  undefined    ],
    ['echo123',          plus,    undefined    ], ['+49٣٠123456',       plus,    undefined    ], ['',                  plus,  undefined],
    ['+4930123456;ext=1',plus,    undefined    ], ['+4930123456,1',     plus,    undefined    ], ['+123',              plus,  undefined],
  ])('%s comes over the trunk %j as %s', (written, writing, number) => {
    expect(numberAsReceived(written, writing)).toBe(number)
  })
})

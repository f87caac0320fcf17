import { describe, expect, it } from '@jest/globals'
import {
  escaped,
  isSameUri,
  may,
  parseNameAddr,
  parseUri,
  unescaped,
  userOf,
  withParameter,
  writeNameAddr,
  writeUri,
} from './index.ts'

describe('URIs', () => {
  it('are written as they were read', () => {
    const texts = [
      'sip:ann@example.com',
      'sips:ann:secret@[2001:db8::10]:5061;transport=tls;lr',
      'sip:+1-212-555-1212:1234@gateway.com;user=phone',
      'sip:ann@example.com;maddr=239.255.255.1;ttl=15?subject=project%20x&priority=urgent',
      'sip:%61lice@atlanta.com;transport=TCP',
      'tel:+49-30-123456;phone-context=example.com',
      'urn:service:sos',
      'sip:#31#0301234@example.com',
    ]
    for (const text of texts) expect(writeUri(parseUri(text))).toBe(text)
  })

  it('that are none are refused', () => {
    for (const text of [
      '',
      'sip:',
      'sip:@example.com',
      'sip:ann@',
      'sip:ann@exa mple.com',
      'sip:a@b:99999',
      'sip:a@[::1',
      'tel:abc!',
    ]) {
      expect(() => parseUri(text)).toThrow(/URI|host|telephone/)
    }
  })

  it('are the same as RFC 3261 section 19.1.4 says', () => {
    const same = [
      ['sip:%61lice@atlanta.com;transport=TCP', 'sip:alice@AtLanTa.CoM;Transport=tcp'],
      ['sip:carol@chicago.com', 'sip:carol@chicago.com;newparam=5'],
      ['sip:carol@chicago.com;security=on', 'sip:carol@chicago.com;newparam=5'],
      [
        'sip:biloxi.com;transport=tcp;method=REGISTER?to=sip:bob%40biloxi.com',
        'sip:biloxi.com;method=REGISTER;transport=tcp?to=sip:bob%40biloxi.com',
      ],
    ]
    const different = [
      ['SIP:ALICE@AtLanTa.CoM;Transport=udp', 'sip:alice@AtLanTa.CoM;Transport=UDP'],
      ['sip:bob@biloxi.com', 'sip:bob@biloxi.com:5060'],
      ['sip:bob@biloxi.com', 'sip:bob@biloxi.com;transport=udp'],
      ['sip:carol@chicago.com', 'sip:carol@chicago.com?Subject=next%20meeting'],
      ['sip:carol@chicago.com;security=on', 'sip:carol@chicago.com;security=off'],
    ]
    for (const [one = '', other = ''] of same) expect(isSameUri(parseUri(one), parseUri(other))).toBe(true)
    for (const [one = '', other = ''] of different) expect(isSameUri(parseUri(one), parseUri(other))).toBe(false)
  })

  it('hold any user once it is escaped', () => {
    const user = 'Ann Ö. <x>@%;?'
    expect(unescaped(escaped(user, may.user))).toBe(user)
    expect(userOf(parseUri(`sip:${escaped(user, may.user)}@example.com`))).toBe(user)
    expect(unescaped('100%')).toBeUndefined()
  })
})

describe('addresses', () => {
  it('have names, quoted or not, and parameters of their own', () => {
    expect(parseNameAddr('Ann Lee <sip:ann@example.com>;tag=1')).toMatchObject({ displayName: 'Ann Lee' })
    expect(parseNameAddr('"Ann, \\"Lee\\"" <sip:ann@example.com>')).toMatchObject({ displayName: 'Ann, "Lee"' })
    expect(parseNameAddr('sip:ann@example.com;tag=1').parameters.get('tag')).toBe('1')
    expect(parseNameAddr('<sip:ann@example.com;tag=1>').parameters.size).toBe(0)
  })

  it('are written so that they are read as the same', () => {
    for (const displayName of ['Ann', 'Ann "the \\ boss" Lee', '', 'Änn']) {
      const address = withParameter(parseNameAddr('<sip:ann@example.com>'), 'tag', 'a b')
      const written = writeNameAddr(displayName === '' ? address : { ...address, displayName })
      expect(parseNameAddr(written).displayName ?? '').toBe(displayName)
      expect(parseNameAddr(written).parameters.get('tag')).toBe('a b')
    }
  })

  it('hold no line ends', () => {
    expect(() => writeNameAddr({ ...parseNameAddr('<sip:a@b>'), displayName: 'a\r\nb' })).toThrow('line end')
  })
})

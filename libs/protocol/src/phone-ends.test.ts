import { describe, expect, it } from '@jest/globals'
import { reasonOfStatus, statusOfReason } from './phone-ends.ts'
import { endOf, reasons, type ReasonName } from './reasons.ts'

const names = Object.keys(reasons) as ReasonName[]
const finals = Array.from({ length: 400 }, (_, n) => n + 300)

describe('a final response to a call that we place', () => {
  // prettier-ignore
  it.each<[status: number, reason: ReasonName, code: number, subCode: number]>([
    [302, 'phoneMoved',     410, 560302], [400, 'phoneMalformed',  400, 560400], [401, 'phoneUnproven', 401, 560401],
    [403, 'phoneForbidden', 403, 560403], [404, 'phoneUnknown',    404, 560404], [407, 'phoneUnproven', 401, 560401],
    [408, 'phoneNoAnswer',  408, 560408], [410, 'phoneGone',       410, 560410], [420, 'phoneMalformed',400, 560400],
    [480, 'phoneAway',      480, 560480], [484, 'phoneIncomplete', 484, 560484], [485, 'phoneIncomplete',484, 560484],
    [486, 'phoneBusy',      486, 560486], [487, 'phoneStopped',    487, 560487], [488, 'phoneNoCodec',  488, 560488],
    [500, 'phoneFault',     500, 560500], [502, 'phoneFault',      500, 560500], [503, 'trunkAway',     503, 560503],
    [504, 'trunkAway',      503, 560503], [600, 'phoneBusy',       486, 560486], [603, 'phoneDeclined', 603, 560603],
    [604, 'phoneUnknown',   404, 560404], [606, 'phoneNoCodec',    488, 560488], [607, 'phoneDeclined', 603, 560603],
    [608, 'phoneDeclined',  603, 560603], [699, 'phoneDeclined',   603, 560603], [200, 'phoneFault',    500, 560500],
  ])('%i is %s, %i/%i', (status, reason, code, subCode) => {
    expect(reasonOfStatus(status)).toBe(reason)
    expect(endOf(reason)).toMatchObject({ code, subCode })
  })

  it('has a reason of calls to phones, whichever it is', () => {
    for (const status of finals) expect(endOf(reasonOfStatus(status)).subCode).toBeGreaterThanOrEqual(560_300)
  })
})

describe('the final response to a phone that calls', () => {
  // prettier-ignore
  it.each<[reason: ReasonName, status: number]>([
    ['declined',        603], ['noAnswer',          480], ['noEndpoint',   480], ['cancelled',     487],
    ['noRoute',         404], ['noTrunk',           403], ['unavailable',  503], ['lobbyDenied',   403],
    ['callerIdRefused', 403], ['tooManyPhoneCalls', 403], ['hungUp',       480], ['roomClosed',    480],
    ['phoneBusy',       486], ['phoneLost',         503], ['malformedId',  400], ['connectFailed', 480],
  ])('is %s: %i', (reason, status) => {
    expect(statusOfReason(reason)).toBe(status)
  })

  it('is a final failure for every reason, and none that asks for a password or has the network try again', () => {
    for (const name of names) {
      expect(finals).toContain(statusOfReason(name))
      expect(statusOfReason(name)).toBeGreaterThanOrEqual(400)
      expect([401, 407, 408]).not.toContain(statusOfReason(name))
    }
  })
})

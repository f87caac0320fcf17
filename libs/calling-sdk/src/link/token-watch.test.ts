import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { TestClock } from '../../test/test-clock.ts'
import { token } from '../../test/tokens.ts'
import { refused } from '../calling-error.ts'
import { silent } from '../log.ts'
import { TokenWatch } from './token-watch.ts'

const startMs = 1_800_000_000_000
const endingIn = (minutes: number, jti = '') => token({ exp: startMs / 1000 + minutes * 60, jti })

let clock: TestClock
let watch: TokenWatch
let credential: () => Promise<string>
let handedIn: string[]
let refusal: Error | undefined
let ranOut: number

beforeEach(() => {
  clock = new TestClock()
  handedIn = []
  refusal = undefined
  ranOut = 0
})
afterEach(() => watch.close())

function watching(first: string): void {
  credential = async () => first
  watch = new TokenWatch(first, {
    clock,
    log: silent,
    // The server's clock, which the device's own has nothing to do with.
    serverNow: () => startMs + clock.now(),
    token: () => credential(),
    handIn: async (fresh) => {
      if (refusal !== undefined) throw refusal
      handedIn.push(fresh)
    },
    ranOut: () => ranOut++,
  })
}

async function passMinutes(minutes: number): Promise<void> {
  for (let minute = 0; minute < minutes; minute++) {
    clock.pass(60_000)
    await new Promise((resolve) => setImmediate(resolve))
  }
}

describe('a token that nears its end', () => {
  it('is followed by a fresh one, which the server is given once', async () => {
    watching(endingIn(60))
    credential = async () => endingIn(120)
    await passMinutes(49)
    expect(handedIn).toEqual([])
    await passMinutes(5)
    expect(handedIn).toEqual([endingIn(120)])
    await passMinutes(20)
    expect(ranOut).toBe(0)
  })

  it('is asked about again when the credential fails', async () => {
    watching(endingIn(9))
    credential = async () => {
      throw new Error('no way to the app’s server')
    }
    await passMinutes(3)
    credential = async () => endingIn(120)
    await passMinutes(1)
    expect(handedIn).toEqual([endingIn(120)])
  })

  it('and has no successor runs out, once', async () => {
    watching(endingIn(9))
    await passMinutes(8)
    expect(ranOut).toBe(0)
    await passMinutes(30)
    expect(ranOut).toBe(1)
    expect(clock.waits).toBe(0)
  })

  it('has run out when the server does not accept its successor', async () => {
    watching(endingIn(9))
    credential = async () => endingIn(120)
    refusal = refused({ name: 'unauthenticated', code: 401, subCode: 10009, message: '' })
    await passMinutes(1)
    expect(ranOut).toBe(1)
  })
})

it('is over when the agent is', async () => {
  watching(endingIn(9))
  watch.close()
  await passMinutes(30)
  expect(ranOut).toBe(0)
  expect(clock.waits).toBe(0)
})

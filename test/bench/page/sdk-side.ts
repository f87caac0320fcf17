/** A side of a call that is made by Parley's SDK, as an app makes it. Runs in the page. */
import type { Call, CallAgent, IncomingCall } from '@parley/calling-sdk'
import type { Side } from './side.ts'

export function sdkSide(): void {
  let agent: CallAgent | undefined
  let call: Call | undefined

  function present<T>(value: T | undefined, what: string): T {
    if (value === undefined) throw new Error(`There is no ${what} yet.`)
    return value
  }

  const mine: Side = {
    async arrive({ server, token = '' }) {
      const sdk = (await import(`${server}/sdk/calling-sdk.js`)) as typeof import('@parley/calling-sdk')
      const credential = { getToken: async () => ({ token, expiresOnTimestamp: Date.now() + 3_600_000 }), dispose() {} }
      agent = await new sdk.CallClient().createCallAgent(credential)
    },

    async call(whom) {
      call = present(agent, 'agent').startCall([{ communicationUserId: whom }])
    },

    accept(afterMs) {
      const { promise, resolve, reject } = Promise.withResolvers<number>()
      const here = present(agent, 'agent')
      const take = async (incomingCall: IncomingCall) => {
        if (afterMs > 0) await new Promise((later) => setTimeout(later, afterMs))
        const acceptedAt = performance.timeOrigin + performance.now()
        call = await incomingCall.accept()
        resolve(acceptedAt)
      }
      const onIncoming = ({ incomingCall }: { incomingCall: IncomingCall }) => {
        here.off('incomingCall', onIncoming)
        take(incomingCall).catch((error: unknown) => reject(error))
      }
      here.on('incomingCall', onIncoming)
      return promise
    },

    hangUp: () => present(call, 'call').hangUp(),

    ended() {
      const mine = present(call, 'call')
      return new Promise((resolve) => {
        const look = () => mine.state === 'Disconnected' && resolve()
        mine.on('stateChanged', look)
        look()
      })
    },
  }
  globalThis.side = mine
}

/** Calls on a network that loses what it likes, with people who do what they like: what holds whatever happens. */
import { expect, it } from '@jest/globals'
import fc from 'fast-check'
import { place, type Phone } from '../testing/phones.ts'
import type { IncomingInvite, InviteSession } from './session.ts'

const doings = ['hold', 'resume', 'reoffer', 'infoDigit', 'terminate'] as const
const answers = ['accept', 'ring and accept', 'early media', 'reject', 'nothing', 'ring, then hang up'] as const

const story = fc.record({
  /** Of a hundred messages, so many are lost. */
  losses: fc.nat({ max: 40 }),
  luck: fc.array(fc.nat({ max: 99 }), { minLength: 50, maxLength: 50 }),
  answer: fc.constantFrom(...answers),
  hasOffer: fc.boolean(),
  reliable: fc.constantFrom('off' as const, 'supported' as const, 'required' as const),
  doings: fc.array(
    fc.record({ who: fc.constantFrom('ann', 'bob'), what: fc.constantFrom(...doings), afterMs: fc.nat({ max: 3000 }) }),
    { maxLength: 8 },
  ),
})

function answersWith(bob: Phone, call: IncomingInvite, answer: (typeof answers)[number]): void {
  call.useMedia(bob.media)
  switch (answer) {
    case 'nothing':
      return
    case 'reject':
      call.reject(486)
      return
    case 'ring, then hang up':
      call.ring()
      void call.terminate()
      return
    case 'early media':
      call
        .progress()
        .then(() => call.accept())
        .catch(() => undefined)
      return
    case 'ring and accept':
      call.ring()
      call.accept().catch(() => undefined)
      return
    case 'accept':
      call.accept().catch(() => undefined)
  }
}

function does(call: InviteSession | undefined, what: (typeof doings)[number]): void {
  if (call === undefined) return
  if (what === 'terminate') void call.terminate()
  else if (what === 'infoDigit') call.infoDigit('1').catch(() => undefined)
  else call[what]().catch(() => undefined)
}

it('every call ends once on each side, nothing fails unseen, and nothing is left', async () => {
  await fc.assert(
    fc.asyncProperty(story, async (told) => {
      const { clock, network, phone, failures } = place()
      const ann = await phone('ann')
      const bob = await phone('bob')
      let messages = 0
      network.loses = () => (told.luck[(messages += 1) % told.luck.length] ?? 0) < told.losses
      bob.answers = (call) => answersWith(bob, call, told.answer)
      const call = ann.calls(bob, { hasOffer: told.hasOffer, reliable: told.reliable })
      await clock.passes(1000)
      for (const { who, what, afterMs } of told.doings) {
        does(who === 'ann' ? call : bob.incoming[0], what)
        await clock.passes(afterMs)
      }
      void call.terminate()
      // The longest that anybody waits: a ring limit and the ends of all that was under way.
      await clock.passes(400_000)
      expect(failures).toEqual([])
      expect([ann.agent.sessions, bob.agent.sessions]).toEqual([[], []])
      expect(ann.told.filter((what) => what.startsWith('ended'))).toHaveLength(1)
      expect(bob.told.filter((what) => what.startsWith('ended'))).toHaveLength(bob.incoming.length)
      expect(ann.told.at(-1)).toMatch(/^ended/)
      expect(ann.told.filter((what) => what === 'confirmed').length).toBeLessThan(2)
      const before = network.sent.length
      await clock.passes(400_000)
      expect(network.sent).toHaveLength(before)
    }),
    { numRuns: 100 },
  )
}, 60_000)

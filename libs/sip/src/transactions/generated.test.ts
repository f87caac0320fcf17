/**
 * Transactions over a network that loses, as it likes: whatever is lost, each request is told once to the one who is
 * asked, ends once for the one who asks, and leaves nothing behind.
 */
import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { annAndBob } from '../testing/people.ts'

const scenario = fc.record({
  transport: fc.constantFrom('udp', 'tcp'),
  method: fc.constantFrom('INVITE', 'OPTIONS', 'BYE'),
  statuses: fc.array(fc.constantFrom(100, 180, 183), { maxLength: 3 }),
  final: fc.constantFrom(200, 302, 404, 486, 503, 603, undefined),
  answersAfterMs: fc.constantFrom(0, 50, 250, 900, 5000, 20_000),
  cancelsAfterMs: fc.constantFrom(undefined, 0, 5, 100, 1000, 6000),
  delayMs: fc.constantFrom(1, 20, 400),
  losses: fc.array(fc.boolean(), { maxLength: 30 }),
})

describe('transactions on a network with losses', () => {
  it('tell everything once and leave nothing behind', async () => {
    await fc.assert(
      fc.asyncProperty(scenario, async (story) => {
        const { clock, network, ann, bob } = annAndBob(story.transport)
        network.delayMs = story.delayMs
        // A stream loses nothing.
        network.loses = () => story.transport === 'udp' && (story.losses[network.sent.length] ?? false)
        bob.answers = (transaction) => {
          for (const status of story.statuses) transaction.reply(status)
          const { final } = story
          if (final !== undefined) clock.after(story.answersAfterMs, () => transaction.reply(final))
        }
        const request = ann.asks(story.method, [bob])
        if (story.cancelsAfterMs !== undefined) clock.after(story.cancelsAfterMs, () => request.cancel())
        await clock.passes(40_000)
        if (story.method === 'INVITE') request.cancel()
        await clock.passes(140_000)

        const ends = ann.told.filter((what) => /^([2-6]\d\d|failed.*)$/.test(what))
        expect(ends).toHaveLength(1)
        // The end comes last: nothing provisional is heard after it.
        expect(ann.told.filter((what) => !/^(dropped|stray|further)/.test(what)).at(-1)).toBe(ends[0])
        expect(bob.told.filter((what) => what === story.method).length).toBeLessThanOrEqual(1)
        expect(bob.told.filter((what) => what === 'ended')).toHaveLength(
          bob.requests.filter(({ isAnswered }) => isAnswered).length,
        )
        expect(ann.layer.size).toBe(0)
        // What was never answered stays until it is: only its user can end it.
        expect(bob.layer.size).toBe(bob.requests.filter(({ isAnswered }) => !isAnswered).length)
      }),
      { numRuns: 60 },
    )
  }, 30_000)
})

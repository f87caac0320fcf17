import { expect, it } from '@jest/globals'
import { SendingTurns } from './sending-turns.ts'

/** Longer than one turn writes. */
const longMs = 1

const turn = () => new Promise(setImmediate)
function writeFor(ms: number): void {
  const endsAt = performance.now() + ms
  while (performance.now() < endsAt);
}

it('writes to all in their order, and lets others have a turn in between', async () => {
  const turns = new SendingTurns()
  const order: string[] = []
  for (const name of ['ann', 'bob', 'cid']) {
    turns.take(() => {
      writeFor(longMs)
      order.push(name)
    })
  }
  expect(order).toEqual([])
  for (const request of [1, 2, 3]) {
    await turn()
    order.push(`request ${request}`)
  }
  expect(order).toEqual(['ann', 'request 1', 'bob', 'request 2', 'cid', 'request 3'])
})

it('writes once to who was taken twice, and again to who is taken later', async () => {
  const turns = new SendingTurns()
  const order: string[] = []
  const [ann, bob] = ['ann', 'bob'].map((name) => () => void order.push(name)) as [() => void, () => void]
  turns.take(ann)
  turns.take(bob)
  turns.take(ann)
  await turn()
  turns.take(ann)
  await turn()
  expect(order).toEqual(['ann', 'bob', 'ann'])
})

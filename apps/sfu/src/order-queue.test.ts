import { expect, it } from '@jest/globals'
import { OrderQueue } from './order-queue.ts'

it('runs orders of one key one after another, those of others meanwhile', async () => {
  const queue = new OrderQueue<string>()
  const story: string[] = []
  const first = Promise.withResolvers<void>()
  const orders = [
    queue.run('call', () => first.promise.then(() => story.push('first ends'))),
    queue.run('call', async () => story.push('second')),
    queue.run('other', async () => story.push('other')),
  ]
  await orders[2]
  expect(story).toEqual(['other'])
  first.resolve()
  await Promise.all(orders)
  expect(story).toEqual(['other', 'first ends', 'second'])
})

it('gives a failure to whoever queued the order, and goes on', async () => {
  const queue = new OrderQueue<string>()
  const failing = queue.run('call', () => Promise.reject(new Error('refused')))
  const next = queue.run('call', async () => 'done')
  await expect(failing).rejects.toThrow('refused')
  expect(await next).toBe('done')
})

it('is idle when nothing waits and nothing runs', async () => {
  const queue = new OrderQueue<string>()
  await queue.idle()
  const ended: string[] = []
  void queue.run('call', async () => {
    await Promise.resolve()
    ended.push('one')
  })
  void queue.run('call', async () => ended.push('two'))
  await queue.idle()
  expect(ended).toEqual(['one', 'two'])
})

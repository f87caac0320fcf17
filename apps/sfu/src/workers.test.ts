import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { afterEach, describe, expect, it } from '@jest/globals'
import { aCall, Bench, freePorts, idsOf } from './testing/bench.ts'

let bench: Bench

afterEach(async () => {
  await bench.close()
  expect(bench.errors).toEqual([])
})

/** Kills a worker as the kernel would, and waits until it is replaced. */
async function replaceWorker(): Promise<void> {
  const pid = bench.workerPid()
  process.kill(pid, 'SIGKILL')
  await bench.heard.until('a new worker', () => (isReplaced(pid) ? true : undefined))
}

const isReplaced = (pid: number): boolean => bench.node.workerPids.length > 0 && !bench.node.workerPids.includes(pid)

describe('a worker that dies', () => {
  it('loses all legs on it at once, and the same legs open anew on the next one, on the same port', async () => {
    bench = await Bench.start({ limits: { heartbeatMs: 10 } })
    const callId = aCall()
    const legs = [bench.someone(callId), bench.someone(callId), bench.someone(aCall())]
    for (const leg of legs) await bench.join(leg)
    const pid = bench.workerPid()
    process.kill(pid, 'SIGKILL')
    const lost = await bench.heard.until('all legs lost', () => {
      const reports = bench.heard.reports.filter(({ report }) => report === 'legLost')
      return reports.length === legs.length ? reports : undefined
    })
    const expected = legs.map((leg) => ({ report: 'legLost', node: bench.node.id, ...idsOf(leg), generation: 1 }))
    expect(lost).toEqual(expect.arrayContaining(expected))

    // At once, as a client would that heard of it before the new worker is there.
    const joined = await Promise.all(legs.map((leg) => bench.join(leg, { generation: 2 })))
    expect(joined.map(({ send }) => send.iceCandidates[0]?.port)).toEqual(legs.map(() => bench.port))
    expect(isReplaced(pid)).toBe(true)
    const { workers, routers, transports } = await bench.node.counts()
    expect({ workers, routers, transports }).toEqual({ workers: 1, routers: 2, transports: 8 })
    await Promise.all(legs.map((leg) => bench.speaks(leg, { generation: 2 })))
    await Promise.all(legs.map((leg) => bench.leaves(leg)))
    expect(await bench.node.counts()).toMatchObject({ routers: 0, transports: 0, producers: 0, consumers: 0 })
  })

  it('leaves the calls on other workers alone', async () => {
    bench = await Bench.start({ workers: 2, limits: { heartbeatMs: 10 } })
    const legs = [bench.someone(aCall()), bench.someone(aCall())]
    const joined = await Promise.all(legs.map((leg) => bench.join(leg)))
    const [first, second] = legs
    if (first === undefined || second === undefined) throw new Error('two legs were asked for')
    const firstPid = bench.workerPid()
    const isOnFirst = joined[0]?.send.iceCandidates[0]?.port === bench.port
    const [dies, lives] = isOnFirst ? [first, second] : [second, first]
    process.kill(firstPid, 'SIGKILL')
    const { reports } = bench.heard
    await bench.heard.until('a lost leg', () => reports.find(({ report }) => report === 'legLost'))
    await bench.speaks(lives)
    await bench.join(dies, { generation: 2 })
    const lost = reports.filter(({ report }) => report === 'legLost')
    expect(lost).toEqual([expect.objectContaining(idsOf(dies))])
  })

  it('answers the orders that wait for it with a moment’s trouble', async () => {
    bench = await Bench.start()
    const ann = bench.someone(aCall())
    await bench.join(ann)
    process.kill(bench.workerPid(), 'SIGSTOP')
    const speaking = bench.speaks(ann)
    process.kill(bench.workerPid(), 'SIGKILL')
    await expect(speaking).rejects.toMatchObject({ failure: 'unavailable' })
  })

  it('too often is not started again, and the node says that it is not ready', async () => {
    bench = await Bench.start({ limits: { heartbeatMs: 10, restartsPerMinute: 2 } })
    await replaceWorker()
    await replaceWorker()
    expect(bench.node.isReady).toBe(true)
    process.kill(bench.workerPid(), 'SIGKILL')
    await bench.heard.until('not ready', () => bench.heard.alive.findLast(({ isReady }) => !isReady))
    await expect(bench.join(bench.someone(aCall()))).rejects.toMatchObject({ failure: 'unavailable' })
    expect(bench.node.workerPids).toEqual([])
  })
})

it('kills a worker that has stopped answering, and goes on with a new one', async () => {
  bench = await Bench.start({ limits: { heartbeatMs: 10, watchMs: 50 } })
  const pid = bench.workerPid()
  const ann = bench.someone(aCall())
  await bench.join(ann)
  process.kill(pid, 'SIGSTOP')
  await bench.heard.until('a new worker', () => (isReplaced(pid) ? true : undefined))
  expect(bench.heard.reports).toContainEqual(expect.objectContaining({ report: 'legLost', ...idsOf(ann) }))
  await bench.join(ann, { generation: 2 })
})

it('waits for a port that is about to be free, and says which one when it stays taken', async () => {
  const port = await freePorts(1)
  const holder = createSocket('udp4').bind(port, '127.0.0.1')
  const closed = once(holder, 'close')
  await once(holder, 'listening')
  // Several times as long as a worker takes to start: the second node finds the port taken at first.
  const release = (): unknown => setTimeout(() => holder.close(), 200)
  const tooLate = Bench.start({ port, limits: { bindMs: 100 } })
  await expect(tooLate.finally(release)).rejects.toThrow(`Port ${port} on 127.0.0.1 cannot be opened`)
  bench = await Bench.start({ port, limits: { bindMs: 10_000 } })
  await closed
  expect(bench.port).toBe(port)
})

it('says so when a worker does not start in time', async () => {
  bench = await Bench.start()
  await expect(Bench.start({ limits: { workerStartMs: 0 } })).rejects.toThrow('did not start within 0 ms')
})

it('leaves no process behind', async () => {
  bench = await Bench.start({ workers: 2 })
  const pids = bench.node.workerPids
  await bench.close()
  for (const pid of pids) expect(() => process.kill(pid, 0)).toThrow('ESRCH')
})

/** The process of a crowd: gathers people as its arguments say, tells how much memory each takes, and stays until it is left. */
import { once } from 'node:events'
import { connect } from '@parley/testing'
import type { Gathering } from './crowd.ts'

/** Everybody comes at once. */
const arrivalMs = 60_000

const [connectionString = '', gatherings = '[]'] = process.argv.slice(2)
const left = once(process, 'disconnect')
const people = await connect(connectionString)
const rssBefore = process.memoryUsage.rss()
let here = 0
// Written by crowd.ts.
for (const { groupId, count, speaking } of JSON.parse(gatherings) as Gathering[]) {
  const all = await people.participants(count, { speaking })
  await Promise.all(all.map((person) => person.join({ groupId }, { withinMs: arrivalMs })))
  here += count
}
process.send?.((process.memoryUsage.rss() - rssBefore) / 2 ** 20 / here)
await left
await people.close()

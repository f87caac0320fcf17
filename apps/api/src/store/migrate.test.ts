import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import pg from 'pg'
import { migrate, readMigrations, type Migration } from './migrate.ts'
import { scratchDatabase, type ScratchDatabase } from './scratch.ts'

let database: ScratchDatabase
let client: pg.Client

beforeAll(async () => {
  database = await scratchDatabase()
  client = new pg.Client(database.url)
  await client.connect()
}, 60_000)
afterAll(async () => {
  await client.end()
  await database.stop()
}, 60_000)
beforeEach(async () => {
  await client.query('DROP SCHEMA public CASCADE; CREATE SCHEMA public')
})

const migration = (name: string, sql: string, checksum = name): Migration => ({ name, sql, checksum })
const names = readMigrations().map(({ name }) => name)
const first = migration('0001_a', 'CREATE TABLE a (id int)')

describe('migrating', () => {
  it('applies everything in order to an empty database, and nothing the second time', async () => {
    expect(names[0]).toBe('0001_first')
    expect(await migrate(database.url)).toEqual(names)
    expect(await migrate(database.url)).toEqual([])
  })

  it('is done by one of those that start at once', async () => {
    const applied = await Promise.all([1, 2, 3, 4].map(() => migrate(database.url)))
    expect(applied.filter((one) => one.length > 0)).toEqual([names])
  })

  it('applies what is new only', async () => {
    await migrate(database.url, [first])
    expect(await migrate(database.url, [first, migration('0002_b', 'CREATE TABLE b (id int)')])).toEqual(['0002_b'])
  })

  it('keeps nothing of a migration that fails, and all of those before', async () => {
    const broken = migration('0002_b', 'CREATE TABLE b (id int); CREATE TABLE nonsense (')
    await expect(migrate(database.url, [first, broken])).rejects.toMatchObject({
      name: 'StoreFailure',
      kind: 'notMigrated',
      message: expect.stringContaining('0002_b'),
    })
    const { rows } = await client.query(`SELECT to_regclass('a') AS a, to_regclass('b') AS b`)
    expect(rows).toEqual([{ a: 'a', b: null }])
    expect(await migrate(database.url, [first])).toEqual([])
  })

  it('refuses a database that another content or a newer version has made', async () => {
    await migrate(database.url, [first])
    const changed = migration(first.name, first.sql, 'another')
    await expect(migrate(database.url, [changed])).rejects.toMatchObject({ kind: 'changedSince' })
    await expect(migrate(database.url, [])).rejects.toMatchObject({ kind: 'newerThanUs' })
  })

  it('says in one sentence that the database is not there, without its password', async () => {
    const failed: unknown = await migrate('postgresql://ann:secret@127.0.0.1:1/calls').catch((error: unknown) => error)
    expect(failed).toMatchObject({ kind: 'unreachable', message: expect.stringContaining('ECONNREFUSED') })
    expect(String(failed)).not.toContain('secret')
  })
})

describe('the tables', () => {
  // The SQL says more than Prisma's schema can, so it is written by hand; here the two are held together.
  it("have the columns that Prisma's schema names, with its types", async () => {
    await migrate(database.url)
    const { rows } = await client.query<{
      table_name: string
      column_name: string
      udt_name: string
      is_nullable: string
    }>(
      `SELECT table_name, column_name, udt_name, is_nullable FROM information_schema.columns
       WHERE table_schema = 'public' AND table_name <> 'migration'`,
    )
    const inDatabase = rows.map((row) => {
      const isOptional = row.is_nullable === 'YES' ? '?' : ''
      return `${row.table_name}.${row.column_name} ${row.udt_name}${isOptional}`
    })
    const schema = readFileSync(new URL('../../../../prisma/schema.prisma', import.meta.url), 'utf8')
    expect(inDatabase.toSorted()).toEqual(columnsOf(schema).toSorted())
  })
})

// prettier-ignore
const types = new Map([
  ['String', 'text'], ['String @db.Uuid', 'uuid'], ['String[]', '_text'], ['Int', 'int4'], ['Json', 'jsonb'],
  ['Json @db.Json', 'json'],
  ['Boolean', 'bool'], ['DateTime @db.Timestamptz(3)', 'timestamptz'], ['DateTime @db.Timestamptz(6)', 'timestamptz'],
])

/** `table.column type`, with a question mark where it may be null, of all columns of a Prisma schema. */
function columnsOf(schema: string): string[] {
  const models = [...schema.matchAll(/^model (\w+)/gm)].map(([, model = '']) => model)
  return [...schema.matchAll(/^model \w+ \{\n(.*?)^\}/gms)].flatMap(([, body = '']) => {
    const table = /@@map\("(\w+)"\)/.exec(body)?.[1]
    const fields = body.split('\n').filter((line) => /^ {2}\w/.test(line))
    // A field whose type is a model is a relation, and no column.
    const columns = fields.filter((line) => !models.includes(/^ {2}\w+ +(\w+)/.exec(line)?.[1] ?? ''))
    return columns.map((line) => {
      const [field = '', type = ''] = line.trim().split(/ +/)
      const column = /@map\("(\w+)"\)/.exec(line)?.[1] ?? field
      const native = /@db\.\S+/.exec(line)?.[0]
      const wanted = [type.replace('?', ''), native].filter(Boolean).join(' ')
      return `${table}.${column} ${types.get(wanted) ?? wanted}${type.endsWith('?') ? '?' : ''}`
    })
  })
}

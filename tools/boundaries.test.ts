import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { inRoot, node } from './setup/places.mjs'

/** A file of a small house like ours, one thing that it imports, and the rules that this breaks (none: it is allowed). */
// prettier-ignore
const imports: [file: string, imported: string, ...broken: string[]][] = [
  ['libs/call/src/a.ts',              '@parley/protocol'],
  ['libs/call/src/b.ts',              '@parley/bus',                       'libs/call-imports'],
  ['libs/call/src/c.ts',              'node:fs',                           'runs-in-a-browser'],
  ['libs/call/src/c.test.ts',         'node:fs'],
  ['libs/call/src/d.ts',              'fs',                                'runs-in-a-browser'],
  ['libs/call/src/e.ts',              '@parley/protocol/src/inside.ts',    'resolves'],
  ['libs/call/src/f.ts',              '../../protocol/src/inside.ts',      'only-the-front-door', 'by-name-not-by-path'],
  ['libs/call/src/g.ts',              '../../protocol/src/index.ts',       'by-name-not-by-path'],
  ['libs/call/src/round.ts',          './trip.ts',                         'no-cycles'],
  ['libs/protocol/src/a.ts',          '@parley/call',                      'libs/protocol-imports'],
  ['libs/protocol/src/b.ts',          'zod/mini'],
  ['libs/protocol/src/z.ts',          'zod',                               'zod-is-mini'],
  ['libs/protocol/src/c.ts',          'pino',                              'listed-dependencies'],
  ['libs/protocol/src/d.ts',          'not-installed',                     'resolves'],
  ['libs/identity/src/a.ts',          'node:crypto'],
  ['libs/calling-sdk/src/a.ts',       'node:fs',                           'runs-in-a-browser'],
  ['libs/calling-sdk/src/b.ts',       '@parley/identity',                  'libs/calling-sdk-imports'],
  ['libs/testing/src/a.ts',           '@parley/calling-sdk'],
  ['libs/testing/src/b.ts',           'node:dgram'],
  ['libs/testing/src/c.ts',           '@parley/identity',                  'libs/testing-imports'],
  ['libs/testing/src/d.ts',           '@parley/calling-sdk/link'],
  ['libs/testing/src/e.ts',           '@parley/protocol/link',             'only-the-front-door'],
  ['apps/web/src/a.ts',               '@parley/calling-sdk'],
  ['apps/web/src/b.ts',               '@parley/protocol',                  'apps/web-imports'],
  ['apps/api/src/calls/a.ts',         '@parley/call'],
  ['apps/api/src/calls/b.ts',         '@parley/sfu',                       'apps/api-imports'],
  ['apps/api/src/calls/c.ts',         'pg',                                'database-in-the-store-only'],
  ['apps/api/src/calls/d.ts',         '@prisma/client',                    'database-in-the-store-only'],
  ['apps/api/src/calls/e.ts',         '../store/generated/client.ts',      'database-in-the-store-only'],
  ['apps/api/src/store/a.ts',         '@prisma/client'],
  ['apps/api/src/store/b.ts',         './generated/client.ts'],
  ['apps/sfu/src/a.ts',               '@parley/bus'],
  ['apps/sfu/src/b.ts',               '@parley/call',                      'apps/sfu-imports'],
  ['apps/sfu/src/c.ts',               '@parley/api',                       'apps/sfu-imports'],
  ['apps/sfu/src/d.ts',               '@nestjs/common',                    'sfu-knows-orders-only', 'listed-dependencies'],
  ['apps/all/src/a.ts',               '@parley/sfu'],
  ['apps/all/src/b.ts',               '@parley/call',                      'apps/all-imports'],
  ['libs/newcomer/src/a.ts',          '@parley/protocol',                  'libs/newcomer-imports'],
  ['test/flows/a.test.ts',            '@parley/api'],
  ['test/flows/b.test.ts',            '../../apps/api/src/calls/a.ts',     'tests-use-the-front-door'],
]

const packages = ['protocol', 'call', 'bus', 'identity', 'calling-sdk', 'testing', 'newcomer'].map(
  (name) => `libs/${name}`,
)
packages.push(...['api', 'sfu', 'web', 'all'].map((name) => `apps/${name}`))
const fromNpm = ['pino', 'pg', '@prisma/client', '@nestjs/common', 'zod']
const listed: Record<string, string[]> = { 'libs/protocol': ['zod'], 'apps/api': ['pg', '@prisma/client'] }

describe('the import boundaries', () => {
  const house = mkdtempSync(join(tmpdir(), 'parley-boundaries-'))
  let broken: Map<string, string[]>

  beforeAll(async () => {
    build(house)
    broken = await violations(house)
  })
  afterAll(() => rmSync(house, { recursive: true }))

  for (const [file, imported, ...rules] of imports) {
    it(`${rules.length > 0 ? 'forbid' : 'allow'} that ${file} imports ${imported}`, () => {
      expect(broken.get(file) ?? []).toEqual(rules.toSorted())
    })
  }

  it('find nothing else', () => {
    const named = new Set(imports.map(([file]) => file))
    expect([...broken.keys()].filter((file) => !named.has(file))).toEqual([])
  })
})

function build(house: string): void {
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(house, path)), { recursive: true })
    writeFileSync(join(house, path), text)
  }
  mkdirSync(join(house, 'node_modules/@parley'), { recursive: true })
  for (const folder of packages) {
    const name = folder.replace(/^.*\//, '@parley/')
    const dependencies = Object.fromEntries((listed[folder] ?? []).map((dependency) => [dependency, '*']))
    const exports = {
      '.': { '@parley/source': './src/index.ts' },
      './link': { '@parley/source': './src/link/index.ts' },
    }
    write(`${folder}/package.json`, JSON.stringify({ name, exports, dependencies }))
    for (const file of ['index', 'inside', 'link/index']) write(`${folder}/src/${file}.ts`, 'export const it = 1\n')
    symlinkSync(join(house, folder), join(house, 'node_modules', name))
  }
  for (const name of fromNpm) {
    const exports = { '.': './index.js', './mini': './mini/index.js' }
    write(`node_modules/${name}/package.json`, JSON.stringify({ name, exports }))
    for (const file of ['index', 'mini/index']) write(`node_modules/${name}/${file}.js`, 'export const it = 1\n')
  }
  write('package.json', '{}')
  write('apps/api/src/store/generated/client.ts', 'export const it = 1\n')
  write('libs/call/src/trip.ts', "import { its } from './round.ts'\nexport const it = its\n")
  for (const [file, imported] of imports) write(file, `import { it } from '${imported}'\nexport const its = it\n`)
}

/** The names of the rules that each file breaks. */
function violations(house: string): Promise<Map<string, string[]>> {
  const cruise = [inRoot('node_modules/.bin/depcruise'), 'libs', 'apps', 'test']
  const config = ['--config', inRoot('.dependency-cruiser.mjs'), '--output-type', 'json']
  return new Promise((resolve, reject) => {
    // Its exit code counts the violations, so only an answer that is no JSON is a failure.
    execFile(
      node,
      [...cruise, ...config],
      { cwd: house, maxBuffer: 1e8, timeout: 60_000 },
      (_error, stdout, stderr) => {
        if (!stdout.startsWith('{')) return reject(new Error(stderr))
        const { violations } = JSON.parse(stdout).summary as { violations: { from: string; rule: { name: string } }[] }
        const byFile = Map.groupBy(violations, ({ from }) => from)
        resolve(new Map([...byFile].map(([file, found]) => [file, found.map(({ rule }) => rule.name).toSorted()])))
      },
    )
  })
}

// Who may import whom. `npm run check` holds the code to this page; tools/boundaries.test.ts holds this page to its
// promises.
import { existsSync, readdirSync } from 'node:fs'

/**
 * Of our own packages, each imports only these. A package without a line imports none of them, so that a new one gets
 * its line before it gets its first import.
 */
// prettier-ignore
const mayImport = {
  'libs/protocol':    [],
  'libs/call':        ['libs/protocol'],
  'libs/bus':         ['libs/protocol'],
  'libs/identity':    ['libs/protocol'],
  'libs/sip':         [],
  'libs/rtp':         [],
  'libs/calling-sdk': ['libs/protocol'],
  'libs/testing':     ['libs/protocol', 'libs/calling-sdk', 'libs/rtp'],
  'apps/api':         ['libs/protocol', 'libs/call', 'libs/bus', 'libs/identity'],
  'apps/sfu':         ['libs/protocol', 'libs/bus'],
  'apps/sip':         ['libs/protocol', 'libs/bus', 'libs/sip', 'libs/rtp'],
  'apps/web':         ['libs/calling-sdk'],
  'apps/all':         ['libs/protocol', 'libs/bus', 'apps/api', 'apps/sfu', 'apps/sip', 'apps/web'],
}

const packages = ['libs', 'apps'].flatMap((group) =>
  existsSync(group) ? readdirSync(group).map((name) => `${group}/${name}`) : [],
)
const ours = '^(libs|apps)/'
// A contract test is written once, exported, and run by the test of each body.
const tests = '(\\.test|/contract)\\.ts$|^(libs|apps)/[^/]+/(test|src/testing)/'
const generated = '^apps/api/src/store/generated/'
/** What other packages may import: what the index exports, and the SDK's link, for agents without a page. */
const frontDoors = ['^(libs|apps)/[^/]+/src/index\\.ts$', '^libs/calling-sdk/src/link/index\\.ts$']
const inside = (...folders) => `^(${folders.join('|')})/`
const npm = (...names) => `(^|/)node_modules/(${names.join('|')})(/|$)`

const packageBoundaries = packages.map((folder) => ({
  name: `${folder}-imports`,
  comment: `${folder} may import ${mayImport[folder]?.join(', ') || 'nothing'} of ours.`,
  severity: 'error',
  from: { path: inside(folder) },
  to: { path: ours, pathNot: inside(folder, ...(mayImport[folder] ?? [])) },
}))

export default {
  forbidden: [
    {
      name: 'no-cycles',
      comment: 'Two files that need each other are one thought in two places, or a third that has no name yet.',
      severity: 'error',
      from: { pathNot: generated },
      to: { circular: true, pathNot: generated },
    },
    ...packageBoundaries,
    {
      name: 'only-the-front-door',
      comment:
        'Another package is what its index exports, imported by its name. What is not exported there does not exist outside.',
      severity: 'error',
      from: { path: '^(libs|apps)/([^/]+)/' },
      to: { path: ours, pathNot: ['^$1/$2/', ...frontDoors] },
    },
    {
      name: 'by-name-not-by-path',
      comment: 'A path out of the package works here and breaks where the package is installed.',
      severity: 'error',
      from: { path: '^(libs|apps)/([^/]+)/' },
      to: { path: ours, pathNot: '^$1/$2/', dependencyTypes: ['local'] },
    },
    {
      name: 'tests-use-the-front-door',
      comment: 'Flows test through the doors that users have.',
      severity: 'error',
      from: { path: '^(test|tools)/' },
      to: { path: ours, pathNot: frontDoors },
    },
    {
      name: 'database-in-the-store-only',
      comment: 'Law 3: only apps/api/src/store knows Prisma and PostgreSQL.',
      severity: 'error',
      from: { path: ours, pathNot: '^apps/api/src/store/' },
      to: { path: [npm('@prisma', 'prisma', 'pg'), generated] },
    },
    {
      name: 'runs-in-a-browser',
      comment: 'These run in a page, or are pure: nothing of Node.',
      severity: 'error',
      from: {
        path: inside('libs/protocol', 'libs/call', 'libs/calling-sdk', 'apps/web').replace(/$/, 'src/'),
        pathNot: tests,
      },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'zod-is-mini',
      comment:
        "zod/mini says the same in a tenth of the bytes, and the SDK carries the protocol's schemas to browsers.",
      severity: 'error',
      from: {},
      to: { path: npm('zod'), pathNot: '(^|/)node_modules/zod/(v4/)?mini/' },
    },
    {
      name: 'sfu-knows-orders-only',
      comment: 'The sfu carries out orders about opaque ids: no Nest, no tokens, no database.',
      severity: 'error',
      from: { path: inside('apps/sfu') },
      to: { path: npm('@nestjs', 'jsonwebtoken', '@prisma', 'pg') },
    },
    {
      name: 'resolves',
      comment: 'What is imported has to be there.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'listed-dependencies',
      comment: 'A package from npm stands in the package.json of the package that imports it, under dependencies.',
      severity: 'error',
      from: { path: ours, pathNot: [tests, 'vite\\.config\\.(mjs|ts)$'] },
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown', 'npm-dev'] },
    },
  ],
  options: {
    doNotFollow: { path: ['node_modules', '^(libs|apps)/[^/]+/dist/'] },
    exclude: { path: '^(libs|apps)/[^/]+/dist/' },
    // Types count as well: a type of a package's inside is its inside.
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['@parley/source', 'import', 'types', 'node', 'default'],
    },
  },
}

// One Jest for every kind of test; tools/test.mjs picks which of these projects run.
const typescript = {
  extensionsToTreatAsEsm: ['.ts'],
  testEnvironment: 'node',
  testEnvironmentOptions: { customExportConditions: ['@parley/source', 'node', 'node-addons'] },
  modulePathIgnorePatterns: ['<rootDir>/.*/dist/', '<rootDir>/data'],
  transform: {
    '\\.ts$': [
      '@swc/jest',
      {
        swcrc: false,
        jsc: {
          target: 'es2024',
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true },
        },
        module: { type: 'es6' },
      },
    ],
  },
}

export default {
  projects: [
    { ...typescript, displayName: 'unit', testMatch: ['<rootDir>/{libs,apps,tools}/**/*.test.ts'] },
    { ...typescript, displayName: 'flows', testMatch: ['<rootDir>/test/{support,flows}/**/*.test.ts'] },
    { ...typescript, displayName: 'chaos', testMatch: ['<rootDir>/test/chaos/**/*.test.ts'] },
    { ...typescript, displayName: 'load', testMatch: ['<rootDir>/test/load/**/*.test.ts'] },
  ],
}

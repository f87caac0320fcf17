// The SDK as one ES module that a page can import without a build: dist/browser/calling-sdk.js.
import { gzipSync } from 'node:zlib'
import { defineConfig } from 'vite'

/**
 * What the libraries bring along and a page never runs: stand-ins for mediasoup-client's own tests, its handlers for
 * React Native and for Chrome before 111 (the SDK itself asks for more), and the logging of all of them.
 */
const leftOut = [
  [/mediasoup-client\/lib\/(handlers\/(FakeHandler|ReactNative106|Chrome74)|test\/fakeParameters)\.js$/, '{}'],
  [/\/debug\/src\/browser\.js$/, 'Object.assign(() => Object.assign(() => {}, { enabled: false }), {})'],
]
const leaveOut = {
  name: 'leave-out',
  enforce: 'pre',
  load(id) {
    const found = leftOut.find(([path]) => path.test(id))
    return found === undefined ? null : `module.exports = ${found[1]}`
  },
}

/** Says what a page pays for the SDK. tools/checks/sdk-size.mjs holds it to a limit. */
const printSize = {
  name: 'print-size',
  writeBundle(_options, bundle) {
    for (const [name, file] of Object.entries(bundle)) {
      if (file.type === 'chunk') this.info(`${name}: ${(gzipSync(file.code).length / 1000).toFixed(1)} kB gzipped`)
    }
  },
}

export default defineConfig({
  logLevel: 'info',
  plugins: [leaveOut, printSize],
  build: {
    outDir: 'dist/browser',
    target: 'es2022',
    reportCompressedSize: false,
    sourcemap: true,
    lib: { entry: 'src/index.ts', formats: ['es'], fileName: () => 'calling-sdk.js' },
    // Vite leaves the white space of ES modules to whoever bundles them next; nobody bundles this one.
    rolldownOptions: {
      output: { minify: true },
      treeshake: { manualPureFunctions: ['logger.debug', 'logger.warn'] },
    },
  },
})

// The SDK as one ES module that a page can import without a build: dist/browser/calling-sdk.js.
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { defineConfig } from 'vite'

const inSource = (path) => fileURLToPath(new URL(`src/${path}`, import.meta.url))

/**
 * What the libraries bring along and a page never runs: all that mediasoup-client exports beside its device (stand-ins for
 * its own tests among it), its handlers for React Native and for Chrome before 111 (the SDK itself asks for more), and the
 * logging of all of them.
 */
const leftOut = [
  [/mediasoup-client\/lib\/index\.js$/, "require('./Device.js')"],
  [/mediasoup-client\/lib\/handlers\/(ReactNative106|Chrome74)\.js$/, '{}'],
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

/** What the libraries take from other packages, of which a page needs little: that little, in src/bundle/. */
const instead = [
  { find: /^zod\/mini$/, replacement: inSource('bundle/schemas.ts') },
  { find: /^events-alias$/, replacement: inSource('bundle/events.ts') },
]

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
  resolve: { alias: instead },
  build: {
    outDir: 'dist/browser',
    target: 'es2022',
    reportCompressedSize: false,
    sourcemap: true,
    lib: { entry: 'src/index.ts', formats: ['es'], fileName: () => 'calling-sdk.js' },
    // Vite leaves the white space of ES modules to whoever bundles them next; nobody bundles this one.
    rolldownOptions: {
      output: { minify: true },
      // A schema that is written with more than src/bundle/schemas.ts has would not be read at all.
      onLog(level, log, handle) {
        if (log.code === 'IMPORT_IS_UNDEFINED' || log.code === 'MISSING_EXPORT') throw new Error(log.message)
        handle(level, log)
      },
      treeshake: { manualPureFunctions: ['logger.debug', 'logger.warn'] },
    },
  },
})

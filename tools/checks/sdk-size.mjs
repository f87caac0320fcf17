// The browser SDK, gzipped, stays under its limit: size is a feature of it. The goal is 50 kB.
import { existsSync, readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { inRoot } from '../setup/places.mjs'

const limitKb = 68
const file = inRoot('libs/calling-sdk/dist/browser/calling-sdk.js')

if (existsSync(file)) {
  const kb = gzipSync(readFileSync(file)).length / 1000
  const verdict = kb > limitKb ? 'too large' : 'fits'
  console.log(`calling-sdk.js is ${kb.toFixed(1)} kB gzipped, of ${limitKb} kB: ${verdict}.`)
  if (kb > limitKb) process.exitCode = 1
} else {
  console.log('There is no libs/calling-sdk/dist/browser/calling-sdk.js. Run `npm run build` first.')
  process.exitCode = 1
}

/** One real Chromium, shared by all people of a test file. */
import { existsSync } from 'node:fs'
import { chromium, type Browser, type BrowserContext } from 'playwright-core'
import { ears } from './page/ears.ts'
import { eyes } from './page/eyes.ts'
import { meter } from './page/meter.ts'
import { mouth, type Voice } from './page/mouth.ts'
import { referenceTonesHz, tonesHz } from './tones.ts'

// Beside what Playwright itself switches off (updates, sync, throttling of pages in the background).
// prettier-ignore
const flags = [
  '--no-sandbox',                                    // the tests also run as root
  '--use-fake-ui-for-media-stream',                  // microphone and camera are allowed without asking,
  '--use-fake-device-for-media-stream=device-count=2', // and there are some: two of each, and a screen that moves
  '--autoplay-policy=no-user-gesture-required',
  '--allow-loopback-in-peer-connection',             // a machine without a network has no other candidates
  '--disable-quic',
]

export async function openBrowser(): Promise<Browser> {
  const executablePath = process.env.CHROMIUM_BIN ?? '/usr/bin/chromium'
  if (!existsSync(executablePath)) {
    throw new Error(`There is no browser at ${executablePath}. Run \`npm test\`, or name a Chromium in CHROMIUM_BIN.`)
  }
  return chromium.launch({ executablePath, headless: true, args: flags })
}

/** Gives every page of a context a mouth, ears and eyes. */
export async function embody(context: BrowserContext, voice: Voice): Promise<void> {
  await context.addInitScript(mouth, voice)
  await context.addInitScript(ears, {
    meterSource: `(${meter.toString()})(${JSON.stringify([...tonesHz, ...referenceTonesHz])})`,
  })
  await context.addInitScript(eyes)
}

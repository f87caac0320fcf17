/**
 * From the moment at which a callee accepts to the first sound, on both sides, in real pages: beside a call over bare
 * mediasoup. *Warm* has rung for a while, so that everything but the sound is there; *cold* is accepted at once.
 */
import { fileURLToPath } from 'node:url'
import { build } from 'vite'
import type { Browser, Page } from 'playwright-core'
import { AppServer } from '../support/app-server.ts'
import { openBrowser } from '../support/browser.ts'
import { mouth } from '../support/page/mouth.ts'
import type { Platform } from '../support/platform.ts'
import { newUser, type User } from './agent.ts'
import { sdkSide } from './page/sdk-side.ts'
import { ear, hearing } from './page/hearing.ts'
import { Reference } from './reference.ts'
import { lineOf, takeTurns, type Measured, type Taken } from './rounds.ts'

const rounds = 7
/** How long a warm call has rung. */
const warmMs = 1_500
const limitMs = 10_000

type Stage = { browser: Browser; app: AppServer }
type Pair = { caller: Person; callee: Person }
type Person = { page: Page; id: string }
type Sound = { atCallee: number; atCaller: number }

export async function acceptToFirstSound(platform: Platform): Promise<Measured> {
  const [browser, app, reference] = await Promise.all([openBrowser(), AppServer.open(), Reference.start('media')])
  try {
    const stage = { browser, app }
    const pairs = { ours: await sdkPair(stage, platform), reference: await rawPair(stage, reference) }
    const measure = (afterMs: number) =>
      takeTurns(rounds, {
        ours: () => oneCall(pairs.ours, afterMs),
        reference: () => oneCall(pairs.reference, afterMs),
      })
    const lines = [...linesOf('warm', await measure(warmMs)), ...linesOf('cold', await measure(0))]
    return { lines, remarks: [`${rounds} calls of each kind, in turns; a warm one has rung for ${warmMs / 1000} s`] }
  } finally {
    await Promise.all([browser.close(), app.close(), reference.stop()])
  }
}

function linesOf(kind: string, { ours, reference }: Taken<Sound>) {
  const inMs = (value: number): string => `${Math.round(value)} ms`
  const line = (what: string, of: (sound: Sound) => number) =>
    lineOf(`accept to first sound ${what}, ${kind}`, { ours: ours.map(of), reference: reference.map(of) }, inMs)
  return [line('at the callee', ({ atCallee }) => atCallee), line('at the caller', ({ atCaller }) => atCaller)]
}

async function oneCall({ caller, callee }: Pair, afterMs: number): Promise<Sound> {
  const pages = [callee.page, caller.page] as const
  await Promise.all(pages.map((page) => page.evaluate((limitMs) => silence(limitMs), limitMs)))
  const [acceptedAt, atCallee, atCaller] = await Promise.all([
    callee.page.evaluate((afterMs) => side.accept(afterMs), afterMs),
    callee.page.evaluate((limitMs) => soundBegins(limitMs), limitMs),
    caller.page.evaluate((limitMs) => soundBegins(limitMs), limitMs),
    caller.page.evaluate((whom) => side.call(whom), callee.id),
  ])
  await callee.page.evaluate(() => side.hangUp())
  await Promise.all(pages.map((page) => page.evaluate(() => side.ended())))
  return { atCallee: atCallee - acceptedAt, atCaller: atCaller - acceptedAt }
}

/** Two people whose calls Parley's SDK makes. */
async function sdkPair(stage: Stage, platform: Platform): Promise<Pair> {
  const [ann, bob] = [await newUser(platform), await newUser(platform)]
  const open = async (toneHz: number, { id, token }: User): Promise<Person> => {
    const page = await openPage(stage, { toneHz, script: `(${sdkSide.toString()})()` })
    await page.evaluate((to) => side.arrive(to), { server: platform.url, who: id, token })
    return { page, id }
  }
  return { caller: await open(440, ann), callee: await open(660, bob) }
}

/** Two people whose calls are mediasoup's alone. */
async function rawPair(stage: Stage, reference: Reference): Promise<Pair> {
  const script = await bundle('page/raw-side.ts')
  const open = async (toneHz: number, who: string): Promise<Person> => {
    const page = await openPage(stage, { toneHz, script })
    await page.evaluate((to) => side.arrive(to), { server: reference.socketUrl, who })
    return { page, id: who }
  }
  return { caller: await open(970, 'ann'), callee: await open(1190, 'bob') }
}

/** A page with a voice, ears, and a side of a call. */
async function openPage(
  { browser, app }: Stage,
  { toneHz, script }: { toneHz: number; script: string },
): Promise<Page> {
  const context = await browser.newContext()
  await context.addInitScript(mouth, { toneHz, picture: { width: 320, height: 180 } })
  await context.addInitScript(hearing, { earSource: `(${ear.toString()})()` })
  const page = await context.newPage()
  await page.goto(app.originOf(`hz${toneHz}`))
  await page.addScriptTag({ content: script })
  return page
}

/** A module of page/ and what it imports, as one script. */
async function bundle(entry: string): Promise<string> {
  const input = fileURLToPath(new URL(entry, import.meta.url))
  const built = await build({
    configFile: false,
    logLevel: 'error',
    build: { write: false, minify: false, lib: { entry: input, formats: ['iife'], name: 'bench' } },
  })
  const [output] = Array.isArray(built) ? built : []
  const [chunk] = output?.output ?? []
  if (chunk?.type !== 'chunk') throw new Error(`${entry} was not bundled.`)
  return chunk.code
}

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Browser, Page } from 'playwright-core'
import { AppServer } from '../support/app-server.ts'
import { openBrowser } from '../support/browser.ts'
import { setStage } from '../support/stage.ts'
import { soonMs } from '../support/until.ts'

const readme = readFileSync(fileURLToPath(new URL('../../README.md', import.meta.url)), 'utf8')
const tenLines = /```js\n(import \{ CallClient \}[\s\S]*?)```/.exec(readme)?.[1] ?? ''

describe("the README's first call", () => {
  const stage = setStage()
  let browser: Browser
  const apps: AppServer[] = []
  beforeAll(async () => {
    browser = await openBrowser()
  })
  afterAll(async () => {
    await browser.close()
    await Promise.all(apps.map((app) => app.close()))
  })

  it('is ten lines of code', () => {
    const lines = tenLines.split('\n').filter((line) => line.trim() !== '' && !line.trim().startsWith('//'))
    expect(lines.length).toBeGreaterThan(5)
    expect(lines.length).toBeLessThanOrEqual(10)
  })

  it("connects two pages of somebody's own when it is run as written", async () => {
    // Only the address is another one, since the tests have a port of their own.
    const written = tenLines.replaceAll('http://localhost:8080', stage.platform.url)
    const whoOnlyAnswers = written.slice(0, written.indexOf('const call ='))
    const bob = await openPage(`${whoOnlyAnswers}\nglobalThis.me = user`)
    const bobsId = await (await bob.waitForFunction(() => globalThis.me, undefined, { timeout: soonMs })).jsonValue()

    const ann = await openPage(`const bob = '${bobsId}'\n${written}`)
    await ann.waitForEvent('console', {
      timeout: soonMs,
      predicate: (message) => message.text().startsWith('Connected'),
    })
  })

  async function openPage(script: string): Promise<Page> {
    const app = await AppServer.open(`<script type="module">${script}</script>`)
    apps.push(app)
    const page = await (await browser.newContext()).newPage()
    await page.goto(app.originOf('app'), { waitUntil: 'commit' })
    return page
  }
})

declare global {
  var me: string | undefined
}

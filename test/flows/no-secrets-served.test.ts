import { describe, expect, it } from '@jest/globals'
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { openBrowser } from '../support/browser.ts'
import { setStage } from '../support/stage.ts'
import { soonMs } from '../support/until.ts'

const webDist = fileURLToPath(new URL('../../apps/web/dist', import.meta.url))

describe('what is served', () => {
  const stage = setStage()

  /** The access key in every form in which it could slip out. */
  function secrets(): string[] {
    const key = Buffer.from(stage.platform.accessKey, 'base64')
    const own = ['signing-keys.json', 'access-key'].map((name) =>
      readFileSync(join(stage.platform.dataDir, name), 'utf8'),
    )
    const privateParts = [...own.join('\n').matchAll(/"d": *"([^"]+)"/g)].map(([, d = '']) => d)
    return [
      stage.platform.accessKey,
      encodeURIComponent(stage.platform.accessKey),
      key.toString('base64url'),
      key.toString('hex'),
      key.toString('latin1'),
      ...privateParts,
    ]
  }

  it('holds no secret: pages, scripts, maps, documents, health, metrics, keys', async () => {
    const { platform } = stage
    const files = readdirSync(webDist, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => `/${relative(webDist, join(entry.parentPath, entry.name))}`)
    const doors = ['/', '/docs', '/docs-json', '/openapi.json', '/health', '/ready', '/metrics', '/sdk/calling-sdk.js']
    const others = ['/.well-known/jwks.json', '/demo/people', '/no-such-page', '/sdk/calling-sdk.js.map']
    const served: Record<string, string> = {}
    for (const path of [...doors, ...others, ...files]) {
      const answer = await fetch(platform.url + path)
      served[path] =
        `${JSON.stringify([...answer.headers])} ${Buffer.from(await answer.arrayBuffer()).toString('latin1')}`
    }
    served['/demo/identities'] = await (
      await fetch(`${platform.url}/demo/identities`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ name: 'Ann' }),
      })
    ).text()
    expect(Object.values(served).join('').length).toBeGreaterThan(100_000)
    expect(leaks(served)).toEqual([])
  })

  it('holds no secret when a page is used: every answer and every frame of the socket', async () => {
    const browser = await openBrowser()
    const served: Record<string, string> = {}
    try {
      const page = await (await browser.newContext()).newPage()
      page.on('websocket', (socket) =>
        socket.on('framereceived', ({ payload }) => {
          served[socket.url()] = `${served[socket.url()] ?? ''}\n${payload.toString()}`
        }),
      )
      const bodies: Promise<void>[] = []
      page.on('response', (answer) => {
        const keep = (body: Buffer) => void (served[answer.url()] = body.toString('latin1'))
        bodies.push(answer.body().then(keep, () => {})) // a redirect or an aborted one has no body
      })
      await page.goto(platformUrl())
      await page.getByRole('textbox', { name: 'Your name' }).fill('Ann')
      const connected = page.waitForEvent('websocket', { timeout: soonMs })
      await page.getByRole('button', { name: 'Continue', exact: true }).click()
      await (await connected).waitForEvent('framereceived', { timeout: soonMs })
      await Promise.all(bodies)
    } finally {
      await browser.close()
    }
    expect(Object.keys(served).some((url) => url.startsWith('ws'))).toBe(true)
    expect(leaks(served)).toEqual([])
  })

  it('would be found if it were there', () => {
    expect(leaks({ '/leak': `x${stage.platform.accessKey}x` })).toEqual(['/leak'])
  })

  it('is not to be had by asking for the files of DATA_DIR', async () => {
    for (const path of [
      '/data/access-key',
      '/../data/access-key',
      '/%2e%2e/data/access-key',
      '/sdk/../../data/access-key',
    ]) {
      const answer = await fetch(platformUrl() + path)
      expect(leaks({ [path]: await answer.text() })).toEqual([])
    }
  })

  function platformUrl(): string {
    return stage.platform.url
  }

  function leaks(served: Record<string, string>): string[] {
    const found = secrets()
    return Object.entries(served).flatMap(([url, text]) => (found.some((secret) => text.includes(secret)) ? [url] : []))
  }
})

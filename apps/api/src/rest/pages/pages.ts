/** The built web page at `/` and the SDK as one ES module at `/sdk/calling-sdk.js`. */
import { existsSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import fastifyStatic, { type FastifyStaticOptions } from '@fastify/static'
import type { NestFastifyApplication } from '@nestjs/platform-fastify'
import type { FastifyReply } from 'fastify'
import type { Settings } from '../../settings.ts'
import type { Headers } from '../security-headers.ts'

export type PageSettings = Pick<Settings, 'isDemoOn' | 'webDir' | 'sdkFile'>

/** Asks again each time, and is told "not changed": a new build is seen at once. */
const revalidate = 'no-cache'
const aYear = 'public, max-age=31536000, immutable'

/** Only files that are there are routes, so that every other path stays with the API and its error form. */
const common = { wildcard: false, decorateReply: false, cacheControl: false } satisfies Partial<FastifyStaticOptions>

/** Serves what is built; `headers` go with every page. */
export async function servePages(app: NestFastifyApplication, settings: PageSettings, headers: Headers): Promise<void> {
  await serveSdk(app, settings.sdkFile)
  if (!settings.isDemoOn)
    return plainPage(app, 'The demo phone is switched off on this server. DEMO=on switches it on.')
  if (!existsSync(join(settings.webDir, 'index.html'))) {
    return plainPage(app, 'The demo phone has not been built yet. Run: npm run build', 503)
  }
  await app.register(fastifyStatic, {
    ...common,
    root: settings.webDir,
    setHeaders: (reply, path) => {
      // The build names its assets after their content.
      const isNamedByContent = relative(settings.webDir, path).startsWith('assets')
      reply.headers({ ...headers, 'cache-control': isNamedByContent ? aYear : revalidate })
    },
  })
}

async function serveSdk(app: NestFastifyApplication, sdkFile: string): Promise<void> {
  if (!existsSync(sdkFile)) return
  await app.register(fastifyStatic, {
    ...common,
    root: dirname(sdkFile),
    prefix: '/sdk/',
    globIgnore: ['**/*.d.ts'],
    index: false,
    setHeaders: (reply) => void reply.header('cache-control', revalidate),
  })
}

function plainPage(app: NestFastifyApplication, sentence: string, status = 200): void {
  app
    .getHttpAdapter()
    .getInstance()
    .get('/', async (_request, reply: FastifyReply) =>
      reply.code(status).type('text/plain; charset=utf-8').send(`${sentence}\n`),
    )
}

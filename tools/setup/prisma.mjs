import { existsSync } from 'node:fs'
import { SetupFailure } from './failure.mjs'
import { inRoot, node, toolEnv } from './places.mjs'
import { run } from './run.mjs'
import { contentStamp, stampOf } from './stamp.mjs'

const schema = inRoot('prisma/schema.prisma')
const generated = inRoot('apps/api/src/store/generated')

/** Generates the database client out of the schema; the result is never committed. */
export async function ensurePrisma() {
  if (!existsSync(schema)) return
  const wanted = contentStamp([schema, inRoot('node_modules/prisma/package.json')])
  if (existsSync(generated) && stampOf('prisma').matches(wanted)) return
  const generate = [inRoot('node_modules/prisma/build/index.js'), 'generate', '--schema', schema]
  const { code, output } = await run(node, generate, { env: toolEnv, limitMs: 120_000 })
  if (code !== 0) throw new SetupFailure(`prisma/schema.prisma does not generate a client:\n${output}`)
  stampOf('prisma').write(wanted)
}

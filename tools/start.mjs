// `npm start`: sets up what is missing, builds what has changed, and runs the app until it or a signal ends it.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { SetupFailure, tell } from './setup/failure.mjs'
import { inRoot, node, root } from './setup/places.mjs'
import { prepare } from './setup/prepare.mjs'
import { exitCode } from './setup/signals.mjs'

await tell(async () => {
  const env = await prepare({ worker: true })
  const main = inRoot('apps/all/dist/main.js')
  if (!existsSync(main)) throw new SetupFailure(`the build made no ${main}.`)
  return runApp(main, env)
})

/** @returns {Promise<number>} the app's exit code */
async function runApp(main, env) {
  const app = spawn(node, ['--enable-source-maps', main], { cwd: root, env, stdio: 'inherit' })
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
    process.on(signal, () => {
      // A terminal sends Ctrl-C to the app as well; forwarded, it would arrive twice and read as impatience.
      if (signal !== 'SIGINT' || !process.stdin.isTTY) app.kill(signal)
    })
  }
  const [code, signal] = await once(app, 'exit')
  return exitCode(code, signal)
}

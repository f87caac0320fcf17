// Builds the mediasoup worker from the sources in its npm package, with Debian's libraries in the place of those that
// the build would download. recipe.mjs says with which changes, and why each.
import {
  appendFile,
  chmod,
  copyFile,
  cp,
  mkdir,
  mkdtemp,
  readFile,
  readdir,
  rename,
  rm,
  writeFile,
} from 'node:fs/promises'
import { createWriteStream } from 'node:fs'
import { availableParallelism, freemem } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { installPackages, updatePackageLists } from '../debian.mjs'
import { SetupFailure } from '../failure.mjs'
import { inRoot } from '../places.mjs'
import { run, succeeds } from '../run.mjs'
import { osRelease, workersDir } from './cached.mjs'
import { progressOf } from './progress.mjs'
import { recipe, standIns } from './recipe.mjs'

/** The hungriest source file takes 470 MiB to compile. */
const bytesPerJob = 0.6e9

/**
 * @param {string} file where the worker shall be; the log of the build is kept beside it
 * @throws {SetupFailure} when something is missing, or the build fails
 */
export async function compileWorker(file) {
  await needBuildTools()
  const jobs = Math.max(1, Math.min(availableParallelism(), Math.floor(availableMemory() / bytesPerJob)))
  const logFile = join(dirname(file), 'build.log')
  console.log(
    `Building the mediasoup worker (it forwards the calls' media) from its npm sources, once for this machine.\n` +
      `This takes 4 to 6 minutes on 2 cores; ${jobs} at a time here. Log: ${logFile}`,
  )
  await removeBuildsCutShort()
  const scratch = await mkdtemp(join(workersDir, scratchPrefix))
  const log = createWriteStream(logFile)
  try {
    const sources = join(scratch, 'worker')
    await cp(inRoot('node_modules/mediasoup/worker'), sources, { recursive: true })
    await putStandIns(join(sources, 'subprojects'), log)
    for (const edit of recipe.edits) await replaceOnce(join(sources, edit.file), edit.from, edit.to)

    const build = join(scratch, 'build')
    await step('meson', ['setup', build, sources, ...recipe.setup], log)
    const progress = progressOf('mediasoup worker')
    await step('ninja', ['-C', build, '-j', String(jobs), recipe.target], log, progress)

    await copyFile(join(build, recipe.target), `${file}.part`)
    await chmod(`${file}.part`, 0o755)
    await rename(`${file}.part`, file)
  } finally {
    log.end()
    await rm(scratch, { recursive: true, force: true })
  }
}

const scratchPrefix = 'build-'

/** The lock is ours, so nobody is working in them. */
async function removeBuildsCutShort() {
  for (const name of await readdir(workersDir)) {
    if (name.startsWith(scratchPrefix)) await rm(join(workersDir, name), { recursive: true, force: true })
  }
}

/** Asks each tool and library itself, not Debian's database: what was installed by hand is as good. */
async function needBuildTools() {
  const missing = []
  for (const [name, proof] of Object.entries(recipe.packages)) {
    if (!(await succeeds(...proof))) missing.push(name)
  }
  if (missing.length > 0) await installPackages(missing, 'building the mediasoup worker')
}

/** Fills the folder that each .wrap file would download into; meson then uses it and downloads nothing. */
async function putStandIns(subprojects, log) {
  for (const name of await readdir(standIns)) {
    const wrap = await readFile(join(subprojects, `${name}.wrap`), 'utf8')
    const folder = join(subprojects, /^directory = (.+)$/m.exec(wrap)?.[1] ?? name)
    await mkdir(folder)
    if (name === 'libsrtp3') await fetchLibsrtp(folder, log)
    await cp(join(standIns, name), folder, { recursive: true })
    const addition = await readFile(join(folder, 'meson.build.append'), 'utf8').catch(() => '')
    await appendFile(join(folder, 'meson.build'), addition)
  }
}

/** Fetches libsrtp's source from the Debian mirror that this machine uses, with apt's own downloader and its proxies. */
async function fetchLibsrtp(folder, log) {
  const { ID, VERSION_ID, PRETTY_NAME } = osRelease()
  const source = ID === 'debian' ? recipe.libsrtp[VERSION_ID] : undefined
  if (!source) {
    throw new SetupFailure(
      `the mediasoup worker can be built on Debian 12 and 13, not on ${PRETTY_NAME}; ` +
        'set MEDIASOUP_WORKER_BIN to the path of one that runs here.',
    )
  }
  const file = `libsrtp2_${source.version}.orig.tar.gz`
  const url = `${await debianMirror()}/pool/main/libs/libsrtp2/${file}`
  const tarball = join(folder, '..', file)
  await step('/usr/lib/apt/apt-helper', ['download-file', url, tarball, `SHA256:${source.sha256}`], log)
  await step('tar', ['-xzf', tarball, '--strip-components=1', '-C', folder], log)
}

/** The archive's address, read off a package that never gets security updates: their archive has no libsrtp2. */
async function debianMirror() {
  const ask = async () => {
    const { output } = await run('apt-get', ['download', '--print-uris', 'libflatbuffers-dev'])
    return /'(\S+)\/pool\/\S+'/.exec(output)?.[1]
  }
  const known = await ask()
  if (known) return known
  await updatePackageLists()
  const found = await ask()
  if (!found) throw new SetupFailure('apt-get does not say where libflatbuffers-dev comes from; run `apt-get update`.')
  return found
}

async function replaceOnce(file, from, to) {
  const parts = (await readFile(file, 'utf8')).split(from)
  if (parts.length !== 2) {
    throw new SetupFailure(
      `${basename(file)} of this mediasoup version contains "${from}" ${parts.length - 1} times instead of once; ` +
        'tools/setup/worker/recipe.mjs has to be looked at again for it.',
    )
  }
  await writeFile(file, parts.join(to))
}

async function step(command, args, log, onOutput) {
  log.write(`\n$ ${[command, ...args].join(' ')}\n`)
  const ended = await run(command, args, {
    onOutput: (text) => {
      log.write(text)
      onOutput?.(text)
    },
  })
  if (ended.code === 0) return
  const end = ended.output.trimEnd().split('\n').slice(-15).join('\n')
  throw new SetupFailure(`${basename(command)} failed while building the mediasoup worker (log: ${log.path}):\n${end}`)
}

/** What this process may use, in bytes; a container's limit counts where Node knows it (20.13 and up). */
const availableMemory = () => process.availableMemory?.() ?? freemem()

import { createHash } from 'node:crypto'
import { readFileSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** One folder per library that mediasoup would download, named as its .wrap file: what is put in its place. */
export const standIns = fileURLToPath(new URL('stand-ins/', import.meta.url))

/**
 * How a worker is made of mediasoup's own sources, its own meson.build and Debian's libraries. This is data, so that
 * its hash tells whether a worker in the cache was made in this way; a comment here costs nobody a build.
 */
export const recipe = {
  packages: {
    'g++': ['g++', '--version'],
    'ninja-build': ['ninja', '--version'],
    meson: ['meson', '--version'],
    'pkg-config': ['pkg-config', '--version'],
    'flatbuffers-compiler': ['flatc', '--version'],
    'libssl-dev': ['pkg-config', '--exists', 'openssl'],
    'libuv1-dev': ['pkg-config', '--exists', 'libuv-static'],
    'libflatbuffers-dev': ['pkg-config', '--exists', 'flatbuffers'],
    'libabsl-dev': ['pkg-config', '--exists', 'absl_strings'],
  },

  // libsrtp comes as Debian's source: the packaged library computes with NSS, at up to 4 times the time for AES-CM.
  // By the VERSION_ID of /etc/os-release; the hashes are those that Debian signs.
  libsrtp: {
    12: { version: '2.5.0', sha256: '8a43ef8e9ae2b665292591af62aa1a4ae41e468b6d98d8258f91478735da4e09' },
    13: { version: '2.7.0', sha256: '54facb1727a557c2a76b91194dcb2d0a453aaf8e2d0cbbf1e3c2848c323e28ad' },
  },

  edits: [
    // Debian 12 has meson 1.0.1, and nothing in the build needs more.
    { file: 'meson.build', from: "meson_version: '>= 1.1.0'", to: "meson_version: '>= 1.0.0'" },
    // Debian's OpenSSL has kernel TLS and asks this BIO for it through BIO_ctrl. The callback answers 1 to everything
    // but a bare BIO_CB_RETURN, so OpenSSL believes it has got kernel TLS, and the worker dies at the first handshake.
    {
      file: 'src/RTC/DtlsTransport.cpp',
      from: '(operationType == BIO_CB_RETURN)',
      to: '((operationType & BIO_CB_RETURN) != 0)',
    },
  ],

  setup: ['--wrap-mode=nodownload', '--buildtype=release', '-Db_ndebug=true'],
  target: 'mediasoup-worker',
}

/** Changes whenever the recipe would make another worker. */
export function recipeHash() {
  const hash = createHash('sha256').update(JSON.stringify(recipe))
  const names = readdirSync(standIns, { recursive: true, encoding: 'utf8' })
  for (const name of names.filter((each) => statSync(join(standIns, each)).isFile()).toSorted()) {
    hash.update(name).update(readFileSync(join(standIns, name)))
  }
  return hash.digest('hex').slice(0, 12)
}

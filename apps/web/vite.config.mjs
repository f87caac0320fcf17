import { defaultClientConditions, defineConfig } from 'vite'

export default defineConfig({
  // Our packages are bundled from their sources, so that the page needs no build but its own.
  resolve: { conditions: ['@parley/source', ...defaultClientConditions] },
  build: {
    target: 'es2023',
    // The server's Content-Security-Policy allows files of its own and nothing inline.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
})

import { afterAll } from '@jest/globals'
import type { Settings } from './platform.ts'
import { Proxy } from './proxy.ts'
import { setStage, type Stage } from './stage.ts'

/** A stage whose tokens lead to a proxy, so that a link can be cut while media goes its own way. */
export function setStageBehindProxy(settings: Settings = {}): { readonly stage: Stage; readonly proxy: Proxy } {
  let proxy: Proxy | undefined
  const stage = setStage(async () => {
    proxy = await Proxy.open(() => ({ host: '127.0.0.1', port: Number(new URL(stage.platform.url).port) }))
    return { ...settings, PUBLIC_URL: proxy.url }
  })
  afterAll(() => proxy?.close())
  return {
    stage,
    get proxy(): Proxy {
      if (proxy === undefined) throw new Error('The proxy is not open yet.')
      return proxy
    },
  }
}

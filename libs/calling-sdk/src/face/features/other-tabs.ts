import type { Stop } from '../contract/features.ts'
import { listenTo } from './listen-to.ts'

/** This page; all of its clients are one tab. Not a GUID: those are not to be had in pages that came over http. */
const here = `${Math.random()}`

/**
 * Knows whether another tab of this origin has calling clients too: each says that it is there, answers those who come
 * after it, and says goodbye when its page is closed.
 */
export function watchOtherTabs(changed: () => void): { readonly isAny: boolean; stop: Stop } {
  const others = new Set<string>()
  const channel = new BroadcastChannel('parley-calling-clients')
  const say = (word: string): void => channel.postMessage({ word, tab: here })
  channel.addEventListener('message', ({ data }: MessageEvent<{ word: string; tab: string }>) => {
    if (data.tab === here) return
    const wasAny = others.size > 0
    if (data.word === 'left') others.delete(data.tab)
    else others.add(data.tab)
    if (data.word === 'came') say('here')
    if (wasAny !== others.size > 0) changed()
  })
  say('came')
  const stopListening = listenTo(globalThis.window, ['pagehide'], () => say('left'))
  // A page that the browser brings back out of its cache is there again.
  const stopReturning = listenTo(globalThis.window, ['pageshow'], () => say('came'))
  return {
    get isAny() {
      return others.size > 0
    },
    stop: () => {
      stopListening()
      stopReturning()
      say('left')
      channel.close()
    },
  }
}

import type { Link } from '../link/link.ts'

/**
 * What a page's life means for a link: a page that is closed says goodbye, and one that wakes up, or hears that the
 * network changed, looks whether its link still lives. The returned function stops it.
 */
export function watchPage(origin: string, link: Link): () => void {
  // A string is sent as text/plain, which needs no permission from another origin's server first.
  const leave = (): void => {
    const { session } = link
    if (session !== undefined) {
      navigator.sendBeacon(`${origin}/agent/bye`, JSON.stringify({ session: session.id, key: session.key }))
    }
  }
  const nudge = (): void => link.nudge()
  const wake = (): void => {
    if (document.visibilityState === 'visible') link.nudge()
  }
  window.addEventListener('pagehide', leave)
  window.addEventListener('online', nudge)
  window.addEventListener('offline', nudge)
  document.addEventListener('visibilitychange', wake)
  return () => {
    window.removeEventListener('pagehide', leave)
    window.removeEventListener('online', nudge)
    window.removeEventListener('offline', nudge)
    document.removeEventListener('visibilitychange', wake)
  }
}

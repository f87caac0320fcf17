import type { Stop } from '../contract/features.ts'

/** Listens to something of the browser's; what is not there (a page without devices) is never heard. */
export function listenTo(
  target: EventTarget | null | undefined,
  events: readonly string[],
  listener: () => void,
): Stop {
  for (const event of events) target?.addEventListener(event, listener)
  return () => {
    for (const event of events) target?.removeEventListener(event, listener)
  }
}

/** Two offers that have met: RFC 3261 section 14.1, and RFC 3311 section 5.2 for UPDATE. */

const stepMs = 10

/** How long to wait after a 491: whoever has made the Call-ID waits longer, so that the two do not meet again. */
export function pauseAfterGlare(isOwnerOfCallId: boolean, random: () => number = Math.random): number {
  const [least, most] = isOwnerOfCallId ? [2100, 4000] : [0, 2000]
  return least + stepMs * Math.floor(random() * ((most - least) / stepMs + 1))
}

/** RFC 3261 section 14.2: seconds for the Retry-After of a 500, when an INVITE comes while the last one is unanswered. */
export function retryAfterOverlap(random: () => number = Math.random): number {
  return Math.floor(random() * 11)
}

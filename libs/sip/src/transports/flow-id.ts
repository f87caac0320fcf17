let last = 0

/** Unique in the process, for all kinds of flows together. */
export function newFlowId(): number {
  last += 1
  return last
}
